package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.ME;
import static io.redknot.cluster.CoreRig.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.AdminRequest.Failover.Mode;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdminRulesTest {
  private static void assertRefused(String text, AdminReply reply) {
    assertEquals(new AdminReply.Refused("ERR " + text), reply);
  }

  private static AdminRequest addSlots(String... slots) {
    return new AdminRequest.AddSlots(List.of(slots));
  }

  private static AdminRequest delSlots(String... slots) {
    return new AdminRequest.DelSlots(List.of(slots));
  }

  private static AdminRequest setSlot(String... words) {
    return new AdminRequest.SetSlot(List.of(words));
  }

  @Test
  void addSlotsChecksAllBeforeItChangesAnything() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(delSlots("1", "2", "3"));
    assertRefused("Invalid or out of range slot", rig.admin(addSlots("1", "16384")));
    for (String word : new String[] {"-1", "x", "", "01", "+1", "99999999999"}) {
      assertRefused("Invalid or out of range slot", rig.admin(addSlots("1", word)));
    }
    assertRefused("Slot 0 is already busy", rig.admin(addSlots("1", "0")));
    assertRefused("Slot 1 specified multiple times", rig.admin(addSlots("1", "2", "1")));
    assertEquals('-', rig.owner(1));
    assertEquals(AdminReply.OK, rig.admin(addSlots("3", "1")));
    assertEquals(ME, rig.owner(1));
    assertEquals('-', rig.owner(2));
  }

  @Test
  void delSlotsChecksAllBeforeItChangesAnything() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(delSlots("7"));
    assertRefused("Slot 7 is already unassigned", rig.admin(delSlots("8", "7")));
    assertRefused("Slot 8 specified multiple times", rig.admin(delSlots("8", "8")));
    assertEquals(ME, rig.owner(8));
  }

  @Test
  void slotRangesAreCheckedPairByPair() {
    CoreRig rig = new CoreRig();
    assertRefused(
        "start slot number 9 is greater than end slot number 3",
        rig.admin(new AdminRequest.AddSlotsRange(List.of("0", "2", "9", "3"))));
    assertRefused(
        "Slot 2 specified multiple times",
        rig.admin(new AdminRequest.AddSlotsRange(List.of("0", "2", "2", "3", "x", "5"))));
    assertRefused(
        "Invalid or out of range slot",
        rig.admin(new AdminRequest.AddSlotsRange(List.of("0", "2", "3", "x"))));
    assertEquals(
        AdminReply.OK, rig.admin(new AdminRequest.AddSlotsRange(List.of("0", "2", "5", "5"))));
    assertEquals(4, rig.view().slotsAssigned());
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.DelSlotsRange(List.of("1", "2"))));
    assertEquals(2, rig.view().slotsAssigned());
  }

  @Test
  void addingASlotEndsItsImport() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(setSlot("5461", "IMPORTING", id('a')));
    rig.admin(delSlots("5461"));
    rig.admin(addSlots("5461"));
    assertFalse(rig.view().isImporting(5461));
  }

  @Test
  void flushSlotsNeedsAnEmptyDataset() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.facts.keys[0] = 1;
    assertRefused(
        "DB must be empty to perform CLUSTER FLUSHSLOTS.",
        rig.admin(new AdminRequest.FlushSlots()));
    rig.facts.keys[0] = 0;
    rig.admin(new AdminRequest.FlushSlots());
    assertEquals('-', rig.owner(0));
    assertEquals('a', rig.owner(5461));
  }

  @Test
  void setSlotRefusesInTheOrderOfRedis() {
    CoreRig replica = CoreRig.replica();
    assertRefused("Please use SETSLOT only with masters.", replica.admin(setSlot("bad", "x", "y")));
    CoreRig rig = CoreRig.threePrimaries();
    String bad = "Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP";
    assertRefused("Invalid or out of range slot", rig.admin(setSlot("bad", "x")));
    assertRefused(bad, rig.admin(setSlot("1", "stable", "more")));
    assertRefused(bad, rig.admin(setSlot("1", "migrating")));
    assertRefused(bad, rig.admin(setSlot("1", "moving", id('a'))));
    assertRefused(
        "I'm not the owner of hash slot 5461", rig.admin(setSlot("5461", "migrating", id('z'))));
    assertRefused(
        "I don't know about node " + id('z'), rig.admin(setSlot("1", "migrating", id('z'))));
    assertRefused(
        "I'm already the owner of hash slot 1", rig.admin(setSlot("1", "importing", id('a'))));
    assertRefused(
        "I don't know about node " + id('z'), rig.admin(setSlot("5461", "importing", id('z'))));
    assertRefused("Unknown node " + id('z'), rig.admin(setSlot("1", "node", id('z'))));
    rig.say('a').asReplicaOf('b').owning(10923, 16383).epochs(3, 3).ping();
    assertRefused("Target node is not a master", rig.admin(setSlot("1", "node", id('a'))));
    assertRefused("Target node is not a master", rig.admin(setSlot("1", "migrating", id('a'))));
  }

  @Test
  void slotWithKeysCannotBeGivenAway() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(setSlot("1", "MIGRATING", id('a')));
    rig.facts.keys[1] = 1;
    assertRefused(
        "Can't assign hashslot 1 to a different node while I still hold keys for this hash slot.",
        rig.admin(setSlot("1", "NODE", id('a'))));
    rig.facts.keys[1] = 0;
    assertEquals(AdminReply.OK, rig.admin(setSlot("1", "NODE", id('a'))));
    assertEquals('a', rig.owner(1));
    assertFalse(rig.view().isMigrating(1));
  }

  @Test
  void finishedImportTakesTheSlotWithANewEpochAndTellsAll() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(setSlot("5461", "importing", id('a')));
    rig.forget();
    assertEquals(AdminReply.OK, rig.admin(setSlot("5461", "node", id(ME))));
    assertEquals(ME, rig.owner(5461));
    assertFalse(rig.view().isImporting(5461));
    assertEquals(4, rig.view().myEpoch());
    assertTrue(rig.fsynced());
    assertEquals(2, rig.sent(MessageType.PONG).size());
  }

  @Test
  void givingTheLastSlotAwayMakesAReplica() {
    CoreRig rig =
        new CoreRig(
            CoreRig.line(ME, "myself,master", '-', 1, "0"),
            CoreRig.line('a', "master", '-', 2, "1-16383"));
    rig.admin(setSlot("0", "node", id('a')));
    assertTrue(rig.view().myself().isReplica());
  }

  @Test
  void stableClosesBothMarkers() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(setSlot("1", "migrating", id('a')));
    rig.admin(setSlot("5461", "importing", id('a')));
    rig.admin(setSlot("1", "stable"));
    rig.admin(setSlot("5461", "STABLE"));
    assertFalse(rig.view().isMigrating(1) || rig.view().isImporting(5461));
  }

  @Test
  void meetChecksPortsThenTheAddress() {
    CoreRig rig = new CoreRig();
    assertRefused(
        "Invalid base port specified: x", rig.admin(new AdminRequest.Meet("1.2.3.4", "x", "y")));
    assertRefused(
        "Invalid bus port specified: y", rig.admin(new AdminRequest.Meet("1.2.3.4", "1", "y")));
    assertRefused(
        "Invalid node address specified: localhost:1",
        rig.admin(new AdminRequest.Meet("localhost", "1", null)));
    assertRefused(
        "Invalid node address specified: 1.2.3.4:60000",
        rig.admin(new AdminRequest.Meet("1.2.3.4", "60000", null)));
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.Meet("1.2.3.4", "60000", "9")));
    assertEquals(9, rig.view().nodes().get(1).address().busPort());
  }

  @Test
  void forgetSparesOurselvesAndOurPrimary() {
    CoreRig rig = CoreRig.replica();
    assertRefused("Unknown node " + id('z'), rig.admin(new AdminRequest.Forget(id('z'))));
    assertRefused(
        "I tried hard but I can't forget myself...", rig.admin(new AdminRequest.Forget(id(ME))));
    assertRefused("Can't forget my master!", rig.admin(new AdminRequest.Forget(id('a'))));
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.Forget(id('b'))));
    assertEquals('-', rig.owner(5461));
  }

  @Test
  void replicateNeedsAPrimaryAndAnEmptyNode() {
    CoreRig rig = CoreRig.threePrimaries();
    assertRefused("Unknown node " + id('z'), rig.admin(new AdminRequest.Replicate(id('z'))));
    assertRefused("Can't replicate myself", rig.admin(new AdminRequest.Replicate(id(ME))));
    assertRefused(
        "To set a master the node must be empty and without assigned slots.",
        rig.admin(new AdminRequest.Replicate(id('a'))));
    CoreRig replica = CoreRig.replica();
    assertRefused(
        "I can only replicate a master, not a replica.",
        replica.admin(new AdminRequest.Replicate(id('d'))));
    replica.facts.keys[3] = 1;
    assertEquals(AdminReply.OK, replica.admin(new AdminRequest.Replicate(id('b'))));
    assertTrue(
        replica.events.contains(
            new ClusterEvent.ReplicateFrom(id('b'), replica.node('b').address())));
    assertEquals(replica.node('b').shardId(), replica.view().myself().shardId());
    assertTrue(replica.fsynced());
  }

  @Test
  void softResetKeepsIdAndEpochsAndHardDoesNot() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.facts.keys[0] = 1;
    assertRefused(
        "CLUSTER RESET can't be called with master nodes containing keys",
        rig.admin(new AdminRequest.Reset(false)));
    rig.facts.keys[0] = 0;
    rig.admin(new AdminRequest.Reset(false));
    assertEquals(1, rig.view().nodes().size());
    assertEquals(0, rig.view().slotsAssigned());
    assertEquals(id(ME), rig.view().myself().id());
    assertEquals(3, rig.view().currentEpoch());
    String shard = rig.view().myself().shardId();
    rig.admin(new AdminRequest.Reset(true));
    assertNotEquals(id(ME), rig.view().myself().id());
    assertNotEquals(shard, rig.view().myself().shardId());
    assertEquals(0, rig.view().currentEpoch());
    assertEquals(0, rig.view().myEpoch());
    assertTrue(rig.fsynced());
  }

  @Test
  void resetReplicaBecomesAnEmptyPrimary() {
    CoreRig rig = CoreRig.replica();
    rig.facts.keys[0] = 1;
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.Reset(false)));
    assertEquals(
        List.of(new ClusterEvent.BecamePrimary(), new ClusterEvent.FlushAllData()),
        rig.events.subList(0, 2));
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void configEpochIsSetOnlyOnALoneFreshNode() {
    CoreRig rig = new CoreRig();
    assertRefused(
        "value is not an integer or out of range", rig.admin(new AdminRequest.SetConfigEpoch("x")));
    assertRefused(
        "Invalid config epoch specified: -1", rig.admin(new AdminRequest.SetConfigEpoch("-1")));
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.SetConfigEpoch("6")));
    assertEquals(6, rig.view().currentEpoch());
    assertRefused(
        "Node config epoch is already non-zero", rig.admin(new AdminRequest.SetConfigEpoch("7")));
    assertRefused(
        "The user can assign a config epoch only when the node does not know any other node.",
        CoreRig.threePrimaries().admin(new AdminRequest.SetConfigEpoch("7")));
  }

  @Test
  void failoverIsForReplicasWithALivePrimary() {
    assertRefused(
        "You should send CLUSTER FAILOVER to a replica",
        CoreRig.threePrimaries().admin(new AdminRequest.Failover(Mode.DEFAULT)));
    CoreRig orphan = new CoreRig(CoreRig.line(ME, "myself,slave", '-', 0, ""));
    assertRefused(
        "I'm a replica but my master is unknown to me",
        orphan.admin(new AdminRequest.Failover(Mode.FORCE)));
    CoreRig rig = CoreRig.replica();
    rig.say('b').fail('a');
    assertTrue(rig.node('a').has(NodeFlags.FAIL));
    assertRefused(
        "Master is down or failed, please use CLUSTER FAILOVER FORCE",
        rig.admin(new AdminRequest.Failover(Mode.DEFAULT)));
  }

  @Test
  void saveConfigAsksForADurableSave() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(new AdminRequest.SaveConfig());
    assertTrue(rig.fsynced());
  }
}
