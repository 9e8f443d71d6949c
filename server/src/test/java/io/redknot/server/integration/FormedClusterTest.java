package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Six Redknot nodes, administered with stock redis-cli. */
@ExtendWith(SixNodes.class)
class FormedClusterTest {
  private final SixNodes.Cluster cluster;

  FormedClusterTest(SixNodes.Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void redisCliCreatesTheClusterAndFindsItInOrder() throws Exception {
    assertTrue(cluster.formingLog().contains("[OK] All 16384 slots covered."));
    NodeProcess any = cluster.nodes().getLast();
    String check = RedisCli.cluster("check", any.address());
    assertTrue(check.contains("[OK] All nodes agree about slots configuration."), check);
    assertTrue(check.contains("[OK] All 16384 slots covered."), check);
    String info = RedisCli.cluster("info", any.address());
    assertTrue(info.contains("[OK] 0 keys in 3 masters."), info);
    for (NodeProcess primary : cluster.primaries()) {
      assertTrue(info.contains(primary.address()), info);
      assertEquals(1, replicasOf(primary), primary::toString);
    }
  }

  private static long replicasOf(NodeProcess primary) throws IOException {
    return primary.ask("CLUSTER", "REPLICAS", primary.id()).items().size();
  }

  @Test
  void redisCliFollowsRedirectsOverAllPrimaries() throws Exception {
    int first = cluster.nodes().getFirst().port();
    for (int i = 0; i < 12; i++) {
      assertEquals("OK", RedisCli.ask(first, "-c", "SET", "cli:" + i, "value " + i));
    }
    int last = cluster.nodes().getLast().port();
    for (int i = 0; i < 12; i++) {
      assertEquals("value " + i, RedisCli.ask(last, "-c", "GET", "cli:" + i));
    }
    assertEquals(12, cluster.keyCount());
    for (NodeProcess primary : cluster.primaries()) {
      assertTrue(primary.ask("DBSIZE").number() > 0, () -> primary + " got none of the keys");
    }
  }

  @Test
  void killedNodeIsMarkedFailedByAllAndClearedWhenItIsBack() throws Exception {
    NodeProcess killed = cluster.primaries().get(1);
    String id = killed.id();
    killed.kill();
    List<NodeProcess> others = new ArrayList<>(cluster.nodes());
    others.remove(killed);
    Topology.awaitFlag(others, id, "fail", true);
    for (NodeProcess node : others) {
      Waiting.until(node + " stops serving", () -> !node.stateOk());
      assertEquals("5462", node.clusterInfo("cluster_slots_fail"), node::toString);
    }
    killed.start();
    Topology.awaitFlag(cluster.nodes(), id, "fail", false);
    Topology.awaitAgreement(cluster.nodes());
    assertEquals(id, killed.id());
  }

  @Test
  void clusterSurvivesTheRestartOfAllNodes() throws Exception {
    String before = Topology.nodes(cluster.nodes().getFirst()).toString();
    for (NodeProcess node : cluster.nodes()) {
      assertEquals(0, node.terminate(), node::log);
    }
    for (NodeProcess node : cluster.nodes()) {
      node.launch();
    }
    cluster.nodes().forEach(NodeProcess::awaitReady);
    Topology.awaitAgreement(cluster.nodes());
    assertEquals(before, Topology.nodes(cluster.nodes().getFirst()).toString());
  }
}
