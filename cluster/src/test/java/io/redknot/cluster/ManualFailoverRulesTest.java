package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.AdminRequest.Failover.Mode;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import org.junit.jupiter.api.Test;

/** How a manual failover ends, and whose word counts for it. */
class ManualFailoverRulesTest {
  @Test
  void firstOffsetOfThePausedPrimaryIsTheOneToReach() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 90;
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.say('a').paused().at(100).pingBack();
    rig.say('a').paused().at(90).ping();
    rig.run(300);
    assertEquals(0, rig.requestsForVotes());
    rig.facts.offset = 100;
    rig.tick();
    assertEquals(1, rig.requestsForVotes());
  }

  @Test
  void pauseOfAnotherPrimaryIsNothing() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 90;
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.say('b').paused().at(90).pingBack();
    rig.run(300);
    assertEquals(0, rig.requestsForVotes());
    rig.say('a').paused().at(90).pingBack();
    rig.tick();
    assertEquals(1, rig.requestsForVotes());
  }

  @Test
  void replicaThatFollowsAnotherPrimaryHasGivenItUp() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 90;
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.say('a').paused().at(100).pingBack();
    rig.admin(new AdminRequest.Replicate(CoreRig.id('c')));
    rig.facts.offset = 100;
    rig.run(300);
    assertEquals(0, rig.requestsForVotes());
  }

  @Test
  void newOneKnowsNothingOfTheOneBefore() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 90;
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.say('a').paused().at(100).pingBack();
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.facts.offset = 100;
    rig.say('a').paused().at(100).ping();
    rig.run(300);
    assertEquals(0, rig.requestsForVotes(), "the primary has not got the second request yet");
    rig.say('a').paused().at(100).pingBack();
    rig.tick();
    assertEquals(1, rig.requestsForVotes());
  }

  /** By then the primary lets writes go on, which would be lost. */
  @Test
  void votesThatComeWhenItIsOverDoNotCountThoughNoTickHasBeenSince() {
    for (long lateMs = 0; lateMs < 2; lateMs++) {
      CoreRig rig =
          new CoreRig(
              s -> s.nodeTimeoutMs(5000),
              line(CoreRig.ME, "myself,slave", 'a', 1, ""),
              line('a', "master", '-', 1, "0-5460"),
              line('b', "master", '-', 2, "5461-10922"),
              line('c', "master", '-', 3, "10923-16383"));
      rig.run(2500);
      rig.admin(new AdminRequest.Failover(Mode.FORCE));
      assertEquals(1, rig.requestsForVotes());
      rig.nowMs += ManualFailover.TIMEOUT_MS + lateMs;
      rig.voteInEpoch4();
      assertEquals(lateMs == 0, rig.view().myself().isPrimary());
    }
  }

  @Test
  void winnerIsNotAPausedPrimary() {
    CoreRig rig = CoreRig.replica();
    rig.admin(new AdminRequest.Failover(Mode.FORCE));
    rig.voteInEpoch4();
    assertTrue(rig.view().myself().isPrimary());
    rig.forget();
    rig.facts.holdsWritesBack = true;
    rig.run(2000);
    assertFalse(rig.sent(MessageType.PING).isEmpty());
    for (BusMessage ping : rig.sent(MessageType.PING)) {
      assertFalse(ping.header().saysPaused());
    }
  }

  @Test
  void primaryThatFollowsTheWinnerLetsWritesGoOn() {
    CoreRig rig = CoreRig.voter();
    rig.say('c').asReplicaOf(CoreRig.ME).owning(0, 5460).epochs(3, 1).ping();
    rig.say('c').asReplicaOf(CoreRig.ME).owning(0, 5460).epochs(3, 1).say(MessageType.MFSTART);
    assertFalse(rig.events.contains(new ClusterEvent.ResumeWrites()));
    rig.say('c').asPrimary().owning(0, 5460).epochs(4, 4).ping();
    assertTrue(rig.view().myself().isReplica());
    assertTrue(rig.events.contains(new ClusterEvent.ResumeWrites()));
  }
}
