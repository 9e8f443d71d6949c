package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.AdminRequest.Failover.Mode;
import io.redknot.cluster.FailoverEvent.Kind;
import io.redknot.cluster.wire.MessageType;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class FailoverLogTest {
  private static List<Kind> kinds(List<FailoverEvent> events) {
    return events.stream()
        .map(FailoverEvent::kind)
        .filter(kind -> kind != Kind.STATE && kind != Kind.REPORTED)
        .toList();
  }

  @Test
  void winnerKnowsWhyItWon() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 400;
    rig.say('b').fail('a');
    rig.runHearingOnly("bcd", 1200);
    rig.say('b').epochs(4, 2).say(MessageType.AUTH_ACK);
    rig.say('c').epochs(4, 3).say(MessageType.AUTH_ACK);
    List<FailoverEvent> events = rig.view().failovers();
    assertEquals(
        List.of(
            Kind.FAILED,
            Kind.PLANNED,
            Kind.ASKED,
            Kind.VOTE_RECEIVED,
            Kind.VOTE_RECEIVED,
            Kind.REPLACED),
        kinds(events));
    FailoverEvent planned = first(events, Kind.PLANNED);
    assertEquals(id('a'), planned.nodeId());
    assertTrue(planned.detail().endsWith("rank 0, offset 400"), planned.detail());
    assertEquals(id('b'), first(events, Kind.VOTE_RECEIVED).nodeId());
    assertEquals("1 of 2", first(events, Kind.VOTE_RECEIVED).detail());
    FailoverEvent replaced = first(events, Kind.REPLACED);
    assertEquals("5461 slots, 2 votes, config epoch 4", replaced.detail());
    assertEquals(4, replaced.epoch());
  }

  private static FailoverEvent first(List<FailoverEvent> events, Kind kind) {
    return events.stream().filter(event -> event.kind() == kind).findFirst().orElseThrow();
  }

  @Test
  void stepsOfAManualFailoverAreKept() {
    CoreRig rig = CoreRig.replica();
    rig.facts.offset = 90;
    rig.admin(new AdminRequest.Failover(Mode.DEFAULT));
    rig.say('a').paused().at(100).pingBack();
    rig.facts.offset = 100;
    rig.tick();
    List<String> manual =
        rig.view().failovers().stream()
            .filter(event -> event.kind() == Kind.MANUAL)
            .map(FailoverEvent::detail)
            .toList();
    assertEquals(
        List.of(
            "begun", "the primary stands at offset 100", "all of the primary's writes are here"),
        manual);
  }

  @Test
  void everyNodeOfAClusterTellsItsPart() {
    SimCluster sim = new SimCluster(3, 6, UnaryOperator.identity());
    sim.form(3);
    sim.run(2000);
    String dead = sim.node(0).id();
    sim.crash(sim.node(0));
    sim.runUntil(
        "node 3 replaces node 0 for all",
        10_000,
        () -> sim.node(3).view().isMine(0) && knows(sim.node(1), Kind.TOOK_OVER));
    assertTrue(knows(sim.node(3), Kind.REPLACED));
    FailoverEvent suspected = first(sim.node(1).view().failovers(), Kind.SUSPECTED);
    FailoverEvent failed = first(sim.node(1).view().failovers(), Kind.FAILED);
    assertEquals(dead, suspected.nodeId());
    assertEquals(dead, failed.nodeId());
    assertTrue(suspected.atMs() <= failed.atMs());
    assertEquals(sim.node(3).id(), first(sim.node(1).view().failovers(), Kind.TOOK_OVER).nodeId());
    assertTrue(knows(sim.node(1), Kind.VOTE_GIVEN) || knows(sim.node(2), Kind.VOTE_GIVEN));
  }

  private static boolean knows(SimNode node, Kind kind) {
    return node.view().failovers().stream().anyMatch(event -> event.kind() == kind);
  }

  @Test
  void oldestEventsGiveWay() {
    FailoverLog log = new FailoverLog();
    for (int i = 0; i < FailoverLog.EVENTS_MAX + 7; i++) {
      log.add(new FailoverEvent(i, Kind.STATE, "", 0, ""));
    }
    assertEquals(FailoverLog.EVENTS_MAX, log.all().size());
    assertEquals(7, log.all().getFirst().atMs());
    assertSame(log.all(), log.all());
  }
}
