package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.Payload;
import io.redknot.cluster.wire.SlotSet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotAndEpochRulesTest {
  @Test
  void greaterConfigEpochTakesASlotAndEqualDoesNot() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').epochs(3, 3).owning(5461, 10923).ping();
    assertEquals('b', rig.owner(10923));
    rig.say('a').epochs(4, 4).owning(5461, 10923).ping();
    assertEquals('a', rig.owner(10923));
    assertTrue(rig.fsynced());
    assertTrue(rig.events.contains(new ClusterEvent.SlotsLost(SlotSet.of(10923))));
  }

  @Test
  void slotThatAnAdministratorMovesAwayGoesWithoutWaitingForTheDisk() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').epochs(4, 4).owning(5461, 10922).ping();
    rig.admin(new AdminRequest.SetSlot(List.of("5460", "migrating", id('a'))));
    rig.persisted.clear();
    rig.say('a').epochs(4, 4).owning(5460, 10922).ping();
    assertEquals('a', rig.owner(5460));
    assertTrue(rig.persisted.isEmpty());
    rig.run(200);
    assertFalse(rig.persisted.isEmpty(), "the tick saves what nobody else has saved");
    assertFalse(rig.fsynced());
    rig.say('a').epochs(4, 4).owning(5459, 10922).ping();
    assertEquals('a', rig.owner(5459));
    assertTrue(rig.fsynced(), "nobody here has asked for that");
  }

  @Test
  void viewNamesTheSlotsWhoseOwnerIsAnotherOne() {
    CoreRig rig = CoreRig.threePrimaries();
    ClusterView first = rig.view();
    rig.say('a').epochs(4, 4).owning(5460, 10923).ping();
    ClusterView second = rig.view();
    assertEquals(List.of(5460, 10923), changes(first, second));
    assertEquals(List.of(5460, 10923), changes(second, first));
    assertEquals(List.of(), changes(second, second));
    // Without a node the others have other indexes.
    rig.admin(new AdminRequest.Forget(id('a')));
    List<Integer> lost = changes(second, rig.view());
    assertEquals(10923 - 5460 + 1, lost.size());
    assertEquals(5460, lost.getFirst());
    assertEquals(10923, lost.getLast());
  }

  private static List<Integer> changes(ClusterView before, ClusterView after) {
    List<Integer> slots = new ArrayList<>();
    after.forEachChange(before, slots::add);
    return slots;
  }

  @Test
  void slotItsOwnerNoLongerClaimsIsFreeForAnyEpoch() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('b').owning(10924, 16383).ping();
    assertEquals('b', rig.owner(10923), "it stays bound for routing");
    rig.say('a').epochs(2, 2).owning(5461, 10923).ping();
    assertEquals('a', rig.owner(10923));
  }

  @Test
  void slotClaimedAgainIsNotFreeAnyMore() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('b').owning(10924, 16383).ping();
    rig.say('b').owning(10923, 16383).ping();
    rig.say('a').epochs(2, 2).owning(5461, 10923).ping();
    assertEquals('b', rig.owner(10923));
  }

  @Test
  void importingSlotIsLeftToTheAdministrator() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(new AdminRequest.SetSlot(List.of("10923", "importing", id('b'))));
    rig.say('a').epochs(9, 9).owning(5461, 10923).ping();
    assertEquals('b', rig.owner(10923));
  }

  @Test
  void losingASlotWithKeysDeletesThem() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.facts.keys[5460] = 3;
    rig.say('a').epochs(4, 4).owning(5459, 10922).ping();
    assertTrue(rig.events.contains(new ClusterEvent.DeleteKeysInSlots(SlotSet.of(5460))));
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void primaryThatLosesItsLastSlotFollowsTheTaker() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.facts.keys[5460] = 3;
    rig.say('a').epochs(4, 4).owning(0, 10922).ping();
    assertTrue(rig.view().myself().isReplica());
    assertEquals(rig.view().find(id('a')), rig.view().myself().primaryIndex());
    assertTrue(rig.events.contains(new ClusterEvent.BecameReplica(id('a'))));
    assertTrue(rig.events.getLast() instanceof ClusterEvent.SlotsLost);
    assertTrue(
        rig.events.stream().noneMatch(ClusterEvent.DeleteKeysInSlots.class::isInstance),
        "a full sync replaces them");
  }

  @Test
  void withoutReplicaMigrationOnlyAFullReplacementIsFollowed() {
    CoreRig rig =
        new CoreRig(
            s -> s.allowReplicaMigration(false),
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-9"),
            CoreRig.line('a', "master", '-', 2, "10-16383"));
    rig.run(100);
    rig.say('a').epochs(4, 4).owning(0, 16383).ping();
    assertTrue(rig.view().myself().isPrimary());
    CoreRig replaced =
        new CoreRig(
            s -> s.allowReplicaMigration(false),
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-9"),
            CoreRig.line('a', "master", '-', 2, "10-16383"),
            CoreRig.line('b', "slave", CoreRig.ME, 1, ""));
    replaced.run(100);
    replaced.say('b').asPrimary().epochs(4, 4).owning(0, 9).ping();
    assertTrue(replaced.view().myself().isReplica());
  }

  @Test
  void replicaFollowsTheWinnerOfItsPrimarysSlots() {
    CoreRig rig = CoreRig.replica();
    rig.say('d').asPrimary().epochs(5, 5).owning(0, 5460).ping();
    assertEquals(rig.view().find(id('d')), rig.view().myself().primaryIndex());
    assertTrue(rig.fsynced());
  }

  @Test
  void outdatedClaimIsCorrectedWithOneUpdate() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').epochs(3, 2).owning(5461, 16383).ping();
    BusBody.Update update = (BusBody.Update) rig.sentTo('a', MessageType.UPDATE).get(0).body();
    assertEquals(1, rig.sent(MessageType.UPDATE).size());
    assertEquals(new BusBody.Update(3, id('b'), SlotSet.range(10923, 16383)), update);
  }

  @Test
  void nodeWhosePortIsClosedIsToldOverItsOwnLink() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.refusing = "a";
    rig.breakLink('a');
    rig.say('a').epochs(3, 2).owning(5461, 16383).ping();
    assertEquals(1, rig.sent(MessageType.UPDATE).size());
    assertTrue(
        rig.sent.stream()
            .anyMatch(
                s -> s.message().type() == MessageType.UPDATE && s.linkId() == rig.inboundOf('a')));
  }

  @Test
  void updateAboutANewerOwnerIsApplied() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').update('b', 3, SlotSet.range(0, 100));
    assertEquals(CoreRig.ME, rig.owner(0), "epoch 3 is known already");
    rig.say('a').update('b', 7, SlotSet.range(0, 100));
    assertEquals('b', rig.owner(0));
    assertEquals(7, rig.node('b').configEpoch());
    rig.say('a').update(CoreRig.ME, 70, SlotSet.EMPTY);
    assertEquals(1, rig.view().myEpoch());
  }

  @Test
  void updateMakesAReplicaThePrimaryItIs() {
    CoreRig rig = CoreRig.replica();
    rig.say('b').update('d', 8, SlotSet.range(0, 5460));
    assertTrue(rig.node('d').isPrimary());
    assertEquals('d', rig.owner(0));
  }

  @Test
  void currentEpochIsTheHighestSeenAndSaved() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').epochs(40, 2).ping();
    assertEquals(40, rig.view().currentEpoch());
    assertTrue(rig.persisted.getLast().text().contains("currentEpoch 40 "));
    rig.say('a').epochs(39, 2).ping();
    assertEquals(40, rig.view().currentEpoch());
  }

  @Test
  void ofTwoPrimariesWithOneEpochTheSmallerIdMoves() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').epochs(3, 1).ping();
    assertEquals(1, rig.view().myEpoch(), "a is smaller than m: a has to move");
    rig.say('a').about('z', 1).ping();
    rig.say('z').epochs(3, 1).ping();
    assertEquals(4, rig.view().myEpoch());
    assertEquals(4, rig.view().currentEpoch());
    assertTrue(rig.fsynced());
  }

  @Test
  void bumpGivesTheHighestEpochOnce() {
    CoreRig rig = CoreRig.threePrimaries();
    assertEquals(new AdminReply.Text("BUMPED 4"), rig.admin(new AdminRequest.BumpEpoch()));
    assertEquals(new AdminReply.Text("STILL 4"), rig.admin(new AdminRequest.BumpEpoch()));
  }

  @Test
  void publishedMessagesReachTheServerFromKnownNodesOnly() {
    CoreRig rig = CoreRig.threePrimaries();
    Payload text = Payload.of("x");
    BusBody.Publish body = new BusBody.Publish(text, text);
    rig.say('x').publish(MessageType.PUBLISH, body);
    assertTrue(rig.events.isEmpty());
    rig.say('a').publish(MessageType.PUBLISHSHARD, body);
    assertEquals(List.of(new ClusterEvent.Published(true, text, text)), rig.events);
  }

  @Test
  void publishGoesToAllAndShardPublishToTheShard() {
    CoreRig rig = CoreRig.replica();
    Payload text = Payload.of("x");
    rig.core.onPublish(rig.nowMs, false, text, text, rig.facts);
    rig.core.onPublish(rig.nowMs, true, text, text, rig.facts);
    rig.drain();
    assertEquals(4, rig.sent(MessageType.PUBLISH).size());
    assertEquals(2, rig.sent(MessageType.PUBLISHSHARD).size());
    assertEquals(1, rig.sentTo('a', MessageType.PUBLISHSHARD).size());
    assertEquals(1, rig.sentTo('d', MessageType.PUBLISHSHARD).size());
  }

  @Test
  void keysFoundAtTheStartClaimFreeSlotsAndOpenForeignOnes() {
    CoreRig rig =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-9"),
            CoreRig.line('a', "master", '-', 2, "10-19"));
    rig.facts.keys[5] = 1;
    rig.facts.keys[15] = 1;
    rig.facts.keys[25] = 1;
    rig.core.onDataLoaded(rig.nowMs, rig.facts);
    rig.drain();
    assertTrue(rig.view().isMine(25));
    assertEquals('a', rig.owner(15));
    assertEquals(rig.view().find(id('a')), rig.view().importingFrom(15));
    assertFalse(rig.view().isImporting(5));
  }
}
