package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.ME;
import static io.redknot.cluster.CoreRig.id;
import static io.redknot.cluster.CoreRig.ip;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.PingExtension;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterTextTest {
  @Test
  void nodesTextHasTheColumnsOfRedis() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').adding(new PingExtension.Hostname("host-a")).ping();
    rig.admin(new AdminRequest.SetSlot(List.of("100", "migrating", id('a'))));
    rig.admin(new AdminRequest.SetSlot(List.of("5461", "importing", id('a'))));
    rig.say('b').fail('a');
    String[] lines = ClusterNodesText.render(rig.view(), false).split("\n", -1);
    assertEquals(4, lines.length);
    assertEquals("", lines[3]);
    NodeView self = rig.view().myself();
    assertEquals(
        id(ME)
            + " "
            + ip(ME)
            + ":1@10001 myself,master - 0 "
            + self.pongReceivedMs()
            + " 1 connected 0-5460 [100->-"
            + id('a')
            + "] [5461-<-"
            + id('a')
            + "]",
        lines[0]);
    NodeView a = rig.node('a');
    assertEquals(
        id('a')
            + " "
            + ip('a')
            + ":1@10001,host-a master,fail - "
            + a.pingSentMs()
            + " "
            + a.pongReceivedMs()
            + " 2 connected 5461-10922",
        lines[1]);
    assertEquals(lines[1], ClusterNodesText.line(rig.view(), 1, false));
    assertTrue(ClusterNodesText.line(rig.view(), 1, true).contains(":0@10001"));
  }

  @Test
  void replicaLineShowsThePrimaryAndItsEpoch() {
    CoreRig rig = CoreRig.replica();
    String line = ClusterNodesText.line(rig.view(), rig.view().find(id('d')), false);
    assertTrue(line.contains(" slave " + id('a') + " "), line);
    assertTrue(line.endsWith(" 1 connected"), line);
  }

  @Test
  void infoTextHasTheLinesOfRedisInOrder() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('b').fail('a');
    String[] lines = ClusterInfoText.render(rig.view()).split("\r\n", -1);
    assertEquals(
        List.of(
            "cluster_state:fail",
            "cluster_slots_assigned:16384",
            "cluster_slots_ok:10922",
            "cluster_slots_pfail:0",
            "cluster_slots_fail:5462",
            "cluster_known_nodes:3",
            "cluster_size:3",
            "cluster_current_epoch:3",
            "cluster_my_epoch:1"),
        List.of(lines).subList(0, 9));
    assertTrue(lines[9].startsWith("cluster_stats_messages_ping_sent:"), lines[9]);
    assertTrue(lines[10].startsWith("cluster_stats_messages_sent:"), lines[10]);
    assertTrue(lines[11].startsWith("cluster_stats_messages_pong_received:"), lines[11]);
    assertEquals("cluster_stats_messages_fail_received:1", lines[12]);
    assertEquals("total_cluster_links_buffer_limit_exceeded:0", lines[14]);
    assertEquals("", lines[15]);
  }

  @Test
  void viewAnswersTheRouter() {
    CoreRig rig = CoreRig.replica();
    ClusterView view = rig.view();
    assertTrue(view.isMyPrimarys(0));
    assertEquals(view.find(id('b')), view.owner(5461));
    assertArrayEquals(
        new int[] {view.myIndex(), view.find(id('d'))}, view.replicasOf(view.find(id('a'))));
    assertArrayEquals(
        new int[] {
          0,
          5460,
          view.find(id('a')),
          5461,
          10922,
          view.find(id('b')),
          10923,
          16383,
          view.find(id('c'))
        },
        view.ownedRanges());
    assertEquals(ip('b'), view.endpoint(view.find(id('b'))));
    assertEquals(8 - 4, view.links().size());
  }

  @Test
  void slotSetsAreSharedBetweenViewsThatDidNotChange() {
    CoreRig rig = CoreRig.threePrimaries();
    ClusterView before = rig.view();
    rig.tick();
    assertSame(before.nodes().get(1).slots(), rig.view().nodes().get(1).slots());
  }

  @Test
  void endpointFollowsThePreferredType() {
    for (EndpointType type : EndpointType.values()) {
      CoreRig rig =
          new CoreRig(
              s -> s.preferredEndpoint(type).announceHostname("me.example"),
              CoreRig.line(ME, "myself,master", '-', 1, ""),
              CoreRig.line('a', "master", '-', 2, ""));
      String mine = rig.view().endpoint(0);
      String other = rig.view().endpoint(1);
      switch (type) {
        case IP -> assertEquals(ip(ME) + ip('a'), mine + other);
        case HOSTNAME -> assertEquals("me.example?", mine + other);
        case UNKNOWN -> assertEquals("", mine + other);
      }
    }
  }
}
