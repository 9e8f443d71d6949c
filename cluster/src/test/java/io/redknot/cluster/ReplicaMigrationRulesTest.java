package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * When a replica leaves its primary for an orphaned one. This node and n are the replicas of a; x
 * is the only one of b, and fails; c has none and never had. Each test ends with the move, once the
 * one thing that was missing is there.
 */
class ReplicaMigrationRulesTest {
  private static final String C_OWNS = "10923-16383";

  /** More than the delay, so that what does not happen now is held up by something else. */
  private static final long LONG_MS = ReplicaMigration.DELAY_MS + 1000;

  private static CoreRig spare(String ofC, String... more) {
    return spare(UnaryOperator.identity(), ofC, more);
  }

  private static CoreRig spare(
      UnaryOperator<ClusterSettingsBuilder> settings, String ofC, String... more) {
    String[] lines = new String[6 + more.length];
    lines[0] = line(CoreRig.ME, "myself,slave", 'a', 1, "");
    lines[1] = line('a', "master", '-', 1, "0-5460");
    lines[2] = line('b', "master", '-', 2, "5461-10922");
    lines[3] = line('c', "master", '-', 3, ofC);
    lines[4] = line('n', "slave", 'a', 1, "");
    lines[5] = line('x', "slave", 'b', 2, "");
    System.arraycopy(more, 0, lines, 6, more.length);
    return start(settings, lines);
  }

  private static CoreRig start(UnaryOperator<ClusterSettingsBuilder> settings, String... lines) {
    CoreRig rig = new CoreRig(settings, lines);
    rig.facts.dataAgeMs = 0;
    rig.run(2500);
    rig.forget();
    return rig;
  }

  private static char primaryOf(CoreRig rig, char name) {
    rig.refresh();
    int index = rig.node(name).primaryIndex();
    return index == ClusterView.NONE ? '-' : rig.view().nodes().get(index).id().charAt(0);
  }

  private static void assertStays(CoreRig rig, String hearing, long durationMs) {
    rig.runHearingOnly(hearing, durationMs);
    assertEquals('a', primaryOf(rig, CoreRig.ME));
  }

  private static void assertMoves(CoreRig rig, String hearing, char to) {
    rig.runHearingOnly(hearing, 200);
    assertEquals(to, primaryOf(rig, CoreRig.ME));
  }

  /** A node that nobody knew joins as a replica. */
  private static void join(CoreRig rig, char name, char primary) {
    rig.say('b').about(name, NodeFlags.REPLICA).ping();
    NodeView holder = rig.node(primary);
    rig.say(name)
        .asReplicaOf(primary)
        .epochs(0, holder.configEpoch())
        .owning(holder.slots())
        .ping();
    assertEquals(primary, primaryOf(rig, name));
  }

  // When

  @Test
  void movesWhenThePrimaryHasBeenOrphanedForMoreThanFiveSeconds() {
    CoreRig rig = spare(C_OWNS);
    rig.say('c').fail('x');
    rig.tick();
    assertStays(rig, "abcn", ReplicaMigration.DELAY_MS);
    rig.forget();
    rig.tick();
    assertEquals('b', primaryOf(rig, CoreRig.ME));
    NodeAddress address = rig.node('b').address();
    assertTrue(rig.events.contains(new ClusterEvent.BecameReplica(CoreRig.id('b'))));
    assertTrue(rig.events.contains(new ClusterEvent.ReplicateFrom(CoreRig.id('b'), address)));
    assertTrue(rig.fsynced());
  }

