package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.PingExtension;
import io.redknot.cluster.wire.PingExtension.OpenSlot;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenSlotsTest {
  private static AdminRequest setSlot(String... words) {
    return new AdminRequest.SetSlot(List.of(words));
  }

  private static List<OpenSlot> told(BusMessage message) {
    List<PingExtension> all = ((BusBody.Gossip) message.body()).extensions();
    return all.stream().filter(OpenSlot.class::isInstance).map(OpenSlot.class::cast).toList();
  }

  private static List<OpenSlot> toldLast(CoreRig rig, char name) {
    return told(rig.sentTo(name, MessageType.PONG).getLast());
  }

  /** This node is a primary; c and d are its replicas, and d is one of Redis 7.0. */
  private static CoreRig primary() {
    CoreRig rig =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5460"),
            CoreRig.line('a', "master", '-', 2, "5461-10922"),
            CoreRig.line('b', "master", '-', 3, "10923-16383"),
            CoreRig.line('c', "slave", CoreRig.ME, 1, ""),
            CoreRig.line('d', "slave", CoreRig.ME, 1, ""));
    rig.run(2500);
    for (char name : "ab".toCharArray()) {
      rig.say(name).understandingExtensions().ping();
    }
    rig.say('c').asReplicaOf(CoreRig.ME).understandingExtensions().ping();
    rig.say('d').asReplicaOf(CoreRig.ME).bare().ping();
    rig.forget();
    return rig;
  }

  @Test
  void replicasThatUnderstandItAreToldAtOnceWhatIsOnTheMove() {
    CoreRig rig = primary();
    rig.admin(setSlot("7", "migrating", id('a')));
    assertEquals(List.of(new OpenSlot(7, true, id('a'))), toldLast(rig, 'c'));
    rig.admin(setSlot("6000", "importing", id('b')));
    assertEquals(
        List.of(new OpenSlot(7, true, id('a')), new OpenSlot(6000, false, id('b'))),
        toldLast(rig, 'c'));
    for (char other : "abd".toCharArray()) {
      assertEquals(List.of(), rig.sentTo(other, MessageType.PONG), "node " + other);
    }
    rig.admin(setSlot("7", "node", id('a')));
    rig.admin(setSlot("6000", "stable"));
    assertEquals(List.of(), toldLast(rig, 'c'));
  }

  @Test
  void replicaThatHasNotListenedHearsItWithEveryPing() {
    CoreRig rig = primary();
    rig.admin(setSlot("7", "migrating", id('a')));
    rig.forget();
    rig.run(CoreRig.TIMEOUT_MS);
    List<BusMessage> pings = rig.sentTo('c', MessageType.PING);
    assertTrue(!pings.isEmpty());
    pings.forEach(ping -> assertEquals(1, told(ping).size()));
    rig.sentTo('a', MessageType.PING).forEach(ping -> assertEquals(List.of(), told(ping)));
  }

  private static void takeOver(CoreRig rig) {
    rig.say('b').fail('a');
    rig.runHearingOnly("bcd", 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    assertTrue(rig.view().myself().isPrimary());
  }

  @Test
  void replicaThatTakesOverGoesOnWithTheMoves() {
    CoreRig rig = CoreRig.replica();
    rig.say('a')
        .adding(new OpenSlot(7, true, id('b')))
        .adding(new OpenSlot(6000, false, id('b')))
        .adding(new OpenSlot(8, true, id('x')))
        .adding(new OpenSlot(9, false, id('b')))
        .ping();
    assertEquals(0, rig.view().migratingSlots().length, "it moves nothing itself yet");
    takeOver(rig);
    ClusterView view = rig.view();
    int peer = view.find(id('b'));
    assertEquals(peer, view.migratingTo(7));
    assertEquals(peer, view.importingFrom(6000));
    assertEquals(ClusterView.NONE, view.migratingTo(8), "to a node that nobody knows");
    assertEquals(ClusterView.NONE, view.importingFrom(9), "its own slot");
    assertTrue(rig.persisted.getLast().text().contains("[7->-" + id('b') + "]"));
  }

  @Test
  void moveThatHasEndedIsNotTakenUp() {
    CoreRig rig = CoreRig.replica();
    rig.say('a').adding(new OpenSlot(7, true, id('b'))).ping();
    rig.say('a').ping();
    takeOver(rig);
    assertEquals(ClusterView.NONE, rig.view().migratingTo(7));
  }

  @Test
  void moveGoesOnWithTheReplicaThatHasReplacedThePeer() {
    CoreRig rig = CoreRig.voter();
    rig.admin(setSlot("3", "migrating", id('a')));
    rig.admin(setSlot("6000", "importing", id('a')));
    rig.admin(setSlot("11000", "importing", id('b')));
    rig.say('c').asPrimary().epochs(4, 4).owning(5461, 10922).ping();
    ClusterView view = rig.view();
    assertEquals(view.find(id('c')), view.migratingTo(3));
    assertEquals('c', rig.owner(6000));
    assertEquals(view.find(id('c')), view.importingFrom(6000));
    assertEquals(view.find(id('b')), view.importingFrom(11000));
  }

  @Test
  void nobodyElseTakesASlotThatIsBeingImported() {
    CoreRig rig = CoreRig.voter();
    rig.admin(setSlot("6000", "importing", id('a')));
    rig.say('b').epochs(9, 9).owning(5461, 16383).ping();
    assertEquals('a', rig.owner(6000));
    assertEquals('b', rig.owner(6001));
  }
}
