package io.redknot.cluster;

/**
 * Tells a node whose process is gone from one that is only silent: its connections have ended, in
 * both directions, and new ones are refused. Only a host that is up does that, so that the node
 * timeout need not be waited for; a grace period is, for the process may have been started again.
 *
 * <p>The same on both sides: a primary that has no connection left with a majority must expect to
 * be held for gone by it, and stops serving after the same period, before another can be elected.
 */
final class ProcessWatch {
  private final CoreContext ctx;

  ProcessWatch(CoreContext ctx) {
    this.ctx = ctx;
  }

  /** A connection that was open has been ended by the node. */
  void onLost(ClusterNode node) {
    if (node.unlinkedSinceMs == 0 && node.inbound == null && !node.isReachable()) {
      node.unlinkedSinceMs = ctx.nowMs;
    }
  }

  /** An attempt to connect to the node has failed; others than refusals say nothing. */
  void onNotConnected(ClusterNode node, boolean refused) {
    node.refusing = refused;
  }

  /** A connection is open, or a message has come. */
  void onSignOfLife(ClusterNode node) {
    node.unlinkedSinceMs = 0;
    node.refusing = false;
  }

  /** Whether the node's process has been gone for the grace period. */
  boolean isGone(ClusterNode node) {
    return isUnlinked(node) && node.refusing;
  }

  /** Whether there has been no connection with the node for the grace period. */
  boolean isUnlinked(ClusterNode node) {
    return ctx.settings.fastFailover()
        && node.unlinkedSinceMs != 0
        && ctx.nowMs - node.unlinkedSinceMs >= ctx.settings.fastFailoverGraceMs();
  }
}
