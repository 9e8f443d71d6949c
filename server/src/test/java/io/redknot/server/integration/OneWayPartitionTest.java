package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Messages of the bus that are lost in one direction only, between three primaries and a replica of
 * the first; one of the other primaries is a Redis node. Clients reach every node all the time, and
 * so does the replica its primary's stream.
 */
class OneWayPartitionTest {
  /**
   * So often the others speak to a node, each after a node timeout at most, while it is watched.
   */
  private static final long WATCHED_MESSAGES = 1;

  private static final long PUBLISHED = 40;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private final BusProxy.Network network = new BusProxy.Network();
  private final List<BusProxy> proxies = new ArrayList<>();
  private final List<NodeProcess> all = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();
  private final String tag = Slots.tagIn(0, 5460);

  private NodeProcess primary;
  private NodeProcess replica;
  private int written;

  @BeforeEach
  void formBehindProxies() throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (NodeKind kind :
        List.of(NodeKind.REDKNOT, NodeKind.REDKNOT, NodeKind.REDIS, NodeKind.REDKNOT)) {
      int port = Ports.claim();
      ports.add(port);
      NodeProcess node = nodes.prepare(kind, "cluster-announce-bus-port " + port);
      proxies.add(new BusProxy(network, port, node.busPort()));
      all.add(node.launch());
    }
    primary = all.get(0);
    replica = all.get(3);
    for (int i = 0; i < all.size(); i++) {
      ids.add(all.get(i).awaitReady().id());
      proxies.get(i).standsFor(ids.get(i));
      all.get(i).text("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
    }
    all.get(0).text("CLUSTER", "ADDSLOTSRANGE", "0", "5460");
    all.get(1).text("CLUSTER", "ADDSLOTSRANGE", "5461", "10922");
    all.get(2).text("CLUSTER", "ADDSLOTSRANGE", "10923", "16383");
    for (int i = 1; i < all.size(); i++) {
      String port = Integer.toString(primary.port());
      all.get(i).text("CLUSTER", "MEET", "127.0.0.1", port, Integer.toString(ports.get(0)));
    }
    Waiting.until(
        replica + " follows " + primary,
        () -> replica.ask("CLUSTER", "REPLICATE", ids.get(0)).toString().equals("+OK"));
    Topology.awaitAgreement(all);
    Topology.awaitLinked(replica);
    awaitAllThroughProxies();
  }

  @AfterEach
  void closeProxies() {
    proxies.forEach(BusProxy::close);
  }

  private void awaitAllThroughProxies() {
    Waiting.untilNothing(
        "every node talks to every other one through the proxies",
        () -> {
          for (String from : ids) {
            for (String to : ids) {
              if (!from.equals(to) && network.passed(from, to) < 2) {
                return from + " has not spoken to " + to;
              }
            }
          }
          return "";
        });
  }

  private void hush(NodeProcess from, NodeProcess to) {
    network.cut(ids.get(all.indexOf(from)), ids.get(all.indexOf(to)));
  }

  /** Whether the node acknowledges a write. */
  private boolean acknowledges(NodeProcess node) throws IOException {
    String reply = node.ask("SET", ShardWriter.key(tag, written++), "v").toString();
    assertTrue(
        reply.equals("+OK") || reply.startsWith("-MOVED") || reply.startsWith("-CLUSTERDOWN"),
        reply);
    return reply.equals("+OK");
  }

  private void awaitAcknowledged(NodeProcess node) {
    Waiting.until(node + " takes writes", () -> acknowledges(node));
  }

  private void awaitRefused(NodeProcess node) {
    Waiting.until(node + " refuses writes", () -> !acknowledges(node));
  }

  private void publish() throws IOException {
    all.get(1).text("PUBLISH", "channel", "word");
    all.get(2).text("PUBLISH", "channel", "word");
  }

  private String roleOf(NodeProcess node) throws IOException {
    return node.ask("ROLE").items().getFirst().words();
  }

  /** One after the other in one cluster: what takes the time is to form it. */
  @Test
  void primaryKeepsItsPlaceWhileAMajorityHearsItAndStopsWhenItsSuccessorServes()
      throws IOException {
    awaitAcknowledged(primary);
    oneVoterDoesNotHearIt(all.get(1));
    hearsNobody();
    isNotHeard();
  }

  /**
   * It hears what clients publish at the other primaries, so that it suspects neither, and nothing
   * of its successor.
   */
  private void isNotHeard() throws IOException {
    all.subList(1, 4).forEach(other -> hush(primary, other));
    hush(replica, primary);
    Waiting.until(
        replica + " takes writes",
        () -> {
          publish();
          return acknowledges(replica);
        });
    int first = written - 1;
    Waiting.until(
        primary + " refuses writes",
        () -> {
          publish();
          return !acknowledges(primary);
        });
    assertEquals("master", roleOf(primary), "it does not know of its successor");
    long wanted = network.passed(ids.get(1), ids.get(0)) + PUBLISHED;
    List<String> acknowledged = new ArrayList<>();
    Waiting.until(
        "the others have spoken to it again and again",
        () -> {
          publish();
          assertTrue(!acknowledges(primary), "a second primary acknowledges writes");
          assertTrue(acknowledges(replica));
          acknowledged.add(ShardWriter.key(tag, written - 1));
          return network.passed(ids.get(1), ids.get(0)) >= wanted;
        });
    acknowledged.add(ShardWriter.key(tag, first));
    network.heal();
    Topology.awaitAgreement(all);
    Topology.awaitLinked(primary);
    assertEquals("slave", roleOf(primary));
    for (String key : acknowledged) {
      assertEquals("v", replica.text("GET", key));
    }
  }

  private void oneVoterDoesNotHearIt(NodeProcess voter) throws IOException {
    hush(primary, voter);
    Topology.awaitFlag(List.of(voter), ids.get(0), "fail?", true);
    long wanted = network.passed(ids.get(1), ids.get(2)) + WATCHED_MESSAGES;
    Waiting.until(
        "the voter has told the other one",
        () -> {
          assertTrue(acknowledges(primary));
          return network.passed(ids.get(1), ids.get(2)) >= wanted;
        });
    assertEquals("slave", roleOf(replica));
    network.heal();
    Topology.awaitAgreement(all);
  }

  /** What it says keeps it from being replaced, which it cannot know. */
  private void hearsNobody() throws IOException {
    all.subList(1, 4).forEach(other -> hush(other, primary));
    awaitRefused(primary);
    long wanted = network.passed(ids.get(0), ids.get(1)) + WATCHED_MESSAGES;
    Waiting.until(
        "it has spoken to a voter",
        () -> {
          assertTrue(!acknowledges(primary));
          return network.passed(ids.get(0), ids.get(1)) >= wanted;
        });
    assertEquals("slave", roleOf(replica));
    network.heal();
    awaitAcknowledged(primary);
    Topology.awaitAgreement(all);
  }
}
