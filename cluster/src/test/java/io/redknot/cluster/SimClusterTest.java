package io.redknot.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimClusterTest {
  @Test
  void nodesThatMeetOneNodeAllGetToKnowEachOther() {
    SimCluster sim = new SimCluster(1, 6, UnaryOperator.identity());
    sim.form(3);
    assertTrue(sim.isSound());
  }

  @Test
  void replicaReplacesItsCrashedPrimary() {
    SimCluster sim = new SimCluster(2, 6, UnaryOperator.identity());
    sim.form(3);
    sim.run(2000);
    String oldId = sim.node(0).id();
    sim.crash(sim.node(0));
    sim.runUntil(
        "node 3 serves the slots of node 0",
        10_000,
        () -> sim.node(3).view().isMine(0) && sim.node(1).view().isOk());
    sim.restart(sim.node(0));
    sim.runUntil("the old primary rejoins as a replica", 20_000, sim::isSound);
    assertEquals(oldId, sim.node(0).id());
    assertTrue(sim.node(0).view().myself().isReplica());
    assertTrue(sim.checks().votes() >= 2);
  }

  static LongStream seeds() {
    return LongStream.range(100, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void chaosNeverBreaksTheInvariantsAndEndsInOneMind(long seed) {
    SimCluster sim = new SimCluster(seed, 6 + (int) (seed % 3), UnaryOperator.identity());
    try {
      sim.form(3);
      SimChaos.run(sim, 20_000);
      sim.runUntil("one owner per slot and equal views after healing", 60_000, sim::isSound);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + sim.story(), e);
    }
  }
}
