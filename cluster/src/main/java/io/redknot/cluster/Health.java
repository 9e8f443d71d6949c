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

  /** What this node believes may be outdated, until a majority has answered again. */
  private boolean inDoubt;

  Health(CoreContext ctx, ProcessWatch processes) {
    this.ctx = ctx;
    this.processes = processes;
  }

  /**
   * This node slept, or a majority holds it for failed. Answers that were given before do not count
   * any more.
   */
  void onDoubt() {
    inDoubt = true;
    for (ClusterNode node : ctx.state.nodes()) {
      node.answered = false;
      // The first word on a new connection is a ping, and what waits in the old one is lost.
      ctx.closeOutbound(node);
    }
    ctx.pending().health();
  }

  boolean isInDoubt() {
    return inDoubt;
  }

  /** A majority has just made this node the newest owner: there is nothing left to hear of. */
  void onElected() {
    minorityMs = NEVER;
  }

  /** Time alone makes primaries count as unlinked, or as deaf, or as heard of again. */
  void onTick() {
    ctx.pending().healthAgain();
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
      if (serves(node) && isReachable(node)) {
        reachable++;
        answered += node == ctx.self() || node.answered ? 1 : 0;
      }
    }
    if (answered >= ctx.state.quorum()) {
      inDoubt = false;
    }
    if (reachable < ctx.state.quorum() || inDoubt) {
      minorityMs = ctx.nowMs;
      return false;
    }
    return true;
  }

  private boolean isReachable(ClusterNode node) {
    return !node.isFailing() && !processes.isUnlinked(node) && !hasStoppedAnswering(node);
  }

  /**
   * Whether a node that has answered before no longer does, whatever else it says: if it does not
   * hear this one, it may have elected another in its place, and cannot be asked about it.
   */
  private boolean hasStoppedAnswering(ClusterNode node) {
    return node.answered
        && node.pingSentMs != 0
        && ctx.nowMs - node.pingSentMs > ctx.settings.nodeTimeoutMs();
  }

  /** The majority may have replaced this primary while it was cut off: let it hear of it first. */
  private boolean recentlyInMinority() {
    long delayMs =
        Math.clamp(ctx.settings.nodeTimeoutMs(), REJOIN_DELAY_MIN_MS, REJOIN_DELAY_MAX_MS);
    return minorityMs != NEVER && ctx.nowMs - minorityMs < delayMs;
  }
}
