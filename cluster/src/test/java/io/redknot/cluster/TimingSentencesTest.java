package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Sentences about elections and epochs of which one half alone was seen to hold: when an attempt is
 * over and the next one begins, and what is on the disk by itself.
 */
class TimingSentencesTest {
  private static final String OTHERS = "bcd";

  private static CoreRig replica(long nodeTimeoutMs, int validityFactor) {
    CoreRig rig =
        new CoreRig(
            s -> s.nodeTimeoutMs(nodeTimeoutMs).replicaValidityFactor(validityFactor),
            line(CoreRig.ME, "myself,slave", 'a', 1, ""),
            line('a', "master", '-', 1, "0-5460"),
            line('b', "master", '-', 2, "5461-10922"),
            line('c', "master", '-', 3, "10923-16383"),
            line('d', "slave", 'a', 1, ""));
    rig.facts.dataAgeMs = 0;
    rig.run(2500);
    rig.forget();
    return rig;
  }

  @Test
  void attemptLastsTwoNodeTimeouts() {
    CoreRig rig = replica(3000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    assertEquals(1, rig.requestsForVotes());
    rig.runHearingOnly(OTHERS, 3500);
    rig.voteInEpoch4();
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void attemptLastsTwoSecondsHoweverShortTheNodeTimeoutIs() {
    CoreRig rig = replica(400, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1100);
    assertEquals(1, rig.requestsForVotes());
    rig.runHearingOnly(OTHERS, 1000);
    rig.voteInEpoch4();
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void nextAttemptComesAfterTwiceTheTimeOfOne() {
    CoreRig rig = replica(1000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    assertEquals(1, rig.requestsForVotes());
    rig.runHearingOnly(OTHERS, 3600);
    assertEquals(1, rig.requestsForVotes());
    rig.runHearingOnly(OTHERS, 1800);
    assertEquals(2, rig.requestsForVotes());
  }

  @Test
  void eachBetterReplicaIsAnotherSecondToWait() {
    CoreRig rig = replica(1000, 10);
    rig.say('b').about('e', NodeFlags.REPLICA).ping();
    rig.say('e').asReplicaOf('a').epochs(3, 1).owning(0, 5460).at(500).ping();
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.facts.offset = 400;
    rig.say('b').fail('a');
    rig.runHearingOnly("bcde", 2400);
    assertEquals(0, rig.requestsForVotes(), "half a second and two for the ranks");
    rig.runHearingOnly("bcde", 800);
    assertEquals(1, rig.requestsForVotes());
  }

  @Test
  void twoThatTurnOutToBeBetterAreTwoSecondsMore() {
    CoreRig rig = replica(1000, 10);
    rig.say('b').about('e', NodeFlags.REPLICA).ping();
    rig.say('e').asReplicaOf('a').epochs(3, 1).owning(0, 5460).ping();
    rig.facts.offset = 400;
    rig.say('b').fail('a');
    rig.runHearingOnly("bcde", 200);
    // Both between two looks at the rank.
    rig.say('e').asReplicaOf('a').epochs(3, 1).owning(0, 5460).at(500).ping();
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.runHearingOnly("bcde", 2200);
    assertEquals(0, rig.requestsForVotes());
    rig.runHearingOnly("bcde", 900);
    assertEquals(1, rig.requestsForVotes());
  }

  @Test
  void whoHasAskedDoesNotWaitForABetterOneAnyMore() {
    CoreRig rig = replica(1000, 10);
    rig.facts.offset = 400;
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    assertEquals(1, rig.requestsForVotes());
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.tick();
    rig.voteInEpoch4();
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void whoIsToldToTakeOverDoesNotWaitForABetterOne() {
    CoreRig rig = replica(1000, 10);
    rig.facts.offset = 400;
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.admin(new AdminRequest.Failover(AdminRequest.Failover.Mode.FORCE));
    rig.tick();
    assertEquals(1, rig.requestsForVotes());
  }

  @Test
  void voteOfWhoKnowsOfANewerEpochCounts() {
    CoreRig rig = replica(1000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    rig.say('b').epochs(6, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(5, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
    assertEquals(4, rig.view().myEpoch(), "that of the election");
    assertEquals(6, rig.view().currentEpoch());
  }

  @Test
  void votesOfAnElectionThatIsWonAreNotThoseOfTheNextAboutTheSamePrimary() {
    CoreRig rig = replica(3000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    rig.voteInEpoch4();
    assertTrue(rig.view().myself().isPrimary());
    rig.say('a').epochs(5, 5).owning(0, 5460).ping();
    assertTrue(rig.view().myself().isReplica());
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 200);
    assertTrue(rig.view().myself().isReplica());
  }

  @Test
  void votesAboutAPrimaryDoNotCountForItsSuccessor() {
    CoreRig rig = replica(3000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('d').asPrimary().epochs(5, 5).owning(0, 5460).ping();
    rig.say('b').fail('d');
    rig.say('c').epochs(5, 3).say(MessageType.AUTH_ACK);
    rig.runHearingOnly("bc", 200);
    assertTrue(rig.view().myself().isReplica());
    rig.runHearingOnly("bc", 1000);
    assertEquals(2, rig.requestsForVotes());
  }

  @Test
  void winnerTellsEveryNodeAndThatTheClusterIsUpAgain() {
    CoreRig rig = replica(1000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1200);
    assertFalse(rig.view().isOk());
    rig.forget();
    rig.voteInEpoch4();
    for (char node : "abcd".toCharArray()) {
      List<BusMessage> told = rig.sentTo(node, MessageType.PONG);
      assertEquals(1, told.size(), () -> "of " + node);
      assertEquals(SlotSet.range(0, 5460), told.getFirst().header().slots());
      assertTrue(told.getFirst().header().clusterOk());
    }
  }

  @Test
  void planOfAnElectionIsToldToSiblingsOnly() {
    CoreRig rig = replica(1000, 10);
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 200);
    assertEquals(1, rig.sentTo('d', MessageType.PONG).size());
    assertEquals(0, rig.sentTo('b', MessageType.PONG).size());
  }

  /** Unlike with Redis: it has nothing, and would have the others lose all of theirs. */
  @Test
  void replicaThatNeverHadTheDataDoesNotAskEvenWithValidityFactor0() {
    CoreRig rig = replica(1000, 0);
    rig.facts.dataAgeMs = Long.MAX_VALUE;
    rig.say('b').fail('a');
    rig.runHearingOnly(OTHERS, 1500);
    assertEquals(0, rig.requestsForVotes());
    rig.facts.dataAgeMs = Long.MAX_VALUE - 1;
    rig.runHearingOnly(OTHERS, 1500);
    assertEquals(1, rig.requestsForVotes());
  }

  @Test
  void primaryThatNeverHadSlotsIsNotReplaced() {
    CoreRig rig =
        new CoreRig(
            line(CoreRig.ME, "myself,slave", 'a', 1, ""),
            line('a', "master", '-', 1, ""),
            line('b', "master", '-', 2, "0-10922"),
            line('c', "master", '-', 3, "10923-16383"));
    rig.facts.dataAgeMs = 0;
    rig.run(2500);
    rig.say('b').fail('a');
    rig.runHearingOnly("bc", 1500);
    assertEquals(0, rig.requestsForVotes());
  }

  @Test
  void voteIsOnTheDiskThoughTheEpochWasAlready() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').fail('a');
    rig.say('b').epochs(4, 3).ping();
    rig.forget();
    rig.say('c').asReplicaOf('a').epochs(4, 2).owning(5461, 10922).say(MessageType.AUTH_REQUEST);
    assertEquals(1, rig.sent(MessageType.AUTH_ACK).size());
    assertTrue(rig.fsynced());
    assertTrue(rig.persisted.getLast().text().contains("lastVoteEpoch 4"));
  }

  // Epochs

  @Test
  void epochThatACollisionMovesToIsOnTheDiskByItself() {
    CoreRig rig = collision("myself,master", 1);
    rig.forget();
    rig.say('z').epochs(1, 1).ping();
    assertEquals(2, rig.view().myEpoch());
    assertEquals(2, rig.view().currentEpoch());
    assertTrue(rig.fsynced());
  }

  @Test
  void collisionIsNothingToAReplica() {
    for (long epoch = 0; epoch < 2; epoch++) {
      CoreRig rig = collision("myself,slave", epoch);
      long before = rig.view().currentEpoch();
      rig.say('z').epochs(before, epoch).ping();
      rig.refresh();
      assertEquals(before, rig.view().currentEpoch(), "of epoch " + epoch);
    }
  }

  private static CoreRig collision(String flags, long epoch) {
    boolean replica = flags.endsWith("slave");
    return new CoreRig(
        line(CoreRig.ME, flags, replica ? 'a' : '-', 1, replica ? "" : "0-9"),
        line('a', "master", '-', 1, replica ? "0-9" : ""),
        line('z', "master", '-', epoch, "10-16383"));
  }

  @Test
  void firstBumpOfAllGivesEpoch1() {
    CoreRig rig = new CoreRig(line(CoreRig.ME, "myself,master", '-', 0, "0-16383"));
    assertEquals(0, rig.view().currentEpoch());
    assertEquals(new AdminReply.Text("BUMPED 1"), rig.admin(new AdminRequest.BumpEpoch()));
    assertTrue(rig.fsynced());
    assertFalse(rig.persisted.isEmpty());
  }
}
