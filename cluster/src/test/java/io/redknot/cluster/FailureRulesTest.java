package io.redknot.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import org.junit.jupiter.api.Test;

class FailureRulesTest {
  @Test
  void silentNodeIsSuspectedAfterTheTimeoutAndNotBefore() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.runHearingOnly("a", CoreRig.TIMEOUT_MS);
    assertFalse(rig.node('b').has(NodeFlags.PFAIL));
    rig.runHearingOnly("a", 2 * CoreRig.TIMEOUT_MS);
    assertTrue(rig.node('b').has(NodeFlags.PFAIL));
    assertFalse(rig.node('a').has(NodeFlags.PFAIL));
    assertTrue(rig.view().isOk(), "a suspicion alone leaves the cluster up");
  }

  @Test
  void clockThatIsSetBackKeepsNobodyFromBeingSuspected() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.nowMs -= 3_600_000;
    rig.runHearingOnly("a", 3 * CoreRig.TIMEOUT_MS);
    assertTrue(rig.node('b').has(NodeFlags.PFAIL));
    assertFalse(rig.node('a').has(NodeFlags.PFAIL));
  }

  @Test
  void anyMessageCountsAsASignOfLife() {
    CoreRig rig = CoreRig.threePrimaries();
    for (int i = 0; i < 30; i++) {
      rig.runHearingOnly("a", 100);
      rig.say('b').broadcastPong();
    }
    assertFalse(rig.node('b').has(NodeFlags.PFAIL));
  }

  @Test
  void unreachableNodeIsSuspectedToo() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.connects = false;
    rig.breakLink('b');
    rig.runHearingOnly("a", 4 * CoreRig.TIMEOUT_MS);
    assertTrue(rig.node('b').has(NodeFlags.PFAIL));
  }

  private static CoreRig suspectingB() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.runHearingOnly("a", 3 * CoreRig.TIMEOUT_MS);
    rig.forget();
    return rig;
  }

  @Test
  void quorumOfPrimariesFailsASuspectAndTellsAll() {
    CoreRig rig = suspectingB();
    rig.say('a').about('b', NodeFlags.PRIMARY | NodeFlags.PFAIL).ping();
    assertTrue(rig.node('b').has(NodeFlags.FAIL));
    assertFalse(rig.node('b').has(NodeFlags.PFAIL));
    assertEquals(new BusBody.Fail(CoreRig.id('b')), rig.sent(MessageType.FAIL).get(0).body());
    assertFalse(rig.view().isOk(), "its slots are not covered");
  }

  @Test
  void reportAboutANodeWeReachDoesNotFailIt() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').about('b', NodeFlags.PRIMARY | NodeFlags.PFAIL).ping();
    assertFalse(rig.node('b').has(NodeFlags.FAIL));
    assertEquals(
        new AdminReply.Count(1), rig.admin(new AdminRequest.CountFailureReports(CoreRig.id('b'))));
  }

  @Test
  void reportsExpireAndAreWithdrawn() {
    CoreRig rig = CoreRig.threePrimaries();
    AdminRequest count = new AdminRequest.CountFailureReports(CoreRig.id('b'));
    rig.say('a').about('b', NodeFlags.PRIMARY | NodeFlags.PFAIL).ping();
    rig.say('a').about('b', NodeFlags.PRIMARY).ping();
    assertEquals(new AdminReply.Count(0), rig.admin(count));
    rig.say('a').about('b', NodeFlags.PRIMARY | NodeFlags.FAIL).ping();
    rig.nowMs += 2 * CoreRig.TIMEOUT_MS;
    assertEquals(new AdminReply.Count(1), rig.admin(count));
    rig.nowMs += 1;
    assertEquals(new AdminReply.Count(0), rig.admin(count));
  }

  @Test
  void replicasDoNotReportFailures() {
    CoreRig rig = CoreRig.replica();
    rig.say('d').asReplicaOf('a').about('b', NodeFlags.PRIMARY | NodeFlags.PFAIL).ping();
    assertEquals(
        new AdminReply.Count(0), rig.admin(new AdminRequest.CountFailureReports(CoreRig.id('b'))));
  }

  @Test
  void failMessageOfAKnownNodeIsBelieved() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('x').fail('b');
    assertFalse(rig.node('b').has(NodeFlags.FAIL));
    rig.say('a').fail(CoreRig.ME);
    assertFalse(rig.view().myself().has(NodeFlags.FAIL));
    rig.say('a').fail('b');
    assertTrue(rig.node('b').has(NodeFlags.FAIL));
  }

  @Test
  void pongClearsASuspicionAtOnce() {
    CoreRig rig = suspectingB();
    rig.tick();
    rig.say('b').pong();
    assertFalse(rig.node('b').has(NodeFlags.PFAIL));
  }

  @Test
  void failedPrimaryWithSlotsIsReadmittedOnlyAfterTwoTimeouts() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').fail('b');
    rig.say('b').pong();
    assertTrue(rig.node('b').has(NodeFlags.FAIL));
    rig.run(2 * CoreRig.TIMEOUT_MS + 1000);
    assertFalse(rig.node('b').has(NodeFlags.FAIL));
  }

  @Test
  void failedReplicaIsReadmittedAtOnce() {
    CoreRig rig = CoreRig.replica();
    rig.say('b').fail('d');
    assertTrue(rig.node('d').has(NodeFlags.FAIL));
    rig.say('d').asReplicaOf('a').pong();
    assertFalse(rig.node('d').has(NodeFlags.FAIL));
  }

  @Test
  void everySuspectIsInEveryPing() {
    CoreRig rig = suspectingB();
    for (int i = 0; i < 5; i++) {
      rig.say('a').ping();
    }
    for (BusMessage pong : rig.sent(MessageType.PONG)) {
      BusBody.Gossip gossip = (BusBody.Gossip) pong.body();
      assertTrue(
          gossip.entries().stream()
              .anyMatch(e -> e.nodeId().equals(CoreRig.id('b')) && e.has(NodeFlags.PFAIL)));
    }
  }

  @Test
  void freshPongsOfOthersSpareUsAPing() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.refresh();
    long pongMs = rig.node('b').pongReceivedMs();
    long seconds = rig.nowMs / 1000 + 5;
    rig.nowMs = seconds * 1000 - 501;
    rig.say('a').about('b', NodeFlags.PRIMARY, CoreRig.ip('b'), seconds).ping();
    rig.refresh();
    assertEquals(pongMs, rig.node('b').pongReceivedMs(), "too far in the future");
    rig.nowMs += 1;
    rig.say('a').about('b', NodeFlags.PRIMARY, CoreRig.ip('b'), seconds).ping();
    rig.refresh();
    assertEquals(seconds * 1000, rig.node('b').pongReceivedMs());
  }

  @Test
  void deadLinkIsReplacedWhileAPingWaits() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.run(CoreRig.TIMEOUT_MS);
    Long before = rig.outboundTo('b');
    rig.runHearingOnly("a", 2 * CoreRig.TIMEOUT_MS);
    assertNotEquals(before, rig.outboundTo('b'));
    assertNotEquals(0, rig.node('b').pingSentMs(), "the wait goes on across the reconnect");
  }

  @Test
  void linkOnWhichNothingIsAnsweredIsReplacedThoughItsNodeSpeaksElsewhere() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.run(CoreRig.TIMEOUT_MS);
    Long before = rig.outboundTo('b');
    for (long ms = 0; ms < 3 * CoreRig.TIMEOUT_MS; ms += 100) {
      rig.runHearingOnly("a", 100);
      rig.say('b').ping();
    }
    assertNotEquals(before, rig.outboundTo('b'));
  }

  @Test
  void linkWithTooMuchQueuedIsClosedAndCounted() {
    CoreRig rig =
        new CoreRig(
            s -> s.linkSendBufferLimitBytes(1000),
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, ""),
            CoreRig.line('a', "master", '-', 2, ""));
    rig.run(200);
    rig.facts.sendBufferBytes = 1001;
    rig.tick();
    assertEquals(1, rig.view().linksOverLimit());
    assertEquals(1, rig.closed.size());
  }

  @Test
  void minorityStopsServingAndWaitsBeforeItServesAgain() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.runHearingOnly("", 3 * CoreRig.TIMEOUT_MS);
    assertFalse(rig.view().isOk());
    rig.tick();
    rig.say('a').pong();
    rig.say('b').pong();
    assertFalse(rig.view().isOk(), "it may have been replaced meanwhile");
    rig.run(1300);
    assertTrue(rig.view().isOk());
  }

  @Test
  void nodeThatStoodStillServesOnlyAfterHearingAMajority() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.nowMs += 2 * CoreRig.TIMEOUT_MS;
    rig.tick();
    assertFalse(rig.view().isOk());
    assertFalse(rig.node('a').has(NodeFlags.PFAIL), "nobody is suspected for our own sleep");
    rig.runHearingOnly("", CoreRig.TIMEOUT_MS - 100);
    assertFalse(rig.view().isOk());
    rig.run(3000);
    assertTrue(rig.view().isOk());
  }

  /** They speak, so that nobody is suspected, and yet none of them can have heard this node. */
  @Test
  void primaryThatIsAnsweredByNobodyStopsServingThoughItHearsAll() {
    CoreRig rig = CoreRig.threePrimaries();
    for (int i = 0; i < 30; i++) {
      rig.runHearingOnly("", 100);
      rig.say('a').ping();
      rig.say('b').ping();
    }
    assertFalse(rig.node('a').has(NodeFlags.PFAIL));
    assertFalse(rig.view().isOk());
    rig.run(3000);
    assertTrue(rig.view().isOk());
  }

  @Test
  void oneOfTwoOtherPrimariesThatAnswersIsEnough() {
    CoreRig rig = CoreRig.threePrimaries();
    for (int i = 0; i < 30; i++) {
      rig.runHearingOnly("a", 100);
      rig.say('b').ping();
    }
    assertTrue(rig.view().isOk());
  }

  /** Behind a network that lets nobody in or out: Redis nodes serve there, too. */
  @Test
  void whoHasNeverAnsweredIsBelievedByItsWords() {
    CoreRig rig =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5460"),
            CoreRig.line('a', "master", '-', 2, "5461-16383"));
    rig.connects = false;
    for (int i = 0; i < 60; i++) {
      rig.tick();
      rig.say('a').ping();
    }
    assertTrue(rig.view().isOk());
  }

  @Test
  void primaryThatIsSaidToHaveFailedServesWhenAMajorityHasAnsweredSince() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').fail(CoreRig.ME);
    assertFalse(rig.view().isOk());
    rig.runHearingOnly("", CoreRig.TIMEOUT_MS - 100);
    assertFalse(rig.view().isOk());
    rig.say('b').fail(CoreRig.ME);
    rig.run(3000);
    assertTrue(rig.view().isOk());
  }

  @Test
  void primaryIsNotWritableForTwoSecondsAfterItsStart() {
    CoreRig rig = new CoreRig(CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-16383"));
    rig.run(2000);
    assertFalse(rig.view().isOk());
    rig.run(300);
    assertTrue(rig.view().isOk());
  }

  @Test
  void partialCoverageIsEnoughWhenFullCoverageIsNotRequired() {
    CoreRig strict = new CoreRig(CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5"));
    CoreRig lax =
        new CoreRig(
            s -> s.requireFullCoverage(false),
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5"));
    strict.run(3000);
    lax.run(3000);
    assertFalse(strict.view().isOk());
    assertTrue(lax.view().isOk());
  }
}
