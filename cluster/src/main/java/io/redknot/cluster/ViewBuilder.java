package io.redknot.cluster;

import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.SlotSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/** Makes views; the owner table is shared between views as long as it stays the same. */
final class ViewBuilder {
  private static final long NONE_YET = -1;
  private static final int[] NO_SLOTS = {};

  final List<NodeView> nodes = new ArrayList<>();
  final List<LinkView> links = new ArrayList<>();
  List<FailoverEvent> failovers = List.of();
  short[] owners = new short[0];
  int myIndex;

  private long membershipVersion = NONE_YET;
  private long slotsVersion = NONE_YET;

  ClusterView build(CoreContext ctx) {
    nodes.clear();
    int index = 0;
    for (ClusterNode node : ctx.state.nodes()) {
      node.viewIndex = index++;
    }
    myIndex = ctx.self().viewIndex;
    for (ClusterNode node : ctx.state.nodes()) {
      nodes.add(view(node, ctx));
    }
    collectLinks(ctx);
    failovers = ctx.failovers.all();
    refreshOwners(ctx.state);
    return new ClusterView(this, ctx.state, ctx.settings, ctx.nowMs);
  }

  private NodeView view(ClusterNode node, CoreContext ctx) {
    boolean myself = node == ctx.self();
    ClusterNode primary = node.primary;
    return new NodeView(
        node.id,
        node.shardId,
        node.address,
        node.hostname,
        node.nodename,
        node.flags,
        node.isReplica() && primary != null ? primary.viewIndex : ClusterView.NONE,
        node.pingSentMs,
        myself ? ctx.nowMs : node.pongReceivedMs,
        node.shownConfigEpoch(),
        myself || node.isReachable(),
        myself ? ctx.facts.replicationOffset() : node.replicationOffset,
        node.slots());
  }

  private void collectLinks(CoreContext ctx) {
    links.clear();
    for (BusLink link : ctx.links.all()) {
      ClusterNode node = link.node;
      if (node != null && link.up) {
        links.add(new LinkView(!link.inbound, node.id, link.createdMs, link.sendBufferBytes));
      }
    }
  }

  private void refreshOwners(ClusterState state) {
    boolean sameNodes = membershipVersion == state.membershipVersion();
    if (sameNodes && slotsVersion == state.slots.version()) {
      return;
    }
    SlotSet changed = state.slots.takeChanged();
    owners = sameNodes ? changedOwners(state, changed) : allOwners(state);
    membershipVersion = state.membershipVersion();
    slotsVersion = state.slots.version();
  }

  private short[] allOwners(ClusterState state) {
    short[] fresh = new short[BusFormat.SLOTS];
    Arrays.fill(fresh, (short) ClusterView.NONE);
    for (ClusterNode node : state.nodes()) {
      short index = (short) node.viewIndex;
      int[] ranges = node.slots().ranges();
      for (int i = 0; i < ranges.length; i += 2) {
        Arrays.fill(fresh, ranges[i], ranges[i + 1] + 1, index);
      }
    }
    return fresh;
  }

  private short[] changedOwners(ClusterState state, SlotSet changed) {
    short[] fresh = owners.clone();
    changed.forEach(
        slot -> {
          ClusterNode owner = state.slots.owner(slot);
          fresh[slot] = (short) (owner == null ? ClusterView.NONE : owner.viewIndex);
        });
    return fresh;
  }

  static int[] slots(SortedMap<Integer, ClusterNode> peers) {
    if (peers.isEmpty()) {
      return NO_SLOTS;
    }
    int[] slots = new int[peers.size()];
    int count = 0;
    for (int slot : peers.keySet()) {
      slots[count++] = slot;
    }
    return slots;
  }

  static int[] indexes(SortedMap<Integer, ClusterNode> peers) {
    if (peers.isEmpty()) {
      return NO_SLOTS;
    }
    int[] indexes = new int[peers.size()];
    int count = 0;
    for (ClusterNode node : peers.values()) {
      indexes[count++] = node.viewIndex;
    }
    return indexes;
  }
}
