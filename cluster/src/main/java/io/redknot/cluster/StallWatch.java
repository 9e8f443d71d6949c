package io.redknot.cluster;

/** Notices that this node itself stood still, so that what it believes may be long outdated. */
final class StallWatch {
  /** A late tick is not a stall, however short the node timeout. */
  static final long TOLERATED_MIN_MS = 500;

  private static final long NEVER = Long.MIN_VALUE;

  private final CoreContext ctx;
  private final Health health;
  private final FailureDetector failures;
  private long awakeMs = NEVER;

  StallWatch(CoreContext ctx, Health health, FailureDetector failures) {
    this.ctx = ctx;
    this.health = health;
    this.failures = failures;
  }

  void onTick() {
    onEvent();
    awakeMs = ctx.nowMs;
  }

  /** Before anything is done about an event, which may have been waiting for as long. */
  void onEvent() {
    long stoodMs = ctx.nowMs - awakeMs;
    if (awakeMs == NEVER || stoodMs <= ctx.settings.stallToleratedMs()) {
      return;
    }
    awakeMs = ctx.nowMs;
    ctx.log(
        LogLine.Level.WARNING,
        "This node stood still for "
            + stoodMs
            + " ms; refusing writes until a majority was heard from");
    for (ClusterNode node : ctx.state.nodes()) {
      node.refusing = false;
      node.unlinkedSinceMs = node.unlinkedSinceMs == 0 ? 0 : ctx.nowMs;
    }
    health.onDoubt();
    failures.onStall();
  }
}
