package io.redknot.cluster;

import io.redknot.cluster.wire.GossipEntry;
import io.redknot.cluster.wire.NodeFlags;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses whom a ping tells about: a tenth of the nodes but at least three, at random, and every
 * node held for failing, so that a quorum is reached fast.
 */
final class GossipPicker {
  private static final int ENTRIES_MIN = 3;
  private static final int FRACTION = 10;
  private static final int DRAWS_PER_ENTRY = 3;
  private static final int NEVER = NodeFlags.HANDSHAKE | NodeFlags.NOADDR;
  private static final long MS_PER_SECOND = 1000;

  private final CoreContext ctx;
  private long picks;

  GossipPicker(CoreContext ctx) {
    this.ctx = ctx;
  }

  List<GossipEntry> pick() {
    picks++;
    List<ClusterNode> picked = new ArrayList<>();
    drawRandomly(picked);
    addSuspects(picked);
    List<GossipEntry> entries = new ArrayList<>(picked.size());
    for (ClusterNode node : picked) {
      entries.add(entry(node));
    }
    return entries;
  }

  private void drawRandomly(List<ClusterNode> picked) {
    List<ClusterNode> nodes = ctx.state.nodes();
    // Neither this node nor the receiver is news to the receiver.
    int fresh = nodes.size() - 2;
    int wanted = Math.min(Math.max(ENTRIES_MIN, nodes.size() / FRACTION), fresh);
    int draws = wanted * DRAWS_PER_ENTRY;
    while (fresh > 0 && picked.size() < wanted && draws-- > 0) {
      ClusterNode node = nodes.get(ctx.random.nextInt(nodes.size()));
      if (node == ctx.self() || node.has(NodeFlags.PFAIL)) {
        continue;
      }
      boolean idle = node.outbound == null && node.slotCount() == 0;
      if (node.has(NEVER) || idle) {
        fresh--;
      } else if (add(node, picked)) {
        fresh--;
      }
    }
  }

  private void addSuspects(List<ClusterNode> picked) {
    int left = ctx.state.pfailNodes;
    List<ClusterNode> nodes = ctx.state.nodes();
    for (int i = 0; left > 0 && i < nodes.size(); i++) {
      ClusterNode node = nodes.get(i);
      if (node.has(NodeFlags.PFAIL) && !node.has(NEVER)) {
        add(node, picked);
        left--;
      }
    }
  }

  private boolean add(ClusterNode node, List<ClusterNode> picked) {
    boolean isNew = node.pickedBy != picks;
    if (isNew) {
      node.pickedBy = picks;
      picked.add(node);
    }
    return isNew;
  }

  private GossipEntry entry(ClusterNode node) {
    boolean tls = ctx.settings.tlsCluster();
    return new GossipEntry(
        node.id,
        node.pingSentMs / MS_PER_SECOND,
        node.pongReceivedMs / MS_PER_SECOND,
        node.address.ip(),
        node.address.wirePort(tls),
        node.address.wireSecondaryPort(tls),
        node.address.busPort(),
        node.flags);
  }
}
