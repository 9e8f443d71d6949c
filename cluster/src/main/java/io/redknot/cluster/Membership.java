package io.redknot.cluster;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;
import org.jspecify.annotations.Nullable;

/** Who is in the cluster and who follows whom. */
final class Membership {
  static final long BLACKLIST_MS = 60_000;

  private final CoreContext ctx;
  private final ManualFailover manual;

  /** The replication source last told to the server. */
  private ClusterEvent.@Nullable ReplicateFrom source;

  Membership(CoreContext ctx, ManualFailover manual) {
    this.ctx = ctx;
    this.manual = manual;
  }

  ClusterNode create(String id, int flags, NodeAddress address) {
    ClusterNode node = new ClusterNode(id, NodeIds.random(ctx.random), flags, ctx.nowMs);
    node.address = address;
    ctx.state.add(node);
    return node;
  }

  void remove(ClusterNode node) {
    ctx.state.slots.forget(node);
    for (ClusterNode other : ctx.state.nodes()) {
      other.failureReports.remove(node.id);
    }
    for (ClusterNode replica : node.replicas) {
      replica.primary = null;
    }
    node.replicas.clear();
    leavePrimary(node);
    closeLinks(node);
    ctx.state.remove(node);
    ctx.pending().view();
  }

  private void closeLinks(ClusterNode node) {
    ctx.closeOutbound(node);
    BusLink inbound = node.inbound;
    if (inbound != null) {
      ctx.close(inbound);
    }
  }

  /** Keeps the id out for some time, so that gossip does not bring it back. */
  void blacklist(String id, long durationMs) {
    ctx.state.blacklist.put(id, ctx.nowMs + durationMs);
  }

  private void leavePrimary(ClusterNode node) {
    ClusterNode primary = node.primary;
    node.primary = null;
    if (primary != null) {
      primary.replicas.remove(node);
      if (primary.replicas.isEmpty()) {
        primary.clear(NodeFlags.MIGRATE_TO);
      }
    }
  }

  /** Files a node as replica of another one. */
  void follow(ClusterNode replica, ClusterNode primary) {
    leavePrimary(replica);
    replica.primary = primary;
    joinShard(replica, primary.shardId);
    primary.replicas.add(replica);
    primary.set(NodeFlags.MIGRATE_TO);
    ctx.pending().view();
  }

  /**
   * Puts a node into a shard, and all that replicate it: nodes.conf must never say otherwise, or
   * the node that wrote it could not start from it.
   */
  void joinShard(ClusterNode node, String shardId) {
    if (!node.shardId.equals(shardId)) {
      node.shardId = shardId;
      node.replicas.forEach(replica -> joinShard(replica, shardId));
    }
  }

  /** Files a node as a primary. */
  void promote(ClusterNode node) {
    if (node.isPrimary()) {
      return;
    }
    if (node.primary != null) {
      leavePrimary(node);
      if (node != ctx.self()) {
        node.set(NodeFlags.MIGRATE_TO);
      }
    }
    node.clear(NodeFlags.REPLICA);
    node.set(NodeFlags.PRIMARY);
    ctx.pending().save();
    ctx.pending().health();
  }

  /** Files a node that used to be a primary as a replica whose primary is not known yet. */
  void demote(ClusterNode node) {
    ctx.state.slots.unassignAll(node);
    node.clear(NodeFlags.PRIMARY | NodeFlags.MIGRATE_TO);
    node.set(NodeFlags.REPLICA);
    ctx.pending().save();
    ctx.pending().health();
  }

  /**
   * Makes this node a replica. It must own no slots.
   *
   * @throws IllegalStateException when it does
   */
  void becomeReplicaOf(ClusterNode primary) {
    ClusterNode self = ctx.self();
    if (self == primary || self.slotCount() != 0) {
      throw new IllegalStateException("cannot follow " + primary + " while owning slots");
    }
    if (self.isPrimary()) {
      self.clear(NodeFlags.PRIMARY | NodeFlags.MIGRATE_TO);
      self.set(NodeFlags.REPLICA);
      ctx.state.slots.migrating.clear();
      ctx.state.slots.importing.clear();
    }
    follow(self, primary);
    manual.reset();
    source = null;
    ctx.events.add(new ClusterEvent.BecameReplica(primary.id));
    ctx.pending().saveDurably();
    ctx.pending().health();
  }

  /**
   * A replica of a replica follows the primary above. A claim usually leads there first, but none
   * comes when this node was away while its primary changed roles.
   */
  void leaveSubReplica() {
    ClusterNode primary = ctx.self().primary;
    ClusterNode above = primary == null ? null : primary.primary;
    if (primary != null
        && primary.isReplica()
        && above != null
        && above.isPrimary()
        && above != ctx.self()) {
      ctx.notice("Our primary is a replica of " + above + " now; following that one");
      becomeReplicaOf(above);
    }
  }

  /** Tells the server where to replicate from, when that changed and is known. */
  void announceSource() {
    ClusterNode primary = ctx.self().primary;
    if (!ctx.self().isReplica() || primary == null) {
      source = null;
      return;
    }
    ClusterEvent.ReplicateFrom wanted = new ClusterEvent.ReplicateFrom(primary.id, primary.address);
    if (!primary.address.ip().isEmpty() && !wanted.equals(source)) {
      source = wanted;
      ctx.events.add(wanted);
    }
  }

  /** Takes over an address that differs from the known one; the link is opened again. */
  void moveTo(ClusterNode node, NodeAddress address) {
    ctx.closeOutbound(node);
    node.address = address;
    node.clear(NodeFlags.NOADDR);
    ctx.pending().save();
  }
}
