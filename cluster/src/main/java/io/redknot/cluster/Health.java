package io.redknot.cluster;

import io.redknot.cluster.LogLine.Level;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.NodeFlags;

/** Decides whether the cluster is up, as seen from here. */
final class Health {
  static final long WRITABLE_DELAY_MS = 2000;
  static final long REJOIN_DELAY_MIN_MS = 500;
  static final long REJOIN_DELAY_MAX_MS = 5000;
  private static final long NEVER = Long.MIN_VALUE;

  private final CoreContext ctx;
  private final ProcessWatch processes;
  private long firstCheckMs = NEVER;
  private long minorityMs = NEVER;
  private boolean stalled;

  Health(CoreContext ctx, ProcessWatch processes) {
    this.ctx = ctx;
    this.processes = processes;
  }

  /** This node slept: until a majority has answered again, its view may be long outdated. */
  void onStall() {
    stalled = true;
    ctx.pending().health();
  }

  /** A majority has just made this node the newest owner: there is nothing left to hear of. */
  void onElected() {
    minorityMs = NEVER;
  }

  /** Primaries that were connected may come to be held for unlinked without any event. */
  void onTick() {
    if (!ctx.state.ok || ctx.settings.fastFailover()) {
      ctx.pending().healthAgain();
    }
  }

  void update() {
    ClusterState state = ctx.state;
    if (firstCheckMs == NEVER) {
      firstCheckMs = ctx.nowMs;
    }
    countPrimaries();
    boolean primary = ctx.self().isPrimary();
    if (primary && !state.ok && ctx.nowMs - firstCheckMs < WRITABLE_DELAY_MS) {
      return;
    }
    boolean up = isCovered() && isInMajority();
    if (up && !state.ok && primary && recentlyInMinority()) {
      return;
    }
    if (up != state.ok) {
      state.ok = up;
      ctx.note(FailoverEvent.Kind.STATE, ctx.self(), up ? "ok" : "fail");
      ctx.log(up ? Level.NOTICE : Level.WARNING, "Cluster state changed: " + (up ? "ok" : "fail"));
      ctx.pending().view();
    }
  }

  private void countPrimaries() {
    int size = 0;
    for (ClusterNode node : ctx.state.nodes()) {
      size += serves(node) ? 1 : 0;
    }
    if (ctx.state.size != size) {
      ctx.state.size = size;
      ctx.pending().view();
    }
  }

  private static boolean serves(ClusterNode node) {
    return node.isPrimary() && node.slotCount() > 0;
  }

  private boolean isCovered() {
    if (!ctx.settings.requireFullCoverage()) {
      return true;
    }
    if (ctx.state.slots.assigned() < BusFormat.SLOTS) {
      return false;
    }
    for (ClusterNode node : ctx.state.nodes()) {
      if (node.slotCount() > 0 && node.has(NodeFlags.FAIL)) {
        return false;
      }
    }
    return true;
  }

  private boolean isInMajority() {
    int reachable = 0;
    int answered = 0;
    for (ClusterNode node : ctx.state.nodes()) {
      if (serves(node) && !node.isFailing() && !processes.isUnlinked(node)) {
        reachable++;
        answered += node == ctx.self() || node.answered ? 1 : 0;
      }
    }
    if (answered >= ctx.state.quorum()) {
      stalled = false;
    }
    if (reachable < ctx.state.quorum() || stalled) {
      minorityMs = ctx.nowMs;
      return false;
    }
    return true;
  }

  /** The majority may have replaced this primary while it was cut off: let it hear of it first. */
  private boolean recentlyInMinority() {
    long delayMs =
        Math.clamp(ctx.settings.nodeTimeoutMs(), REJOIN_DELAY_MIN_MS, REJOIN_DELAY_MAX_MS);
    return minorityMs != NEVER && ctx.nowMs - minorityMs < delayMs;
  }
}
