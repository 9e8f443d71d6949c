package io.redknot.cluster;

import io.redknot.cluster.FailoverEvent.Kind;
import io.redknot.cluster.LogLine.Level;
import io.redknot.cluster.wire.NodeFlags;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Suspects nodes that do not answer (PFAIL) and, with a quorum of primaries, fails them (FAIL). */
final class FailureDetector {
  static final int REPORT_VALIDITY_TIMEOUTS = 2;
  static final int UNDO_TIMEOUTS = 2;

  /** The same ones for all, so that their reports meet. */
  private static final int TOLD_PRIMARIES_MAX = 32;

  private final CoreContext ctx;
  private final Messenger messenger;
  private final ProcessWatch processes;

  /** By the tick that is under way. */
  private final List<ClusterNode> suspectedNow = new ArrayList<>();

  /** After a stall of this node nobody is suspected for what it did not hear meanwhile. */
  private long listeningSinceMs;

  FailureDetector(CoreContext ctx, Messenger messenger, ProcessWatch processes) {
    this.ctx = ctx;
    this.messenger = messenger;
    this.processes = processes;
  }

  void onStall() {
    listeningSinceMs = ctx.nowMs;
  }

  /**
   * Suspects the node when its ping has been waiting for longer than the node timeout, or a primary
   * whose process is gone.
   */
  void onTick(ClusterNode node) {
    if (node.isFailing()) {
      return;
    }
    if (serves(node) && processes.isGone(node)) {
      long goneMs = ctx.nowMs - node.unlinkedSinceMs;
      suspect(node, "its process is gone, for " + goneMs + " ms");
      return;
    }
    if (node.pingSentMs == 0) {
      return;
    }
    long heardMs = Math.max(node.dataReceivedMs, listeningSinceMs);
    long silentMs = ctx.nowMs - Math.max(node.pingSentMs, heardMs);
    if (silentMs > ctx.settings.nodeTimeoutMs()) {
      suspect(node, "no answer for " + silentMs + " ms");
    }
  }

  private void suspect(ClusterNode node, String why) {
    node.set(NodeFlags.PFAIL);
    suspectedNow.add(node);
    ctx.note(Kind.SUSPECTED, node, why);
    ctx.log(Level.DEBUG, "Suspecting node " + node + ": " + why);
    ctx.pending().health();
  }

  /**
   * After all nodes were looked at. Pings spread a suspicion within seconds; that of primaries goes
   * at once to those who wait for it, their replicas, and to primaries, each of which tells all
   * when it has heard of a quorum.
   */
  void onTickEnd() {
    Set<ClusterNode> told = new HashSet<>();
    for (ClusterNode suspect : suspectedNow) {
      if (ctx.self().isPrimary() && serves(suspect)) {
        told.addAll(suspect.replicas);
      }
      // Others may have reported it before.
      failWithQuorum(suspect);
    }
    suspectedNow.clear();
    if (!told.isEmpty()) {
      ctx.state.nodes().stream()
          .filter(FailureDetector::serves)
          .sorted(Comparator.comparing(node -> node.id))
          .limit(TOLD_PRIMARIES_MAX)
          .forEach(told::add);
      messenger.broadcastPong(told::contains);
    }
  }

  private static boolean serves(ClusterNode node) {
    return node.isPrimary() && node.slotCount() > 0;
  }

  void report(ClusterNode failing, ClusterNode reporter) {
    if (failing.failureReports.put(reporter.id, ctx.nowMs) == null) {
      ctx.log(Level.VERBOSE, "Node " + reporter + " reported node " + failing + " as failing");
      ctx.note(Kind.REPORTED, failing, "by node " + reporter);
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
      ctx.note(Kind.FAILED, node, votes + " primaries of " + ctx.state.size + " get no answer");
      messenger.broadcastFail(node);
    }
  }

  /** Another node says that a quorum holds this one for failed. */
  void onFailMessage(ClusterNode node, ClusterNode sender) {
    if (!node.has(NodeFlags.FAIL)) {
      ctx.notice("Node " + sender + " announced that node " + node + " failed");
      markFailed(node);
      ctx.note(Kind.FAILED, node, "said by node " + sender);
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
      ctx.note(Kind.RECOVERED, node, "before it was failed");
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
    ctx.note(Kind.RECOVERED, node, "after " + (ctx.nowMs - node.failedAtMs) + " ms");
    ctx.notice(
        serves
            ? "Node " + node + " is back and nobody took its slots over; clearing FAIL"
            : "Node " + node + " without slots is back; clearing FAIL");
    ctx.pending().save();
    ctx.pending().health();
  }
}
