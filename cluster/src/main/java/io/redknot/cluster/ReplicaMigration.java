package io.redknot.cluster;

import io.redknot.cluster.wire.NodeFlags;
import org.jspecify.annotations.Nullable;

/** Moves a spare replica to a primary that has lost all of its own. */
final class ReplicaMigration {
  static final long DELAY_MS = 5000;

  private final CoreContext ctx;
  private final Membership membership;

  ReplicaMigration(CoreContext ctx, Membership membership) {
    this.ctx = ctx;
    this.membership = membership;
  }

  void onTick() {
    int replicasMax = 0;
    boolean anyOrphan = false;
    for (ClusterNode node : ctx.state.nodes()) {
      if (isServingPrimary(node)) {
        int working = node.workingReplicas();
        anyOrphan |= noteOrphan(node, working);
        replicasMax = Math.max(replicasMax, working);
      } else {
        node.orphanedSinceMs = 0;
      }
    }
    ClusterNode primary = ctx.self().primary;
    boolean spare =
        ctx.self().isReplica() && primary != null && primary.workingReplicas() == replicasMax;
    if (anyOrphan
        && replicasMax >= 2
        && spare
        && ctx.settings.allowReplicaMigration()
        && ctx.state.ok) {
      migrate(replicasMax);
    }
  }

  private static boolean isServingPrimary(ClusterNode node) {
    return node.isPrimary() && !node.has(NodeFlags.FAIL);
  }

  private boolean noteOrphan(ClusterNode node, int working) {
    boolean orphan = working == 0 && node.slotCount() > 0 && node.has(NodeFlags.MIGRATE_TO);
    if (!orphan) {
      node.orphanedSinceMs = 0;
    } else if (node.orphanedSinceMs == 0) {
      node.orphanedSinceMs = ctx.nowMs;
    }
    return orphan;
  }

  private void migrate(int replicasMax) {
    ClusterNode target = target();
    if (target != null && sparesOne() && candidate(replicasMax) == ctx.self()) {
      ctx.notice("Migrating to orphaned primary " + target);
      membership.becomeReplicaOf(target);
    }
  }

  private @Nullable ClusterNode target() {
    for (ClusterNode node : ctx.state.nodes()) {
      if (node.orphanedSinceMs != 0 && ctx.nowMs - node.orphanedSinceMs > DELAY_MS) {
        return node;
      }
    }
    return null;
  }

  private boolean sparesOne() {
    ClusterNode primary = ctx.self().primary;
    int healthy = 0;
    if (primary != null) {
      for (ClusterNode replica : primary.replicas) {
        healthy += replica.isFailing() ? 0 : 1;
      }
    }
    return healthy > ctx.settings.migrationBarrier();
  }

  /** Everybody picks the same replica, the one with the smallest id, so that only one moves. */
  private ClusterNode candidate(int replicasMax) {
    ClusterNode smallest = ctx.self();
    for (ClusterNode node : ctx.state.nodes()) {
      ClusterNode primary = node.primary;
      boolean mayMove =
          node.isReplica()
              && !node.has(NodeFlags.FAIL)
              && primary != null
              && primary.workingReplicas() == replicasMax;
      if (mayMove && node.id.compareTo(smallest.id) < 0) {
        smallest = node;
      }
    }
    return smallest;
  }
}
