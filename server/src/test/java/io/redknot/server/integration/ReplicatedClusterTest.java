package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A cluster of six, each primary of the one kind with a replica of the other, which has its data.
 */
class ReplicatedClusterTest {
  private static final int KEYS = 300;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private List<NodeProcess> form(NodeKind first) throws IOException, InterruptedException {
    NodeKind second = first == NodeKind.REDIS ? NodeKind.REDKNOT : NodeKind.REDIS;
    List<NodeProcess> all =
        nodes.startAll(
            Stream.of(Collections.nCopies(3, first), Collections.nCopies(3, second))
                .flatMap(List::stream)
                .toList(),
            "cluster-replica-no-failover yes");
    SixNodes.form(all, 1);
    return all;
  }

  /** Each primary with the node that follows it. */
  private static Map<NodeProcess, NodeProcess> pairs(List<NodeProcess> all) throws IOException {
    Map<NodeProcess, NodeProcess> pairs = new HashMap<>();
    Map<String, Topology.Line> lines = Topology.nodes(all.getFirst());
    for (NodeProcess replica : all.subList(3, 6)) {
      Topology.Line line = lines.get(replica.id());
      for (NodeProcess primary : all.subList(0, 3)) {
        if (line != null && line.primaryId().equals(primary.id())) {
          pairs.put(primary, replica);
        }
      }
    }
    assertEquals(3, pairs.size(), lines::toString);
    return pairs;
  }

  private static String info(NodeProcess node, String field) throws IOException {
    return node.text("INFO", "replication")
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static void awaitInSync(NodeProcess primary, NodeProcess replica) {
    Waiting.until(
        replica + " is in sync with " + primary,
        () ->
            info(replica, "master_link_status").equals("up")
                && info(primary, "slave0").contains("state=online")
                && info(primary, "master_repl_offset").equals(info(replica, "master_repl_offset"))
                && info(primary, "master_replid").equals(info(replica, "master_replid")));
  }

  private static void write(List<NodeProcess> primaries, String value) throws IOException {
    for (int i = 0; i < KEYS; i++) {
      for (NodeProcess primary : primaries) {
        Reply reply = primary.ask("SET", "key:" + i, value + i);
        assertEquals(
            true, !reply.isError() || reply.toString().startsWith("-MOVED"), reply::toString);
      }
    }
  }

  private static void assertReplicaHasTheData(NodeProcess primary, NodeProcess replica)
      throws IOException {
    assertEquals(primary.ask("DBSIZE").number(), replica.ask("DBSIZE").number());
    assertEquals("+OK", replica.ask("READONLY").toString());
    for (int i = 0; i < KEYS; i++) {
      Reply expected = primary.ask("GET", "key:" + i);
      if (!expected.isError()) {
        assertEquals(expected.toString(), replica.ask("GET", "key:" + i).toString());
        String moved = replica.ask("SET", "key:" + i, "x").toString();
        assertEquals("-MOVED " + Slots.of("key:" + i) + " " + primary.address(), moved);
      }
    }
  }

  @ParameterizedTest(name = "{0} first")
  @EnumSource
  void replicasOfTheOtherKindHaveTheData(NodeKind first) throws Exception {
    List<NodeProcess> all = form(first);
    Map<NodeProcess, NodeProcess> pairs = pairs(all);
    write(all.subList(0, 3), "value");
    pairs.forEach(ReplicatedClusterTest::awaitInSync);
    for (Map.Entry<NodeProcess, NodeProcess> pair : pairs.entrySet()) {
      assertReplicaHasTheData(pair.getKey(), pair.getValue());
    }
    // A replica that is started again is one again, and gets what it missed.
    NodeProcess primary = all.getFirst();
    NodeProcess replica = Objects.requireNonNull(pairs.get(primary));
    replica.kill();
    write(List.of(primary), "newer");
    replica.start();
    awaitInSync(primary, replica);
    assertReplicaHasTheData(primary, replica);
  }
}
