package io.redknot.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.AdminRequest.Failover.Mode;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;
import org.junit.jupiter.api.Test;

/** The rules of elections and epochs, a sentence each, where no other test names them. */
class ElectionSentencesTest {
  private static final String OTHERS = "bcd";

  private static boolean asks(CoreRig rig) {
    return !rig.sent(MessageType.AUTH_REQUEST).isEmpty();
  }

  private static CoreRig candidate(int validityFactor) {
    CoreRig rig =
        new CoreRig(
            s -> s.replicaValidityFactor(validityFactor),
            CoreRig.line(CoreRig.ME, "myself,slave", 'a', 1, ""),
            CoreRig.line('a', "master", '-', 1, "0-5460"),
            CoreRig.line('b', "master", '-', 2, "5461-10922"),
            CoreRig.line('c', "master", '-', 3, "10923-16383"),
            CoreRig.line('d', "slave", 'a', 1, ""));
    rig.facts.dataAgeMs = 0;
    rig.run(2500);
    rig.forget();
    return rig;
  }

  @Test
  void withValidityFactor0NoDataIsTooOld() {
    CoreRig rig = candidate(0);
    rig.facts.dataAgeMs = 1_000_000_000;
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1500);
    assertTrue(asks(rig));
  }

  @Test
  void nodeTimeoutIsTakenFromTheDataAgeAndThePingPeriodIsAdded() {
    long allowedMs = 10_000 + 10 * CoreRig.TIMEOUT_MS + CoreRig.TIMEOUT_MS;
    for (long ageMs : new long[] {allowedMs, allowedMs + 1000}) {
      CoreRig rig = candidate(10);
      rig.facts.dataAgeMs = ageMs;
      rig.say('b').fail('a');
      rig.runHearingOnly(OTHERS, 1500);
      assertEquals(ageMs == allowedMs, asks(rig), () -> "age " + ageMs);
    }
  }

  @Test
  void dataAgeCountsInWholeSeconds() {
    long allowedMs = 10_000 + 10 * CoreRig.TIMEOUT_MS + CoreRig.TIMEOUT_MS;
    CoreRig rig = candidate(10);
    rig.facts.dataAgeMs = allowedMs + 999;
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1500);
    assertTrue(asks(rig));
  }

  @Test
  void allKnownNodesAreAskedForTheirVotes() {
    CoreRig rig = candidate(10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    for (char node : "abcd".toCharArray()) {
      assertEquals(1, rig.sentTo(node, MessageType.AUTH_REQUEST).size(), () -> "asks " + node);
    }
  }

  @Test
  void siblingWithTheSameOffsetIsNotWaitedFor() {
    CoreRig rig = candidate(10);
    rig.facts.offset = 500;
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1100);
    assertTrue(asks(rig));
  }

  @Test
  void forcedElectionDoesNotLookAtTheAge() {
    CoreRig rig = candidate(10);
    rig.facts.dataAgeMs = Long.MAX_VALUE;
    rig.admin(new AdminRequest.Failover(Mode.FORCE));
    assertTrue(asks(rig));
  }

  @Test
  void manualElectionIsNotHeldUpByNoFailover() {
    CoreRig rig =
        new CoreRig(
            s -> s.replicaNoFailover(true),
            CoreRig.line(CoreRig.ME, "myself,slave", 'a', 1, ""),
            CoreRig.line('a', "master", '-', 1, "0-16383"));
    rig.run(2500);
    rig.admin(new AdminRequest.Failover(Mode.FORCE));
    assertTrue(asks(rig));
  }

  @Test
  void siblingThatTurnsOutToBeAheadMakesItWaitLonger() {
    CoreRig rig = candidate(10);
    rig.facts.offset = 400;
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 300);
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.runHearingOnly(OTHERS, 1100);
    assertFalse(asks(rig));
    rig.runHearingOnly(OTHERS, 1000);
    assertTrue(asks(rig));
  }

  @Test
  void votesThatComeWhenTheElectionIsOverDoNotCount() {
    CoreRig rig = candidate(10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    assertTrue(asks(rig));
    rig.runHearingOnly(OTHERS, 2 * CoreRig.TIMEOUT_MS + 200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isReplica());
  }

  @Test
  void quorumDoesNotFallWhileVotesAreCounted() {
    CoreRig rig = candidate(10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    // Their slots are those of nodes that have not been heard of yet.
    rig.say('b').asReplicaOf('c').epochs(4, 3).owning(10923, 16383).ping();
    rig.say('c').asReplicaOf('d').epochs(4, 3).owning(SlotSet.EMPTY).ping();
    rig.tick();
    assertTrue(rig.view().myself().isReplica(), "one vote of three");
  }

  @Test
  void voteOfAPrimaryWithoutSlotsDoesNotCount() {
    CoreRig rig = candidate(10);
    rig.say('b').about('e', NodeFlags.PRIMARY).ping();
    rig.say('e').epochs(3, 0).ping();
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('e').epochs(4, 0).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isReplica());
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
  }

  // The voter's side

  private static Speech request(CoreRig rig, char name, long epoch) {
    return rig.say(name).asReplicaOf('a').epochs(epoch, 2).owning(5461, 10922);
  }

  private static int votes(CoreRig rig) {
    return rig.sent(MessageType.AUTH_ACK).size();
  }

  @Test
  void primaryThatIsUpIsReplacedOnlyOnForce() {
    CoreRig rig = CoreRig.voter();
    request(rig, 'c', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig));
    request(rig, 'c', 4).forced().say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  @Test
  void forceDoesNotOverruleTheVoteBefore() {
    CoreRig rig = CoreRig.voter();
    request(rig, 'c', 4).forced().say(MessageType.AUTH_REQUEST);
    request(rig, 'd', 5).forced().say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig), "within two node timeouts");
  }

  /** Both sit on the same slots: it votes when the other one has said that it follows. */
  @Test
  void whoHasReplacedALivingPrimaryDoesNotVoteWhileThatMay() {
    CoreRig rig = CoreRig.replica();
    rig.say('b').about('e', NodeFlags.REPLICA).ping();
    rig.say('e').asReplicaOf('b').epochs(3, 2).owning(5461, 10922).ping();
    rig.tick();
    rig.admin(new AdminRequest.Failover(Mode.TAKEOVER));
    Speech asks = rig.say('e').asReplicaOf('b').epochs(5, 2).owning(5461, 10922).forced();
    asks.say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig));
    rig.say('a').asReplicaOf(CoreRig.ME).epochs(5, 4).owning(0, 5460).ping();
    asks.say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  @Test
  void primaryWithoutSlotsDoesNotVote() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').fail('a');
    rig.say('b').epochs(4, 4).owning(SlotSet.range(0, 100)).ping();
    request(rig, 'c', 5).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig), "it still has some");
    CoreRig without =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, ""),
            CoreRig.line('a', "master", '-', 2, "5461-10922"),
            CoreRig.line('b', "master", '-', 3, "10923-16383"),
            CoreRig.line('c', "slave", 'a', 2, ""));
    without.run(2500);
    without.say('b').fail('a');
    request(without, 'c', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(without));
  }

  /** Rule 4: a primary can be replaced only by one that is known to follow it. */
  @Test
  void candidateThatIsNoReplicaOrWhosePrimaryIsNotKnownGetsNoVote() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').about('e', NodeFlags.REPLICA).about('f', NodeFlags.PRIMARY).ping();
    rig.say('b').fail('a');
    rig.say('e').asReplicaOf('x').epochs(4, 2).owning(5461, 10922).say(MessageType.AUTH_REQUEST);
    rig.say('f').epochs(5, 2).owning(5461, 10922).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig));
    rig.say('e').asReplicaOf('a').epochs(5, 2).owning(5461, 10922).ping();
    request(rig, 'e', 6).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig), "now it is");
  }

  /** Rule 6. */
  @Test
  void oneSlotOfAGreaterEpochIsEnoughForARefusalAndEqualOnesAreNot() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').fail('a');
    SlotSet claimed = SlotSet.range(5461, 10922);
    rig.say('b').owning(SlotSet.range(10922, 16383)).epochs(3, 3).ping();
    rig.say('c').asReplicaOf('a').epochs(4, 2).owning(claimed).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig), "slot 10922 has moved since");
    rig.say('c').asReplicaOf('a').epochs(5, 3).owning(claimed).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  @Test
  void slotThatNobodyHasEverOwnedIsNoReasonToRefuse() {
    CoreRig rig =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5460"),
            CoreRig.line('a', "master", '-', 2, "5461-10922"),
            CoreRig.line('b', "master", '-', 3, "10924-16383"),
            CoreRig.line('c', "slave", 'a', 2, ""));
    rig.run(2500);
    rig.say('b').fail('a');
    SlotSet claimed = SlotSet.range(5461, 10923);
    rig.say('c').asReplicaOf('a').epochs(4, 2).owning(claimed).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  /** The vote about one failed primary says nothing about another one. */
  @Test
  void twoFailedPrimariesGetTheirSuccessorsAtTheSameTime() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').about('e', NodeFlags.REPLICA).ping();
    rig.say('e').asReplicaOf('b').epochs(3, 3).owning(10923, 16383).ping();
    rig.tick();
    rig.say('b').fail('a');
    rig.say('e').fail('b');
    request(rig, 'c', 4).say(MessageType.AUTH_REQUEST);
    rig.say('e').asReplicaOf('b').epochs(5, 3).owning(10923, 16383).say(MessageType.AUTH_REQUEST);
    assertEquals(2, votes(rig));
  }

  @Test
  void voteAboutOnePrimaryIsNoReasonToWaitWithOneAboutAnother() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').about('e', NodeFlags.REPLICA).ping();
    rig.say('e').asReplicaOf('b').epochs(3, 3).owning(10923, 16383).ping();
    rig.tick();
    Speech ofB = rig.say('e').asReplicaOf('b').owning(10923, 16383).forced();
    ofB.epochs(4, 3).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
    rig.run(2 * CoreRig.TIMEOUT_MS);
    request(rig, 'c', 5).forced().say(MessageType.AUTH_REQUEST);
    ofB.epochs(6, 3).say(MessageType.AUTH_REQUEST);
    assertEquals(3, votes(rig));
  }

  @Test
  void unknownCandidateGetsNoVote() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').fail('a');
    rig.say('x').asReplicaOf('a').epochs(4, 2).owning(5461, 10922).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig));
  }

  @Test
  void slotThatNobodyClaimsAnyMoreIsNoReasonToRefuse() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').fail('a');
    SlotSet claimed = SlotSet.range(5461, 10923);
    rig.say('c').asReplicaOf('a').epochs(4, 2).owning(claimed).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig), "slot 10923 has an owner with a greater epoch");
    rig.say('b').owning(10924, 16383).ping();
    rig.say('c').asReplicaOf('a').epochs(5, 2).owning(claimed).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  // Epochs

  @Test
  void greatestConfigEpochOfTheFileIsTheLeastCurrentEpoch() {
    CoreRig rig =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5460"),
            CoreRig.line('a', "master", '-', 7, "5461-16383"),
            "vars currentEpoch 3 lastVoteEpoch 0");
    assertEquals(7, rig.view().currentEpoch());
  }

  @Test
  void replicaShowsTheConfigEpochOfItsPrimary() {
    CoreRig rig = CoreRig.replica();
    assertEquals(1, rig.view().myEpoch());
    rig.say('a').epochs(8, 8).ping();
    rig.refresh();
    assertEquals(8, rig.view().myEpoch());
    assertEquals(8, rig.node('d').configEpoch());
  }

  @Test
  void greaterConfigEpochOfASenderIsSavedDurably() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').epochs(5, 5).ping();
    assertEquals(5, rig.node('a').configEpoch());
    assertTrue(rig.fsynced());
    rig.say('a').epochs(5, 4).ping();
    rig.refresh();
    assertEquals(5, rig.node('a').configEpoch(), "it never falls");
  }

  @Test
  void takeoverNeedsNoBumpWhereItsEpochIsTheGreatest() {
    CoreRig rig = CoreRig.replica();
    rig.admin(new AdminRequest.Failover(Mode.TAKEOVER));
    assertEquals(4, rig.view().myEpoch());
    assertEquals(4, rig.view().currentEpoch());
    assertEquals(new AdminReply.Text("STILL 4"), rig.admin(new AdminRequest.BumpEpoch()));
  }
}
