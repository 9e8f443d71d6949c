package io.redknot.cluster;

import io.redknot.cluster.wire.GossipEntry;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;
import io.redknot.cluster.wire.PingExtension;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Learns from what a ping tells about third nodes and about its sender. */
final class GossipReader {
  /** How far in the future a pong of another clock may lie. */
  static final long CLOCK_TOLERANCE_MS = 500;

  private static final int FAILING = NodeFlags.FAIL | NodeFlags.PFAIL;
  private static final int NOT_COPIED = NodeFlags.MYSELF | NodeFlags.HANDSHAKE | NodeFlags.MEET;
  private static final long MS_PER_SECOND = 1000;

  private final CoreContext ctx;
  private final Membership membership;
  private final FailureDetector failures;

  GossipReader(CoreContext ctx, Membership membership, FailureDetector failures) {
    this.ctx = ctx;
    this.membership = membership;
    this.failures = failures;
  }

  void read(@Nullable ClusterNode sender, List<GossipEntry> entries) {
    for (GossipEntry entry : entries) {
      ClusterNode node = ctx.state.find(entry.nodeId());
      if (node != null) {
        if (node != ctx.self()) {
          readKnown(sender, node, entry);
        }
      } else if (sender != null) {
        readUnknown(entry);
      }
    }
  }

  private void readKnown(@Nullable ClusterNode sender, ClusterNode node, GossipEntry entry) {
    if (sender != null && sender.isPrimary()) {
      if (entry.has(FAILING)) {
        failures.report(node, sender);
      } else {
        failures.withdraw(node, sender);
      }
    }
    if (!entry.has(FAILING) && node.pingSentMs == 0 && failures.reports(node) == 0) {
      long pongMs = entry.pongReceivedSeconds() * MS_PER_SECOND;
      if (pongMs <= ctx.nowMs + CLOCK_TOLERANCE_MS && pongMs > node.pongReceivedMs) {
        node.pongReceivedMs = pongMs;
      }
    }
    NodeAddress address = address(entry);
    boolean usable = !entry.has(FAILING | NodeFlags.NOADDR) && address.isKnown();
    if (node.isFailing() && usable && !address.equals(node.address)) {
      membership.moveTo(node, address);
    }
  }

  private void readUnknown(GossipEntry entry) {
    boolean welcome =
        ctx.state.nodes().size() < ClusterState.NODES_MAX
            && !entry.has(NodeFlags.NOADDR)
            && NodeIds.isValid(entry.nodeId())
            && !ctx.state.isBlacklisted(entry.nodeId(), ctx.nowMs);
    if (welcome) {
      membership.create(entry.nodeId(), entry.flags() & ~NOT_COPIED, address(entry));
      ctx.pending().save();
    }
  }

  private NodeAddress address(GossipEntry entry) {
    return NodeAddress.ofWire(
        entry.ip(),
        entry.port(),
        entry.secondaryPort(),
        entry.busPort(),
        ctx.settings.tlsCluster());
  }

  /**
   * What the sender says about itself beyond the header; an absent name is a cleared one. A sender
   * that does not say its shard does not know yet that this node understands more than host names.
   */
  void readExtensions(ClusterNode sender, List<PingExtension> extensions) {
    boolean all = extensions.stream().anyMatch(PingExtension.ShardId.class::isInstance);
    String hostname = "";
    String nodename = all ? "" : sender.nodename;
    String shardId = sender.slotHolder().shardId;
    for (PingExtension extension : extensions) {
      switch (extension) {
        case PingExtension.Hostname h -> hostname = h.name();
        case PingExtension.Nodename n -> nodename = n.name();
        case PingExtension.ForgottenNode f -> forget(f);
        case PingExtension.ShardId s -> shardId = shardOf(sender, s.shardId());
        case PingExtension.OpenSlot _ -> {
          // For replicas: OpenSlots.
        }
        case PingExtension.Unknown u ->
            ctx.log(LogLine.Level.DEBUG, "Skipped unknown ping extension " + u.type());
      }
    }
    rename(sender, hostname, nodename, shardId);
  }

  /**
   * A replica is where its primary is, whatever it says: for a primary older than shards, each of
   * its replicas made up another one.
   */
  private static String shardOf(ClusterNode sender, String said) {
    ClusterNode holder = sender.slotHolder();
    return holder == sender && NodeIds.isValid(said) ? said : holder.shardId;
  }

  private void rename(ClusterNode sender, String hostname, String nodename, String shardId) {
    boolean same =
        sender.hostname.equals(hostname)
            && sender.nodename.equals(nodename)
            && sender.shardId.equals(shardId);
    if (same) {
      return;
    }
    sender.hostname = hostname;
    sender.nodename = nodename;
    membership.joinShard(sender, shardId);
    ctx.pending().save();
  }

  private void forget(PingExtension.ForgottenNode forgotten) {
    ClusterNode node = ctx.state.find(forgotten.nodeId());
    boolean mine = node == ctx.self() || (node != null && node == ctx.self().primary);
    if (node == null || mine || forgotten.ttlSeconds() <= 0) {
      return;
    }
    long seconds = Math.min(forgotten.ttlSeconds(), Membership.BLACKLIST_MS / MS_PER_SECOND);
    membership.blacklist(node.id, seconds * MS_PER_SECOND);
    membership.remove(node);
    ctx.notice("Forgot node " + node + ", as another node was told to");
    ctx.pending().save();
    ctx.pending().health();
  }
}
