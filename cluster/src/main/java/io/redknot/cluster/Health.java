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
  private long firstCheckMs = NEVER;
  private long minorityMs = NEVER;
  private long stalledMs = NEVER;

  Health(CoreContext ctx) {
    this.ctx = ctx;
  }

  /** This node slept: until a majority was heard from again, its view may be long outdated. */
  void onStall() {
    stalledMs = ctx.nowMs;
    ctx.pending().health();
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
    int heard = 0;
    for (ClusterNode node : ctx.state.nodes()) {
      if (serves(node) && !node.isFailing()) {
        reachable++;
        heard += node == ctx.self() || node.dataReceivedMs > stalledMs ? 1 : 0;
      }
    }
    if (stalledMs != NEVER && heard >= ctx.state.quorum()) {
      stalledMs = NEVER;
    }
    if (reachable < ctx.state.quorum() || stalledMs != NEVER) {
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
