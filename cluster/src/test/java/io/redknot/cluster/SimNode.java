package io.redknot.cluster;

import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.cluster.wire.BusMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A machine with one node on it, which may be down or frozen. */
final class SimNode {
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

  /** Counts restarts, so that what was meant for an earlier life is not delivered. */
  int life;

  private final SimCluster sim;
  private @Nullable String following;
  private long syncedAtMs;

  SimNode(SimCluster sim, int index, ClusterSettings settings) {
    this.sim = sim;
    this.index = index;
    this.ip = "10.0.0." + (index + 1);
    this.settings = settings;
  }

  void start(RandomGenerator random) {
    String text = disk.read();
    facts.dataAgeMs = Long.MAX_VALUE;
    following = null;
    life++;
    try {
      core =
          new ClusterCore(
              sim.nowMs(), text == null ? null : NodesConf.parse(text, false), settings, random);
    } catch (NodesConfException e) {
      throw new AssertionError("own nodes.conf is unreadable:\n" + text, e);
    }
    drain();
    if (isUp()) {
      core().onDataLoaded(sim.nowMs(), facts);
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
    refreshReplication();
    core().onTick(sim.nowMs(), facts);
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
      facts.offset = Math.max(facts.offset, primary.facts.offset);
    } else if (facts.dataAgeMs != Long.MAX_VALUE) {
      facts.dataAgeMs += SimCluster.TICK_MS;
    }
  }

  AdminReply admin(AdminRequest request) {
    AdminReply reply = core().onAdmin(sim.nowMs(), request, facts);
    drain();
    return reply;
  }

  void receive(long linkId, BusMessage message) {
    core().onMessage(sim.nowMs(), linkId, message, facts);
    drain();
  }

  /** Carries the outbox out in its order: disk, network, view, server. */
  void drain() {
    Outbox outbox = core().drain();
    if (outbox.persist() != null && sim.crashesNow()) {
      sim.crash(this);
      return;
    }
    if (outbox.persist() != null) {
      disk.write(outbox.persist().text(), outbox.persist().fsync());
    }
    for (LinkAction action : outbox.actions()) {
      if (sim.crashesNow()) {
        sim.crash(this);
        return;
      }
      sim.act(this, action);
    }
    if (outbox.view() != null) {
      view = outbox.view();
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
      }
      case ClusterEvent.BecamePrimary promoted -> {
        following = null;
        sim.checks().promoted(id(), view().myEpoch());
      }
      case ClusterEvent.DeleteKeysInSlots delete ->
          delete.slots().forEach(slot -> facts.keys[slot] = 0);
      default -> {}
    }
  }
}
