package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A primary of one kind dies or hands over, and its replica of the other kind goes on with its
 * data.
 */
class FailoverTest {
  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private final String tag = Slots.tagIn(0, 5460);

  private List<NodeProcess> form(NodeKind first) throws IOException, InterruptedException {
    NodeKind second = first == NodeKind.REDIS ? NodeKind.REDKNOT : NodeKind.REDIS;
    List<NodeProcess> all =
        nodes.startAll(
            Stream.of(Collections.nCopies(3, first), Collections.nCopies(3, second))
                .flatMap(List::stream)
                .toList(),
            // All that is written while a node is away.
            "repl-backlog-size 64mb");
    SixNodes.form(all, 1);
    for (NodeProcess replica : all.subList(3, 6)) {
      Topology.awaitLinked(replica);
    }
    return all;
  }

  /** What a replica has is there afterwards; and who has died continues from its file. */
  @ParameterizedTest(name = "{0} first")
  @EnumSource
  void replicaOfTheOtherKindTakesOverFromEachPrimaryThatDies(NodeKind first) throws Exception {
    List<NodeProcess> all = form(first);
    Map<NodeProcess, NodeProcess> successors = new LinkedHashMap<>();
    for (NodeProcess primary : all.subList(0, 3)) {
      successors.put(primary, Topology.replicaOf(primary, all));
    }
    List<NodeProcess> alive = new ArrayList<>(all);
    Map<NodeProcess, ShardWriter> writers = new LinkedHashMap<>();
    try {
      for (NodeProcess primary : successors.keySet()) {
        writers.put(primary, new ShardWriter(tagOf(writers.size()), all, true));
      }
      awaitMore(writers);
      for (Map.Entry<NodeProcess, NodeProcess> pair : successors.entrySet()) {
        assertEquals("OK", pair.getKey().text("SAVE"));
        pair.getKey().kill();
        alive.remove(pair.getKey());
        Topology.awaitPrimary(pair.getValue(), alive);
      }
      for (NodeProcess primary : successors.keySet()) {
        primary.start();
      }
      Topology.awaitAgreement(all);
      for (NodeProcess primary : successors.keySet()) {
        Topology.awaitLinked(primary);
      }
      awaitMore(writers);
      for (Map.Entry<NodeProcess, ShardWriter> of : writers.entrySet()) {
        NodeProcess successor = Objects.requireNonNull(successors.get(of.getKey()));
        assertNull(of.getValue().missingIn(successor), successor::toString);
      }
    } finally {
      writers.values().forEach(ShardWriter::close);
    }
    for (Map.Entry<NodeProcess, NodeProcess> pair : successors.entrySet()) {
      assertFollows(pair.getKey(), pair.getValue(), all);
    }
  }

  /** Of a slot of the first, second or third primary. */
  private static String tagOf(int primary) {
    return Slots.tagIn(primary * 5500, primary * 5500 + 5000);
  }

  private static void awaitMore(Map<NodeProcess, ShardWriter> writers) {
    for (ShardWriter writer : writers.values()) {
      writer.awaitMore(200);
    }
  }

  /** The old primary is the new one's only replica and has its data; Redis got all of it anew. */
  private static void assertFollows(NodeProcess old, NodeProcess successor, List<NodeProcess> all)
      throws IOException {
    assertEquals(old, Topology.replicaOf(successor, all));
    Waiting.until(
        "the old primary has what the new one has",
        () -> old.ask("DBSIZE").number() == successor.ask("DBSIZE").number());
    if (old.kind() == NodeKind.REDKNOT) {
      String stats = successor.text("INFO", "stats");
      assertTrue(stats.contains("sync_full:0\r\nsync_partial_ok:1\r\n"), stats);
    }
  }

  /** Each write that got its OK is there, although nobody waited for a replica to have it. */
  @ParameterizedTest(name = "{0} first")
  @EnumSource
  void manualFailoverLosesNothingThereAndBack(NodeKind first) throws Exception {
    List<NodeProcess> all = form(first);
    NodeProcess primary = all.getFirst();
    NodeProcess replica = Topology.replicaOf(primary, all);
    try (ShardWriter writer = new ShardWriter(tag, all, false)) {
      handOver(primary, replica, all, writer);
      handOver(replica, primary, all, writer);
      assertNull(writer.missingIn(primary));
    }
  }

  private static void handOver(
      NodeProcess from, NodeProcess to, List<NodeProcess> all, ShardWriter writer)
      throws IOException {
    writer.awaitMore(500);
    assertEquals("OK", to.text("CLUSTER", "FAILOVER"));
    Topology.awaitPrimary(to, all);
    Topology.awaitAgreement(all);
    Topology.awaitLinked(from);
    writer.awaitMore(500);
  }
}