  @Test
  void fiveSecondsBeginAgainWhenAReplicaWasThereMeanwhile() {
    CoreRig rig = spare(C_OWNS);
    rig.say('c').fail('x');
    assertStays(rig, "abcn", 4000);
    rig.runHearingOnly("abcnx", 2000);
    assertFalse(rig.node('x').has(NodeFlags.FAIL));
    rig.say('c').fail('x');
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void fiveSecondsBeginAgainWhenThePrimaryItselfHadFailedMeanwhile() {
    CoreRig rig = spare(s -> s.requireFullCoverage(false), C_OWNS);
    rig.say('c').fail('x');
    assertStays(rig, "abcn", 4000);
    rig.say('c').fail('b');
    assertStays(rig, "acn", 3000);
    rig.say('b').pong();
    rig.refresh();
    assertFalse(rig.node('b').has(NodeFlags.FAIL));
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void doesNotMoveWhileTheClusterIsDown() {
    CoreRig rig = spare("10923-16382");
    rig.say('c').fail('x');
    assertStays(rig, "abcn", LONG_MS);
    assertFalse(rig.view().isOk());
    rig.say('c').owning(10923, 16383).ping();
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void doesNotMoveWhereTheDirectiveForbidsIt() {
    CoreRig rig = spare(s -> s.allowReplicaMigration(false), C_OWNS);
    rig.say('c').fail('x');
    assertStays(rig, "abcn", LONG_MS);
    ClusterSettings allowing =
        ClusterSettings.builder().nodeTimeoutMs(CoreRig.TIMEOUT_MS).port(1).build();
    rig.core.onSettings(rig.nowMs, allowing, rig.facts);
    assertMoves(rig, "abcn", 'b');
  }

  // Where to

  @Test
  void failedPrimaryIsNotOrphaned() {
    CoreRig rig = spare(s -> s.requireFullCoverage(false), C_OWNS);
    rig.say('c').fail('x');
    rig.say('c').fail('b');
    assertStays(rig, "acn", LONG_MS);
    assertTrue(rig.view().isOk());
    rig.say('b').pong();
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void primaryThatHasAWorkingReplicaIsNotOrphaned() {
    CoreRig rig = spare(C_OWNS, line('y', "slave", 'b', 2, ""));
    rig.say('c').fail('x');
    assertStays(rig, "abcny", LONG_MS);
    rig.say('c').fail('y');
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void primaryOfWhoseReplicasOneWentElsewhereIsOrphanedByTheOther() {
    CoreRig rig = spare(C_OWNS, line('y', "slave", 'b', 2, ""));
    rig.say('y').asReplicaOf('c').epochs(0, 3).owning(10923, 16383).ping();
    assertEquals('c', primaryOf(rig, 'y'));
    rig.say('c').fail('x');
    assertStays(rig, "abcny", 4900);
    rig.runHearingOnly("abcny", 200);
    assertMoves(rig, "abcny", 'b');
  }

  @Test
  void primaryWithoutSlotsIsNotOrphaned() {
    CoreRig rig = spare(C_OWNS, line('d', "master", '-', 4, ""), line('0', "slave", 'd', 4, ""));
    rig.say('c').fail('0');
    assertStays(rig, "abcdnx", LONG_MS);
    rig.say('d').epochs(5, 5).owning(0, 0).ping();
    assertStays(rig, "abcdnx", 4900);
    rig.runHearingOnly("abcdnx", 200);
    assertMoves(rig, "abcdnx", 'd');
  }

  @Test
  void primaryThatNeverHadAReplicaIsNotOrphanedUntilItHasHadOne() {
    CoreRig rig = spare(C_OWNS);
    assertStays(rig, "abcnx", LONG_MS);
    join(rig, 'y', 'c');
    rig.runHearingOnly("abcnxy", 200);
    rig.say('b').fail('y');
    assertStays(rig, "abcnx", 4900);
    rig.runHearingOnly("abcnx", 200);
    assertMoves(rig, "abcnx", 'c');
  }

  @Test
  void primaryWhoseLastReplicaWentElsewhereIsNotOrphaned() {
    CoreRig rig = spare(C_OWNS);
    rig.say('x').asReplicaOf('c').epochs(0, 3).owning(10923, 16383).ping();
    assertEquals('c', primaryOf(rig, 'x'));
    assertStays(rig, "abcnx", LONG_MS);
    rig.say('b').fail('x');
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'c');
  }

  @Test
  void primaryWhoseLastReplicaIsForgottenIsNotOrphaned() {
    CoreRig rig = spare(C_OWNS);
    rig.say('c').fail('x');
    assertStays(rig, "abcn", 200);
    rig.admin(new AdminRequest.Forget(CoreRig.id('x')));
    assertStays(rig, "abcn", LONG_MS);
    join(rig, 'y', 'b');
    rig.say('c').fail('y');
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'b');
  }

  /** Of a cluster in which nobody has replicas; this node is a primary without slots at first. */
  private static CoreRig withoutReplicas(String... more) {
    String[] lines = new String[4 + more.length];
    lines[0] = line(CoreRig.ME, "myself,master", '-', 0, "");
    lines[1] = line('a', "master", '-', 1, "0-5460");
    lines[2] = line('b', "master", '-', 2, "5461-16383");
    lines[3] = line('c', "master", '-', 3, "");
    System.arraycopy(more, 0, lines, 4, more.length);
    return start(UnaryOperator.identity(), lines);
  }

  private static void becomeSpare(CoreRig rig) {
    rig.admin(new AdminRequest.Replicate(CoreRig.id('a')));
    join(rig, 'n', 'a');
  }

  @Test
  void primaryThatGetsItsFirstSlotsWhereOthersHaveReplicasIsOrphaned() {
    CoreRig rig = withoutReplicas();
    becomeSpare(rig);
    assertStays(rig, "abcn", LONG_MS);
    rig.say('c').epochs(5, 5).owning(10923, 16383).ping();
    assertEquals('c', rig.owner(10923));
    assertStays(rig, "abcn", 4900);
    rig.runHearingOnly("abcn", 200);
    assertMoves(rig, "abcn", 'c');
  }

  @Test
  void primaryThatGotItsFirstSlotsWhenNobodyHadReplicasIsNot() {
    CoreRig rig = withoutReplicas();
    rig.say('c').epochs(5, 5).owning(10923, 16383).ping();
    assertEquals('c', rig.owner(10923));
    becomeSpare(rig);
    rig.say('c').epochs(6, 6).owning(10922, 16383).ping();
    assertEquals('c', rig.owner(10922), "one more, not its first");
    assertStays(rig, "abcn", LONG_MS);
    join(rig, 'y', 'c');
    rig.say('b').fail('y');
    rig.runHearingOnly("abcn", ReplicaMigration.DELAY_MS);
    assertMoves(rig, "abcn", 'c');
  }

  @Test
  void promotedReplicaIsOrphanedThoughNobodyElseHadReplicas() {
    CoreRig rig = withoutReplicas(line('x', "slave", 'b', 2, ""));
    rig.say('x').asPrimary().epochs(5, 5).owning(5461, 16383).ping();
    assertEquals('x', rig.owner(5461));
    becomeSpare(rig);
    assertStays(rig, "acnx", 4900);
    rig.runHearingOnly("acnx", 200);
    assertMoves(rig, "acnx", 'x');
  }

  @Test
  void promotedReplicaThatWasAReplicaOnceMoreIsNot() {
    CoreRig rig = withoutReplicas(line('x', "slave", 'b', 2, ""));
    rig.say('x').asPrimary().epochs(5, 5).owning(5461, 16383).ping();
    rig.say('x').asReplicaOf('q').epochs(5, 0).owning(SlotSet.EMPTY).ping();
    assertTrue(rig.node('x').isReplica());
    rig.say('x').asPrimary().epochs(6, 6).owning(5461, 16383).ping();
    assertEquals('x', rig.owner(5461));
    becomeSpare(rig);
    assertStays(rig, "acnx", LONG_MS);
    join(rig, 'y', 'x');
    rig.say('c').fail('y');
    rig.runHearingOnly("acnx", ReplicaMigration.DELAY_MS);
    assertMoves(rig, "acnx", 'x');
  }

  // Who

  @Test
  void somePrimaryMustHaveTwoWorkingReplicas() {
    CoreRig rig = spare(s -> s.migrationBarrier(0), C_OWNS);
    rig.say('c').fail('x');
    rig.say('c').fail('n');
    assertStays(rig, "abc", LONG_MS);
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void replicaOfThePrimaryThatHasMostGoes() {
    CoreRig rig =
        spare(
            C_OWNS,
            line('p', "slave", 'c', 3, ""),
            line('q', "slave", 'c', 3, ""),
            line('r', "slave", 'c', 3, ""));
    rig.say('c').fail('x');
    assertStays(rig, "abcnpqr", LONG_MS);
    rig.say('b').fail('r');
    assertMoves(rig, "abcnpq", 'b');
  }

  @Test
  void replicaWithTheSmallestIdGoesWhosePrimaryHasMost() {
    CoreRig rig = spare(C_OWNS, line('0', "slave", 'c', 3, ""), line('p', "slave", 'c', 3, ""));
    rig.say('b').fail('x');
    assertStays(rig, "abcn0p", LONG_MS);
    rig.say('b').fail('p');
    // Of c's primary there is one left, with a smaller id all the same.
    assertMoves(rig, "abcn0", 'b');
  }

  @Test
  void siblingThatHasFailedDoesNotGoInsteadAndOneThatIsSuspectedMay() {
    CoreRig rig = spare(C_OWNS, line('e', "slave", 'a', 1, ""));
    rig.say('c').fail('x');
    assertStays(rig, "abcen", LONG_MS);
    // Others may hear it, and agree on it.
    assertStays(rig, "abcn", 2500);
    assertTrue(rig.node('e').has(NodeFlags.PFAIL));
    rig.say('c').fail('e');
    assertMoves(rig, "abcn", 'b');
  }

  @Test
  void itsPrimaryMustHaveMoreReplicasThanTheBarrier() {
    CoreRig rig = spare(s -> s.migrationBarrier(2), C_OWNS);
    rig.say('c').fail('x');
    assertStays(rig, "abcn", LONG_MS);
    join(rig, 'o', 'a');
    assertMoves(rig, "abcno", 'b');
  }

  @Test
  void suspectedReplicaDoesNotCountForTheBarrier() {
    CoreRig rig = spare(C_OWNS);
    rig.runHearingOnly("abcx", 2500);
    assertTrue(rig.node('n').has(NodeFlags.PFAIL));
    rig.say('c').fail('x');
    assertStays(rig, "abc", LONG_MS);
    assertTrue(rig.node('n').has(NodeFlags.PFAIL));
    rig.runHearingOnly("abcn", 1200);
    assertMoves(rig, "abcn", 'b');
  }
}
