package io.redknot.cluster;

import io.redknot.cluster.LogLine.Level;
import io.redknot.cluster.wire.NodeFlags;

/** Suspects nodes that do not answer (PFAIL) and, with a quorum of primaries, fails them (FAIL). */
final class FailureDetector {
  static final int REPORT_VALIDITY_TIMEOUTS = 2;
  static final int UNDO_TIMEOUTS = 2;

  private final CoreContext ctx;
  private final Messenger messenger;

  /** After a stall of this node nobody is suspected for what it did not hear meanwhile. */
  private long listeningSinceMs;

  FailureDetector(CoreContext ctx, Messenger messenger) {
    this.ctx = ctx;
    this.messenger = messenger;
  }

  void onStall() {
    listeningSinceMs = ctx.nowMs;
  }

  /** Suspects the node when its ping has been waiting for longer than the node timeout. */
  void onTick(ClusterNode node) {
    if (node.pingSentMs == 0 || node.isFailing()) {
      return;
    }
    long heardMs = Math.max(node.dataReceivedMs, listeningSinceMs);
    long silentMs = ctx.nowMs - Math.max(node.pingSentMs, heardMs);
    if (silentMs > ctx.settings.nodeTimeoutMs()) {
      node.set(NodeFlags.PFAIL);
      ctx.log(Level.DEBUG, "Node " + node + " did not answer for " + silentMs + " ms");
      ctx.pending().health();
      if (ctx.self().isPrimary() && ctx.state.size == 1) {
        failWithQuorum(node);
      }
    }
  }

  void report(ClusterNode failing, ClusterNode reporter) {
    if (failing.failureReports.put(reporter.id, ctx.nowMs) == null) {
      ctx.log(Level.VERBOSE, "Node " + reporter + " reported node " + failing + " as failing");
    }
    failWithQuorum(failing);
  }

  void withdraw(ClusterNode node, ClusterNode reporter) {
    if (node.failureReports.remove(reporter.id) != null) {
      ctx.log(Level.VERBOSE, "Node " + reporter + " sees node " + node + " again");
    }
  }

  /** Reports by other nodes that have not expired. */
  int reports(ClusterNode node) {
    long oldestMs = ctx.nowMs - REPORT_VALIDITY_TIMEOUTS * ctx.settings.nodeTimeoutMs();
    node.failureReports.values().removeIf(atMs -> atMs < oldestMs);
    return node.failureReports.size();
  }

  private void failWithQuorum(ClusterNode node) {
    if (!node.has(NodeFlags.PFAIL) || node.has(NodeFlags.FAIL)) {
      return;
    }
    int votes = reports(node) + (ctx.self().isPrimary() ? 1 : 0);
    if (votes >= ctx.state.quorum()) {
      ctx.notice("Marking node " + node + " as failing: a quorum of primaries cannot reach it");
      markFailed(node);
      messenger.broadcastFail(node);
    }
  }

  /** Another node says that a quorum holds this one for failed. */
  void onFailMessage(ClusterNode node, ClusterNode sender) {
    if (!node.has(NodeFlags.FAIL | NodeFlags.MYSELF)) {
      ctx.notice("Node " + sender + " announced that node " + node + " failed");
      markFailed(node);
    }
  }

  private void markFailed(ClusterNode node) {
    node.clear(NodeFlags.PFAIL);
    node.set(NodeFlags.FAIL);
    node.failedAtMs = ctx.nowMs;
    ctx.pending().save();
    ctx.pending().health();
    ctx.pending().election();
  }

  /** A pong on our own link: the node is alive, though a failed primary may have been replaced. */
  void onPong(ClusterNode node) {
    if (node.has(NodeFlags.PFAIL)) {
      node.clear(NodeFlags.PFAIL);
      ctx.pending().save();
      ctx.pending().health();
    } else if (node.has(NodeFlags.FAIL)) {
      clearFailure(node);
    }
  }

  private void clearFailure(ClusterNode node) {
    boolean serves = node.isPrimary() && node.slotCount() > 0;
    long undoAfterMs = UNDO_TIMEOUTS * ctx.settings.nodeTimeoutMs();
    if (serves && ctx.nowMs - node.failedAtMs <= undoAfterMs) {
      return;
    }
    node.clear(NodeFlags.FAIL);
    ctx.notice(
        serves
            ? "Node " + node + " is back and nobody took its slots over; clearing FAIL"
            : "Node " + node + " without slots is back; clearing FAIL");
    ctx.pending().save();
    ctx.pending().health();
  }
}
