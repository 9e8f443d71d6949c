package io.redknot.cluster;

import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.Payload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A machine with one node on it, which may be down or frozen. */
final class SimNode {
  private static final int IPS_OF_NET = 250;

  final int index;
  final String ip;
  final SimDisk disk = new SimDisk();
  final SimFacts facts = new SimFacts();
  final Map<Long, SimCluster.End> links = new HashMap<>();
  final List<ClusterEvent> events = new ArrayList<>();
  ClusterSettings settings;
  @Nullable ClusterCore core;
  @Nullable ClusterView view;
  long pausedUntilMs;

  /** How far its clock is before the true time. */
  private long skewMs;

  /** How often its clock was set. */
  private int clockSets;

  /** Counts restarts, so that what was meant for an earlier life is not delivered. */
  int life;

  private final SimCluster sim;
  private @Nullable String following;
  private long syncedAtMs;

  /** Where the primary was at the last tick: so far the replica has come by now. */
  private long arrivingOffset;

  /** The life of the primary that was asked to hand over. */
  private int askedLife;

  /** How often its clock and this one had been set then: a pause is held for a time by a clock. */
  private int askedClockSets;

  private boolean pausesWrites;
  private long tickedMs;

  SimNode(SimCluster sim, int index, ClusterSettings settings) {
    this.sim = sim;
    this.index = index;
    this.ip = ip(index);
    this.settings = settings;
  }

  static String ip(int index) {
    return "10.0." + index / IPS_OF_NET + "." + (index % IPS_OF_NET + 1);
  }

  /** What its clock shows. */
  long clockMs() {
    return sim.nowMs() + skewMs;
  }

  void setClock(long byMs) {
    skewMs += byMs;
    clockSets++;
  }

  void start(RandomGenerator random) {
    String text = disk.read();
    facts.dataAgeMs = Long.MAX_VALUE;
    facts.holdsWritesBack = false;
    pausesWrites = false;
    following = null;
    life++;
    try {
      core =
          new ClusterCore(
              clockMs(), text == null ? null : NodesConf.parse(text, false), settings, random);
    } catch (NodesConfException e) {
      throw new AssertionError("own nodes.conf is unreadable:\n" + text, e);
    }
    drain();
    if (isUp()) {
      core().onDataLoaded(clockMs(), facts);
      drain();
    }
  }

  void crash(RandomGenerator random) {
    core = null;
    disk.crash(random);
    for (SimCluster.End end : List.copyOf(links.values())) {
      end.breakDown();
    }
    links.clear();
  }

  boolean isUp() {
    return core != null;
  }

  ClusterCore core() {
    if (core == null) {
      throw new AssertionError("node " + index + " is down");
    }
    return core;
  }

  ClusterView view() {
    if (view == null) {
      throw new AssertionError("node " + index + " has not published a view");
    }
    return view;
  }

  String id() {
    return view().myself().id();
  }

  void tick() {
    write();
    refreshReplication();
    tickedMs = clockMs();
    core().onTick(clockMs(), facts);
    drain();
  }

  /** A replica is in step with its primary some time after it started to follow, while it can. */
  private void refreshReplication() {
    SimNode primary = following == null ? null : sim.byId(following);
    if (primary == null) {
      return;
    }
    boolean linked = primary.isUp() && sim.isLinked(this, primary);
    if (linked && sim.nowMs() >= syncedAtMs) {
      facts.dataAgeMs = 0;
      facts.offset = arrivingOffset;
      arrivingOffset = primary.facts.offset;
    } else if (facts.dataAgeMs != Long.MAX_VALUE) {
      facts.dataAgeMs += SimCluster.TICK_MS;
    }
  }

  /** Clients of a primary write all the time. */
  private void write() {
    NodeView self = view().myself();
    // As the router does: a view that is not kept up to date says nothing.
    boolean awake = clockMs() - tickedMs <= settings.stallToleratedMs();
    boolean serves = self.isPrimary() && !self.slots().isEmpty() && view().isOk();
    if (serves && awake && !pausesWrites) {
      facts.offset += 1 + sim.random.nextInt(5);
      sim.checks().acknowledged(this, sim.nowMs());
    }
  }

