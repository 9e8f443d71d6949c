package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients of each kind write in slots that go back and forth between Redknot and Redis: whatever
 * they were told has happened must have happened, once, and nothing is refused. Between two Redknot
 * nodes {@link ReshardUnderKillsTest} does it.
 */
class ReshardUnderLoadTest {
  private static final int SLOTS = 8;
  private static final int MOVES = 4;
  private static final int WRITES_BETWEEN_MOVES = 1200;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  @Test
  void everyAcknowledgedWriteIsThereOnce() throws Exception {
    List<NodeKind> kinds = List.of(NodeKind.REDKNOT, NodeKind.REDIS, NodeKind.REDKNOT);
    // Nobody is to be taken for dead because the machine is busy.
    List<NodeProcess> all = nodes.startAll(kinds, "cluster-node-timeout 10000");
    SixNodes.form(all, 0);
    AtomicBoolean ends = new AtomicBoolean();
    List<LedgerWriter> writers = new ArrayList<>();
    try {
      for (ClusterRequests.Kind kind : ClusterRequests.Kind.values()) {
        writers.add(new LedgerWriter(kind, all.getFirst(), SLOTS, ends));
      }
      writers.forEach(Thread::start);
      for (int i = 0; i < MOVES; i++) {
        LedgerWriter.awaitWrites(writers, WRITES_BETWEEN_MOVES);
        ReshardTest.move(all.get(i % 2), all.get(1 - i % 2), SLOTS, all);
      }
      LedgerWriter.endAndCheck(writers, ends);
      writers.forEach(LedgerWriter::requireNothingFailed);
    } finally {
      ends.set(true);
      writers.forEach(LedgerWriter::close);
    }
    Set<String> written = new HashSet<>();
    writers.forEach(writer -> written.addAll(writer.ledger().keys()));
    assertEquals(0, all.get(1).ask("DBSIZE").number());
    assertEquals((long) written.size(), all.getFirst().ask("DBSIZE").number());
  }
}
