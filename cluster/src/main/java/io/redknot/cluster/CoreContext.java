package io.redknot.cluster;

import io.redknot.cluster.LogLine.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What all rules share: the state, the settings, the event's time and facts, and the consequences
 * collected so far.
 */
final class CoreContext {
  final ClusterState state;
  final LinkTable links = new LinkTable();
  final RandomGenerator random;
  final List<LinkAction> actions = new ArrayList<>();
  final List<ClusterEvent> events = new ArrayList<>();
  final List<LogLine> logs = new ArrayList<>();
  final FailoverLog failovers = new FailoverLog();
  ClusterSettings settings;

  /** The time of the event, by a clock that never goes back. */
  long nowMs;

  /** How far that clock is before the one that is given, which was set back. */
  private long aheadMs;

  LocalFacts facts = NoFacts.INSTANCE;

  /** Whether anything but ticks happened since the last view was made. */
  boolean eventful;

  CoreContext(ClusterState state, ClusterSettings settings, RandomGenerator random, long nowMs) {
    this.state = state;
    this.settings = settings;
    this.random = random;
    this.nowMs = nowMs;
  }

  /**
   * Takes the time of an event. Where the clock was set back, time goes on from where it was:
   * nothing that is waited for may come later for that.
   */
  void time(long clockMs) {
    aheadMs = Math.max(aheadMs, nowMs - clockMs);
    nowMs = clockMs + aheadMs;
  }

  /** What the given clock shows at that time. */
  long clockMs(long atMs) {
    return atMs - aheadMs;
  }

  ClusterNode self() {
    return state.self;
  }

  Pending pending() {
    return state.pending;
  }

  void log(Level level, String text) {
    logs.add(new LogLine(level, text));
  }

  void notice(String text) {
    log(Level.NOTICE, text);
  }

  /** Keeps an event for those who want to know later why a node was replaced by which. */
  void note(FailoverEvent.Kind kind, ClusterNode about, String detail) {
    failovers.add(new FailoverEvent(clockMs(nowMs), kind, about.id, state.currentEpoch, detail));
    pending().view();
  }

  void close(BusLink link) {
    links.remove(link);
    actions.add(new LinkAction.Close(link.id));
    pending().view();
  }

  void closeOutbound(ClusterNode node) {
    BusLink link = node.outbound;
    if (link != null) {
      close(link);
    }
  }

  /** Facts of a node that holds nothing, before the server gave any. */
  private enum NoFacts implements LocalFacts {
    INSTANCE;

    @Override
    public long keyCount() {
      return 0;
    }

    @Override
    public int keysInSlot(int slot) {
      return 0;
    }

    @Override
    public long replicationOffset() {
      return 0;
    }

    @Override
    public long replicaDataAgeMs() {
      return Long.MAX_VALUE;
    }

    @Override
    public boolean holdsWritesBack() {
      return false;
    }
  }
}