  /** Asks the primary to hand over. */
  void askForHandOver() {
    SimNode primary = following == null ? null : sim.byId(following);
    if (primary != null) {
      askedLife = primary.life;
      askedClockSets = primary.clockSets + clockSets;
      admin(new AdminRequest.Failover(AdminRequest.Failover.Mode.DEFAULT));
    }
  }

  private void pauseWrites() {
    if (pausesWrites) {
      return;
    }
    pausesWrites = true;
    facts.holdsWritesBack = false;
    int now = life;
    // What clients have begun before still takes its time.
    sim.later(
        sim.random.nextInt(60),
        () -> {
          if (isUp() && life == now && pausesWrites && !facts.holdsWritesBack) {
            facts.offset += sim.random.nextInt(3);
            facts.holdsWritesBack = true;
            core().onWritesHeldBack(clockMs(), facts);
            drain();
          }
        });
  }

  /** Whether this replica has won because it had come to the last offset of its primary. */
  private boolean hasHandOver() {
    FailoverEvent manual = null;
    FailoverEvent planned = null;
    for (FailoverEvent event : view().failovers()) {
      boolean own = event.kind() == FailoverEvent.Kind.MANUAL && event.nodeId().equals(id());
      manual = own ? event : manual;
      planned = event.kind() == FailoverEvent.Kind.PLANNED ? event : planned;
    }
    return manual != null
        && manual.detail().equals("all of the primary's writes are here")
        && planned != null
        && planned.detail().startsWith("in 0 ms")
        && planned.atMs() >= manual.atMs();
  }

  AdminReply admin(AdminRequest request) {
    AdminReply reply = core().onAdmin(clockMs(), request, facts);
    drain();
    return reply;
  }

  /** A client publishes something, which goes to all nodes. */
  void publish() {
    Payload words = Payload.of(new byte[] {'x'});
    core().onPublish(clockMs(), false, words, words, facts);
    drain();
  }

  void receive(long linkId, BusMessage message) {
    core().onMessage(clockMs(), linkId, message, facts);
    drain();
  }

  /** Carries the outbox out in its order: disk, view, network, server. */
  void drain() {
    Outbox outbox = core().drain();
    if (outbox.persist() != null && sim.crashesNow()) {
      sim.crash(this);
      return;
    }
    if (outbox.persist() != null) {
      disk.write(outbox.persist().text(), outbox.persist().fsync());
    }
    if (outbox.view() != null) {
      view = outbox.view();
    }
    for (LinkAction action : outbox.actions()) {
      if (sim.crashesNow()) {
        sim.crash(this);
        return;
      }
      sim.act(this, action);
    }
    for (ClusterEvent event : outbox.events()) {
      events.add(event);
      react(event);
    }
    for (LogLine line : outbox.logs()) {
      sim.log(this, line);
    }
    sim.checks().epoch(id(), view().currentEpoch());
  }

  private void react(ClusterEvent event) {
    switch (event) {
      case ClusterEvent.ReplicateFrom from -> {
        following = from.primaryId();
        syncedAtMs = sim.nowMs() + 300;
        SimNode primary = sim.byId(following);
        arrivingOffset = primary == null ? 0 : primary.facts.offset;
      }
      case ClusterEvent.BecamePrimary promoted -> {
        SimNode old = following == null ? null : sim.byId(following);
        following = null;
        sim.checks().promoted(id(), view().myEpoch());
        if (old != null
            && old.life == askedLife
            && old.clockSets + clockSets == askedClockSets
            && hasHandOver()) {
          sim.checks().handedOver(old.facts.offset, facts.offset);
        }
      }
      case ClusterEvent.PauseWrites _ -> pauseWrites();
      case ClusterEvent.ResumeWrites _ -> {
        pausesWrites = false;
        facts.holdsWritesBack = false;
      }
      case ClusterEvent.DeleteKeysInSlots delete ->
          delete.slots().forEach(slot -> facts.keys[slot] = 0);
      default -> {}
    }
  }
}
