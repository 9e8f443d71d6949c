package io.redknot.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A primary whose process is gone is replaced without waiting for the node timeout. */
class FastFailoverTest {
  private static final long GRACE_MS = 600;
  private static final long NODE_TIMEOUT_MS = 5000;

  /** From the death to the successor's first acknowledged write, ticks and delays included. */
  private static final long TARGET_MS = 1500;

  private static CoreRig primaries(boolean fast) {
    CoreRig rig =
        new CoreRig(
            s -> s.nodeTimeoutMs(NODE_TIMEOUT_MS).fastFailover(fast).fastFailoverGraceMs(GRACE_MS),
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5460"),
            CoreRig.line('a', "master", '-', 2, "5461-10922"),
            CoreRig.line('b', "master", '-', 3, "10923-16383"),
            CoreRig.line('d', "slave", 'b', 3, ""));
    rig.run(Health.WRITABLE_DELAY_MS + NODE_TIMEOUT_MS);
    rig.forget();
    return rig;
  }

  private static boolean suspects(CoreRig rig) {
    rig.refresh();
    return rig.node('b').has(NodeFlags.PFAIL | NodeFlags.FAIL);
  }

  @Test
  void primaryThatRefusesConnectionsIsSuspectedAfterTheGracePeriodAndNotBefore() {
    CoreRig rig = primaries(true);
    rig.kill('b');
    rig.runHearingOnly("ad", GRACE_MS - 100);
    assertFalse(suspects(rig));
    rig.runHearingOnly("ad", 200);
    assertTrue(suspects(rig));
  }

  @Test
  void suspicionIsToldToPrimariesAndToTheReplicasOfTheSuspectAtOnce() {
    CoreRig rig = primaries(true);
    rig.kill('b');
    rig.runHearingOnly("ad", GRACE_MS + 100);
    for (char told : List.of('a', 'd')) {
      assertTrue(
          rig.sentTo(told, MessageType.PONG).stream()
              .map(pong -> (BusBody.Gossip) pong.body())
              .flatMap(gossip -> gossip.entries().stream())
              .anyMatch(e -> e.nodeId().equals(CoreRig.id('b')) && e.has(NodeFlags.PFAIL)),
          () -> told + " was not told");
    }
  }

  @Test
  void quorumIsNeededAsAlwaysWhicheverReportComesFirst() {
    CoreRig before = primaries(true);
    before.kill('b');
    before.say('a').about('b', NodeFlags.PRIMARY | NodeFlags.PFAIL).ping();
    assertFalse(before.node('b').has(NodeFlags.FAIL));
    before.runHearingOnly("ad", GRACE_MS + 100);
    assertTrue(before.node('b').has(NodeFlags.FAIL));
    CoreRig after = primaries(true);
    after.kill('b');
    after.runHearingOnly("ad", GRACE_MS + 100);
    assertFalse(after.node('b').has(NodeFlags.FAIL), "one of three is no quorum");
    after.say('a').about('b', NodeFlags.PRIMARY | NodeFlags.PFAIL).ping();
    assertTrue(after.node('b').has(NodeFlags.FAIL));
    assertEquals(new BusBody.Fail(CoreRig.id('b')), after.sent(MessageType.FAIL).get(0).body());
  }

  @Test
  void withoutTheDirectiveTheNodeTimeoutIsWaitedFor() {
    CoreRig rig = primaries(false);
    rig.kill('b');
    rig.runHearingOnly("ad", NODE_TIMEOUT_MS - 200);
    assertFalse(suspects(rig));
  }

  @Test
  void primaryThatStillSpeaksIsNotGone() {
    CoreRig rig = primaries(true);
    rig.say('b').ping();
    rig.refusing = "b";
    rig.breakLink('b');
    rig.runHearingOnly("ad", 2 * GRACE_MS);
    assertFalse(suspects(rig), "its own connection is open");
    rig.core.onLinkDown(rig.nowMs, rig.inboundOf('b'));
    rig.runHearingOnly("ad", GRACE_MS - 100);
    assertFalse(suspects(rig), "the grace period begins with the last connection's end");
    rig.runHearingOnly("ad", 200);
    assertTrue(suspects(rig));
  }

