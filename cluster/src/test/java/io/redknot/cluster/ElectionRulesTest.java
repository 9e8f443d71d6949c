package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.AdminRequest.Failover.Mode;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.SlotSet;
import org.junit.jupiter.api.Test;

class ElectionRulesTest {
  // The candidate's side

  private static CoreRig primaryFailed() {
    CoreRig rig = CoreRig.replica();
    rig.say('b').fail('a');
    return rig;
  }

  private static BusHeader request(CoreRig rig) {
    return rig.sent(MessageType.AUTH_REQUEST).get(0).header();
  }

  @Test
  void replicaOfAFailedPrimaryAsksForVotesInANewEpoch() {
    CoreRig rig = primaryFailed();
    rig.runHearingOnly("bcd", 400);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty(), "it waits half a second at least");
    assertTrue(rig.sentTo('d', MessageType.PONG).size() > 0, "siblings are told the offset");
    rig.runHearingOnly("bcd", 800);
    assertEquals(4, request(rig).currentEpoch());
    assertEquals(1, request(rig).configEpoch());
    assertEquals(SlotSet.range(0, 5460), request(rig).slots());
    assertEquals(id('a'), request(rig).primaryId());
    assertFalse(request(rig).forcesAck());
    assertTrue(rig.fsynced());
    assertEquals(1, rig.sentTo('b', MessageType.AUTH_REQUEST).size());
  }

  @Test
  void majorityOfVotesMakesItThePrimary() {
    CoreRig rig = primaryFailed();
    rig.runHearingOnly("bcd", 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isReplica(), "one voter counts once");
    rig.forget();
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
    assertEquals(4, rig.view().myEpoch());
    assertEquals(5461, rig.view().myself().slots().count());
    assertTrue(rig.events.contains(new ClusterEvent.BecamePrimary()));
    assertTrue(rig.fsynced());
    BusHeader pong = rig.sentTo('c', MessageType.PONG).get(0).header();
    assertEquals(SlotSet.range(0, 5460), pong.slots());
    assertEquals(4, pong.configEpoch());
    assertEquals("", pong.primaryId());
  }

  /** Others that were in the minority let the majority tell them first that they are replaced. */
  @Test
  void winnerServesAtOnceThoughItStoodStillBefore() {
    CoreRig rig =
        new CoreRig(
            settings -> settings.nodeTimeoutMs(5000),
            CoreRig.line(CoreRig.ME, "myself,slave", 'a', 1, ""),
            CoreRig.line('a', "master", '-', 1, "0-5460"),
            CoreRig.line('b', "master", '-', 2, "5461-10922"),
            CoreRig.line('c', "master", '-', 3, "10923-16383"));
    rig.facts.dataAgeMs = 0;
    rig.run(2500);
    rig.nowMs += 10_000;
    rig.tick();
    assertFalse(rig.view().isOk());
    rig.run(200);
    assertTrue(rig.view().isOk());
    rig.say('b').fail('a');
    rig.runHearingOnly("bc", 1200);
    assertFalse(rig.view().isOk());
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
    assertTrue(rig.view().isOk());
  }

  @Test
  void winnerDoesNotVoteInTheEpochItWon() {
    CoreRig rig = primaryFailed();
    rig.runHearingOnly("bcd", 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
    rig.say('b').about('e', 2).ping();
    rig.say('e').asReplicaOf('b').epochs(4, 2).owning(5461, 10922).ping();
    rig.tick();
    rig.say('e')
        .asReplicaOf('b')
        .epochs(4, 2)
        .owning(5461, 10922)
        .forced()
        .say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig));
    rig.say('e')
        .asReplicaOf('b')
        .epochs(5, 2)
        .owning(5461, 10922)
        .forced()
        .say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  @Test
  void votesOfReplicasAndOfOldEpochsDoNotCount() {
    CoreRig rig = primaryFailed();
    rig.runHearingOnly("bcd", 1200);
    rig.say('b').epochs(3, 2).say(MessageType.AUTH_ACK);
    rig.say('d').epochs(4, 1).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isReplica());
  }

  @Test
  void replicaWithNewestOffsetAsksFirst() {
    CoreRig rig = CoreRig.replica();
    rig.say('d').asReplicaOf('a').at(500).ping();
    rig.facts.offset = 400;
    rig.say('b').fail('a');
    rig.runHearingOnly("bcd", 1400);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
    rig.runHearingOnly("bcd", 1000);
    assertEquals(1, rig.sentTo('b', MessageType.AUTH_REQUEST).size());
  }

  @Test
  void siblingThatMustNotFailOverIsNotWaitedFor() {
    CoreRig rig = CoreRig.replica();
    rig.say('d').asReplicaOf('a').noFailover().at(500).ping();
    rig.say('b').fail('a');
    rig.runHearingOnly("bcd", 1200);
    assertFalse(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
  }

  @Test
  void staleOrNeverSyncedReplicaDoesNotAsk() {
    for (long ageMs : new long[] {Long.MAX_VALUE, 23_000}) {
      CoreRig rig = CoreRig.replica();
      rig.facts.dataAgeMs = ageMs;
      rig.say('b').fail('a');
      rig.runHearingOnly("bcd", 3000);
      assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
    }
    CoreRig rig = CoreRig.replica();
    rig.facts.dataAgeMs = 20_000;
    rig.say('b').fail('a');
    rig.runHearingOnly("bcd", 3000);
    assertFalse(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
  }

  @Test
  void replicaWithNoFailoverDoesNotAsk() {
    CoreRig rig = CoreRig.replica();
    ClusterSettings settings =
        ClusterSettings.builder().nodeTimeoutMs(1000).port(1).replicaNoFailover(true).build();
    rig.core.onSettings(rig.nowMs, settings, rig.facts);
    rig.say('b').fail('a');
    rig.runHearingOnly("bcd", 3000);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
    assertTrue(ClusterNodesText.line(rig.view(), 0, false).contains("myself,slave,nofailover"));
  }

  @Test
  void electionWithoutMajorityIsRepeatedInANewEpoch() {
    CoreRig rig = primaryFailed();
    rig.runHearingOnly("bcd", 6500);
    long first = request(rig).currentEpoch();
    long last = rig.sent(MessageType.AUTH_REQUEST).getLast().header().currentEpoch();
    assertEquals(first + 1, last);
  }

  @Test
  void primaryWithoutSlotsIsNotReplaced() {
    CoreRig rig = CoreRig.replica();
    rig.say('a').owning(SlotSet.EMPTY).ping();
    rig.say('b').epochs(9, 9).owning(0, 10922).ping();
    rig.say('c').fail('a');
    rig.runHearingOnly("bcd", 3000);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
  }

  // The voter's side

  /** This node is a primary among a and b; c is a replica of a, and a failed. */
  private static CoreRig voter() {
    CoreRig rig = CoreRig.voter();
    rig.say('b').fail('a');
    rig.forget();
    return rig;
  }

  private static Speech candidate(CoreRig rig, char name, long epoch) {
    return rig.say(name).asReplicaOf('a').epochs(epoch, 2).owning(5461, 10922);
  }

  private static int votes(CoreRig rig) {
    return rig.sent(MessageType.AUTH_ACK).size();
  }

  @Test
  void voteIsSavedDurablyInTheSameOutboxThatSendsIt() {
    CoreRig rig = voter();
    candidate(rig, 'c', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(1, rig.sentTo('c', MessageType.AUTH_ACK).size());
    assertEquals(4, rig.sent(MessageType.AUTH_ACK).get(0).header().currentEpoch());
    assertTrue(rig.fsynced());
    assertTrue(rig.persisted.getLast().text().contains("currentEpoch 4 lastVoteEpoch 4"));
  }

  @Test
  void oneVotePerEpoch() {
    CoreRig rig = voter();
    candidate(rig, 'c', 4).say(MessageType.AUTH_REQUEST);
    candidate(rig, 'd', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
  }

  @Test
  void oneVotePerFailedPrimaryInTwoTimeouts() {
    CoreRig rig = voter();
    candidate(rig, 'c', 4).say(MessageType.AUTH_REQUEST);
    rig.run(2 * CoreRig.TIMEOUT_MS - 100);
    candidate(rig, 'd', 5).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
    rig.nowMs += 100;
    candidate(rig, 'd', 6).say(MessageType.AUTH_REQUEST);
    assertEquals(2, votes(rig));
  }

  /** With the node timeout not waited for, one pair of nodes can replace each other fast. */
  @Test
  void primaryThatHasWonAnElectionSinceMayBeReplacedAgainAtOnce() {
    CoreRig rig = voter();
    candidate(rig, 'c', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(rig));
    rig.say('a').epochs(5, 5).owning(5461, 10922).ping();
    rig.say('b').fail('a');
    rig.say('d').asReplicaOf('a').epochs(6, 5).owning(5461, 10922).say(MessageType.AUTH_REQUEST);
    assertEquals(2, votes(rig));
  }

  @Test
  void oldEpochsLivePrimariesAndOutdatedSlotsGetNoVote() {
    CoreRig rig = voter();
    candidate(rig, 'c', 2).say(MessageType.AUTH_REQUEST);
    rig.say('c').asReplicaOf('a').epochs(5, 1).owning(5461, 10922).say(MessageType.AUTH_REQUEST);
    rig.say('x').epochs(6, 6).say(MessageType.AUTH_REQUEST);
    rig.say('b').epochs(7, 3).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(rig));
    CoreRig healthy = CoreRig.threePrimaries();
    healthy.say('a').about('c', 2).ping();
    healthy.say('c').asReplicaOf('a').epochs(3, 2).owning(5461, 10922).ping();
    healthy.tick();
    candidate(healthy, 'c', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(healthy));
    candidate(healthy, 'c', 5).forced().say(MessageType.AUTH_REQUEST);
    assertEquals(1, votes(healthy), "a manual failover may replace a living primary");
  }

  @Test
  void replicasAndSlotlessPrimariesDoNotVote() {
    CoreRig replica = CoreRig.replica();
    replica.say('b').fail('a');
    candidate(replica, 'd', 4).say(MessageType.AUTH_REQUEST);
    assertEquals(0, votes(replica));
  }

  // Manual failover

  @Test
  void replicaWaitsForTheLastWriteOfThePausedPrimary() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 90;
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.Failover(Mode.DEFAULT)));
    assertEquals(1, rig.sentTo('a', MessageType.MFSTART).size());
    rig.say('a').paused().at(100).pingBack();
    rig.run(300);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
    rig.facts.offset = 100;
    rig.tick();
    assertTrue(request(rig).forcesAck());
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void offsetOfAnEarlierPauseDoesNotCount() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 100;
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.say('a').paused().at(100).ping();
    rig.run(300);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty(), "it may end before this request does");
    rig.say('a').at(100).pingBack();
    rig.run(300);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty(), "writes still go on");
    rig.say('a').paused().at(100).ping();
    assertTrue(request(rig).forcesAck());
  }

  @Test
  void manualFailoverTimesOut() {
    CoreRig rig = CoreRig.replica();
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.run(ManualFailover.TIMEOUT_MS + 100);
    rig.say('a').paused().at(rig.facts.offset).pingBack();
    rig.run(300);
    assertTrue(rig.sent(MessageType.AUTH_REQUEST).isEmpty());
  }

  @Test
  void forceAsksWithoutThePrimaryAndTakeoverAsksNobody() {
    CoreRig force = CoreRig.replica();
    force.admin(new AdminRequest.Failover(Mode.FORCE));
    assertEquals(0, force.sent(MessageType.MFSTART).size());
    assertTrue(request(force).forcesAck());
    CoreRig takeover = CoreRig.replica();
    takeover.admin(new AdminRequest.Failover(Mode.TAKEOVER));
    assertTrue(takeover.view().myself().isPrimary());
    assertEquals(4, takeover.view().myEpoch());
    assertTrue(takeover.fsynced());
  }

  @Test
  void primaryHoldsWritesBackAndSaysSoUntilItIsOver() {
    CoreRig rig = voter();
    rig.say('b').about('e', 2).ping();
    rig.say('e').asReplicaOf(CoreRig.ME).owning(0, 5460).epochs(3, 1).ping();
    rig.tick();
    rig.forget();
    rig.say('e').asReplicaOf(CoreRig.ME).owning(0, 5460).epochs(3, 1).say(MessageType.MFSTART);
    assertTrue(rig.events.contains(new ClusterEvent.PauseWrites(rig.nowMs + 10_000)));
    assertEquals(rig.inboundOf('e'), rig.sent.get(0).linkId());
    assertFalse(rig.sent(MessageType.PING).get(0).header().saysPaused(), "writes still go on");
    rig.forget();
    rig.facts.holdsWritesBack = true;
    rig.facts.offset = 77;
    rig.core.onWritesHeldBack(rig.nowMs, rig.facts);
    rig.drain();
    BusHeader told = rig.sentTo('e', MessageType.PING).get(0).header();
    assertTrue(told.saysPaused());
    assertEquals(77, told.replicationOffset());
    rig.forget();
    rig.tick();
    assertEquals(1, rig.sentTo('e', MessageType.PING).size());
    rig.run(ManualFailover.TIMEOUT_MS);
    assertTrue(rig.events.contains(new ClusterEvent.ResumeWrites()));
  }

  @Test
  void strangersCannotPauseAPrimary() {
    CoreRig rig = voter();
    rig.say('c').asReplicaOf('a').say(MessageType.MFSTART);
    assertTrue(rig.events.isEmpty());
  }

  // Replica migration

  @Test
  void spareReplicaMovesToAnOrphanedPrimaryAfterFiveSeconds() {
    CoreRig rig = CoreRig.replica();
    rig.say('b').about('0', 2).ping();
    rig.say('0').asReplicaOf('b').owning(5461, 10922).epochs(3, 2).ping();
    rig.run(200);
    rig.say('c').fail('0');
    rig.runHearingOnly("abcd", 5000);
    assertFalse(rig.events.contains(new ClusterEvent.BecameReplica(id('b'))));
    rig.runHearingOnly("abcd", 500);
    boolean moves = "m".compareTo("d") < 0;
    assertFalse(moves, "d has the smaller id and goes instead");
    assertFalse(rig.events.contains(new ClusterEvent.BecameReplica(id('b'))));
    rig.say('d').asReplicaOf('c').owning(10923, 16383).epochs(3, 3).ping();
    rig.say('b').about('n', 2).ping();
    rig.say('n').asReplicaOf('a').owning(0, 5460).epochs(3, 1).ping();
    rig.runHearingOnly("abcdn", 300);
    assertTrue(rig.events.contains(new ClusterEvent.BecameReplica(id('b'))));
  }
}
