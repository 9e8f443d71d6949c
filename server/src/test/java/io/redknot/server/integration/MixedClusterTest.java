package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three nodes of either kind in one cluster, formed by redis-cli: three primaries of the one kind,
 * each with a replica of the other.
 */
class MixedClusterTest {
  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private List<NodeProcess> form(NodeKind first) throws IOException, InterruptedException {
    NodeKind second = first == NodeKind.REDIS ? NodeKind.REDKNOT : NodeKind.REDIS;
    List<NodeProcess> all =
        nodes.startAll(
            Stream.of(Collections.nCopies(3, first), Collections.nCopies(3, second))
                .flatMap(List::stream)
                .toList(),
            // Who fails is to come back in its role.
            "cluster-replica-no-failover yes");
    SixNodes.form(all, 1);
    return all;
  }

  @ParameterizedTest(name = "{0} first")
  @EnumSource
  void bothKindsAgreeThroughRedirectsFailuresAndRestarts(NodeKind first) throws Exception {
    List<NodeProcess> all = form(first);
    assertRolesAreAsFormed(all);
    assertEveryNodeSendsClientsToTheOwner(all);
    assertRedisCliIsContent(all);
    failAndReturn(all, all.get(1));
    failAndReturn(all, all.get(4));
    restartKeepsTheCluster(all, all.get(2));
    restartKeepsTheCluster(all, all.get(5));
  }

  private static void assertRolesAreAsFormed(List<NodeProcess> all) throws IOException {
    for (NodeProcess primary : all.subList(0, 3)) {
      Topology.Line line = Topology.nodes(all.getLast()).get(primary.id());
      assertTrue(line != null && line.is("master"), () -> primary + ": " + line);
      String replicas = all.getLast().ask("CLUSTER", "REPLICAS", primary.id()).toString();
      assertEquals(1, replicas.split("slave").length - 1, replicas);
    }
  }

  /** Primaries are of the one kind and replicas of the other: over both orders, all four ways. */
  private static void assertEveryNodeSendsClientsToTheOwner(List<NodeProcess> all)
      throws IOException {
    String[] tags = {Slots.tagIn(0, 5460), Slots.tagIn(5461, 10922), Slots.tagIn(10923, 16383)};
    for (NodeProcess asked : all) {
      for (int owner = 0; owner < 3; owner++) {
        String key = tags[owner];
        String expected =
            asked == all.get(owner)
                ? "$-1"
                : "-MOVED " + Slots.of(key) + " " + all.get(owner).address();
        assertEquals(expected, asked.ask("GET", key).toString(), asked::toString);
      }
    }
  }

  private static void assertRedisCliIsContent(List<NodeProcess> all) throws Exception {
    for (NodeProcess node : List.of(all.getFirst(), all.getLast())) {
      String check = RedisCli.cluster("check", node.address());
      assertTrue(check.contains("[OK] All nodes agree about slots configuration."), check);
      assertTrue(check.contains("[OK] All 16384 slots covered."), check);
    }
  }

  private static void failAndReturn(List<NodeProcess> all, NodeProcess failing) throws IOException {
    String id = failing.id();
    String before = Topology.nodes(all.getFirst()).toString();
    List<NodeProcess> others = new ArrayList<>(all);
    others.remove(failing);
    failing.kill();
    Topology.awaitFlag(others, id, "fail", true);
    failing.start();
    Topology.awaitFlag(all, id, "fail", false);
    Topology.awaitAgreement(all);
    assertEquals(before, Topology.nodes(all.getFirst()).toString());
  }

  private static void restartKeepsTheCluster(List<NodeProcess> all, NodeProcess node)
      throws IOException {
    String id = node.id();
    String before = Topology.nodes(all.getFirst()).toString();
    assertEquals(0, node.terminate(), node::log);
    node.start();
    assertEquals(id, node.id());
    Topology.awaitAgreement(all);
    assertEquals(before, Topology.nodes(all.getFirst()).toString());
  }
}