  @Test
  void primaryThatDoesNotAnswerConnectsMayBeCutOffOnly() {
    CoreRig rig = primaries(true);
    rig.connects = false;
    rig.breakLink('b');
    rig.runHearingOnly("ad", 2 * GRACE_MS);
    assertFalse(suspects(rig));
  }

  @Test
  void replicaWhoseProcessIsGoneIsNotSuspectedEarly() {
    CoreRig rig = primaries(true);
    rig.kill('d');
    rig.runHearingOnly("ab", 2 * GRACE_MS);
    assertFalse(rig.node('d').has(NodeFlags.PFAIL));
  }

  @Test
  void primaryWithoutConnectionsToAMajorityStopsServingAfterTheGracePeriod() {
    CoreRig rig = primaries(true);
    rig.kill('a');
    rig.kill('b');
    rig.runHearingOnly("d", GRACE_MS - 100);
    assertTrue(rig.view().isOk());
    rig.runHearingOnly("d", 200);
    assertFalse(rig.view().isOk());
  }

  private static SimCluster cluster(long seed, UnaryOperator<ClusterSettingsBuilder> settings) {
    SimCluster sim = new SimCluster(seed, 6, s -> settings.apply(s.nodeTimeoutMs(NODE_TIMEOUT_MS)));
    sim.form(3);
    sim.run(2000);
    return sim;
  }

  private static boolean servesInsteadOfNode0(SimCluster sim) {
    SimNode replica = sim.node(3);
    return replica.view().isMine(0) && replica.view().isOk() && sim.node(1).view().isOk();
  }

  @Test
  void successorServesLongBeforeTheNodeTimeout() {
    for (long seed = 1; seed <= 20; seed++) {
      SimCluster sim = cluster(seed, UnaryOperator.identity());
      sim.crash(sim.node(0));
      sim.runUntil(
          "seed " + seed + ": successor serves", TARGET_MS, () -> servesInsteadOfNode0(sim));
      sim.restart(sim.node(0));
      sim.runUntil("seed " + seed + ": the old one is a replica", 30_000, sim::isSound);
      assertEquals(SimChecks.NO_OVERLAP, sim.checks().overlapMs());
    }
  }

  @Test
  void twoNodesMayReplaceEachOtherAgainAndAgain() {
    SimCluster sim = cluster(61, UnaryOperator.identity());
    for (int round = 0; round < 4; round++) {
      SimNode owner = sim.node(round % 2 == 0 ? 0 : 3);
      SimNode other = sim.node(round % 2 == 0 ? 3 : 0);
      sim.crash(owner);
      sim.runUntil("round " + round, TARGET_MS, () -> other.view().isMine(0));
      sim.restart(owner);
      sim.runUntil("round " + round + ": one mind", 30_000, sim::isSound);
      sim.run(500);
    }
  }

  @Test
  void withoutTheDirectiveTheSuccessorWaits() {
    SimCluster sim = cluster(21, s -> s.fastFailover(false));
    sim.crash(sim.node(0));
    assertThrows(
        AssertionError.class,
        () -> sim.runUntil("too early", NODE_TIMEOUT_MS - 200, () -> servesInsteadOfNode0(sim)));
    sim.runUntil("successor serves", 4000, () -> servesInsteadOfNode0(sim));
  }

  @Test
  void oneNodeOfAnotherMindCannotDoItAlone() {
    SimCluster sim = cluster(22, UnaryOperator.identity());
    for (SimNode node : List.of(sim.node(1), sim.node(3))) {
      node.settings = ClusterSettings.builder().nodeTimeoutMs(5000).fastFailover(false).build();
      node.core().onSettings(sim.nowMs(), node.settings, node.facts);
    }
    String dead = sim.node(0).id();
    sim.crash(sim.node(0));
    sim.run(NODE_TIMEOUT_MS - 200);
    NodeView gone = sim.node(2).view().nodes().get(sim.node(2).view().find(dead));
    assertTrue(gone.has(NodeFlags.PFAIL), "suspected");
    assertFalse(gone.has(NodeFlags.FAIL), "by no majority");
    assertFalse(servesInsteadOfNode0(sim));
  }

  /** An hour back, and an hour forward again: neither may keep the dead primary in its place. */
  @Test
  void clocksThatAreSetDelayNothing() {
    for (long jumpMs : new long[] {-3_600_000, 3_600_000}) {
      SimCluster sim = cluster(62, UnaryOperator.identity());
      sim.nodes.forEach(node -> node.setClock(jumpMs));
      sim.run(2 * NODE_TIMEOUT_MS);
      assertTrue(sim.isSound(), () -> "after a jump of " + jumpMs + " ms:\n" + sim.story());
      sim.crash(sim.node(0));
      sim.runUntil("the successor serves", TARGET_MS, () -> servesInsteadOfNode0(sim));
    }
  }

  @Test
  void quickRestartKeepsTheRole() {
    SimCluster sim = cluster(23, UnaryOperator.identity());
    sim.crash(sim.node(0));
    sim.run(GRACE_MS - 200);
    sim.restart(sim.node(0));
    sim.run(2 * NODE_TIMEOUT_MS);
    assertTrue(sim.node(0).view().isMine(0));
    assertTrue(sim.isSound());
  }

  @Test
  void primaryWhoseBusPortIsClosedButWhichConnectsItselfKeepsItsRole() {
    SimCluster sim = cluster(24, UnaryOperator.identity());
    for (SimNode other : sim.nodes.subList(1, 6)) {
      sim.refuse(other, sim.node(0));
    }
    sim.run(NODE_TIMEOUT_MS - 200);
    assertTrue(sim.node(0).view().isMine(0));
    assertTrue(sim.node(3).view().myself().isReplica());
  }

  /** What looks like a dead process to the majority looks like a lost majority to the process. */
  @Test
  void primaryBehindAFirewallThatRefusesStopsBeforeItsSuccessorServes() {
    for (long seed = 30; seed < 50; seed++) {
      SimCluster sim = cluster(seed, UnaryOperator.identity());
      for (SimNode other : sim.nodes.subList(1, 6)) {
        sim.refuseBoth(sim.node(0), other);
      }
      sim.runUntil("seed " + seed, TARGET_MS, () -> servesInsteadOfNode0(sim));
      sim.run(3 * NODE_TIMEOUT_MS);
      assertEquals(SimChecks.NO_OVERLAP, sim.checks().overlapMs(), "seed " + seed);
      sim.healNetwork();
      sim.runUntil("seed " + seed + ": one mind", 30_000, sim::isSound);
    }
  }

  /**
   * It is asked after half a node timeout at most, and suspected a node timeout later; the election
   * begins within a second.
   */
  @Test
  void stoppedPrimaryTakesTheNodeTimeoutAndAcknowledgesNothingAfterwards() {
    for (long seed = 50; seed < 60; seed++) {
      SimCluster sim = cluster(seed, UnaryOperator.identity());
      sim.pause(sim.node(0), 3 * NODE_TIMEOUT_MS);
      sim.run(NODE_TIMEOUT_MS - 200);
      assertFalse(servesInsteadOfNode0(sim));
      long withinMs = NODE_TIMEOUT_MS / 2 + 1500;
      sim.runUntil("seed " + seed, withinMs, () -> servesInsteadOfNode0(sim));
      sim.run(3 * NODE_TIMEOUT_MS);
      assertEquals(SimChecks.NO_OVERLAP, sim.checks().overlapMs(), "seed " + seed);
      sim.runUntil("seed " + seed + ": one mind", 30_000, sim::isSound);
    }
  }
}
