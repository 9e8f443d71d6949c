package io.redknot.cluster;

import io.redknot.cluster.store.SavedCluster;
import io.redknot.cluster.store.SavedNode;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Everything this node believes about the cluster; plain data that the rules work on. */
final class ClusterState {
  /** No more nodes are learned by gossip; Redis Cluster is designed for about 1000. */
  static final int NODES_MAX = 16384;

  final SlotMap slots = new SlotMap();
  final Pending pending = new Pending();
  final ClusterNode self;
  long currentEpoch;
  long lastVoteEpoch;

  /** Whose slots this node has taken while it was up, so that it may go on voting for a moment. */
  @Nullable ClusterNode predecessor;

  /** Until when at most that can be. */
  long predecessorUntilMs;

  /** Whether the cluster is up, in this node's opinion. */
  boolean ok;

  /** Primaries that own at least one slot. */
  int size = 1;

  /** Nodes flagged PFAIL at the last tick: so many gossip entries are added for them. */
  int pfailNodes;

  long linksOverLimit;
  final long[] sent = new long[MessageType.values().length];
  final long[] received = new long[MessageType.values().length];

  /** Ids that must not be added again, to the time that ends. */
  final Map<String, Long> blacklist = new LinkedHashMap<>();

  private final Map<String, ClusterNode> byId = new HashMap<>();
  private final List<ClusterNode> nodes = new ArrayList<>();
  private long membershipVersion;

  /** A fresh node that knows only itself. */
  ClusterState(RandomGenerator random, long nowMs) {
    int flags = NodeFlags.MYSELF | NodeFlags.PRIMARY;
    self = new ClusterNode(NodeIds.random(random), NodeIds.random(random), flags, nowMs);
    add(self);
    pending.saveDurably();
  }

  /** Takes up what was saved. Timestamps of the past say nothing now and become "now". */
  ClusterState(SavedCluster saved, RandomGenerator random, long nowMs) {
    ClusterNode found = null;
    for (SavedNode node : saved.nodes()) {
      ClusterNode added = restore(node, random, nowMs);
      found = node.isMyself() ? added : found;
    }
    if (found == null) {
      throw new IllegalArgumentException("no node is flagged myself");
    }
    self = found;
    for (SavedNode node : saved.nodes()) {
      connect(node);
    }
    currentEpoch = saved.currentEpoch();
    lastVoteEpoch = saved.lastVoteEpoch();
    pending.health();
  }

  private ClusterNode restore(SavedNode saved, RandomGenerator random, long nowMs) {
    String shard = saved.shardId().isEmpty() ? NodeIds.random(random) : saved.shardId();
    ClusterNode node = new ClusterNode(saved.id(), shard, saved.flags(), nowMs);
    node.address = saved.address();
    node.hostname = saved.hostname();
    node.nodename = saved.nodename();
    node.pingSentMs = saved.pingSentMs() == 0 || saved.isMyself() ? 0 : nowMs;
    node.pongReceivedMs = saved.pongReceivedMs() == 0 ? 0 : nowMs;
    node.failedAtMs = node.has(NodeFlags.FAIL) ? nowMs : 0;
    node.configEpoch = saved.primaryId().isEmpty() ? saved.configEpoch() : 0;
    add(node);
    saved.slots().forEach(slot -> slots.assign(slot, node));
    return node;
  }

  private void connect(SavedNode saved) {
    ClusterNode node = known(saved.id());
    if (!saved.primaryId().isEmpty()) {
      ClusterNode primary = known(saved.primaryId());
      node.primary = primary;
      node.shardId = primary.shardId;
      primary.replicas.add(node);
      primary.set(NodeFlags.MIGRATE_TO);
    }
    saved.migrating().forEach((slot, id) -> slots.migrating.put(slot, known(id)));
    saved.importing().forEach((slot, id) -> slots.importing.put(slot, known(id)));
  }

  private ClusterNode known(String id) {
    ClusterNode node = find(id);
    if (node == null) {
      throw new IllegalArgumentException("node " + id + " is named but not listed");
    }
    return node;
  }

  /** What has to survive a restart: everything but nodes in handshake. */
  SavedCluster toSaved() {
    List<SavedNode> saved = new ArrayList<>(nodes.size());
    for (ClusterNode node : nodes) {
      if (!node.inHandshake()) {
        saved.add(toSaved(node));
      }
    }
    return new SavedCluster(saved, currentEpoch, lastVoteEpoch);
  }

  private SavedNode toSaved(ClusterNode node) {
    ClusterNode primary = node.primary;
    return new SavedNode(
        node.id,
        node.address,
        node.hostname,
        node.nodename,
        node.topPrimary().shardId,
        node.flags,
        node.isReplica() && primary != null ? primary.id : "",
        node.pingSentMs,
        node.pongReceivedMs,
        node.shownConfigEpoch(),
        node == self || node.isReachable(),
        node.slots(),
        node == self ? ids(slots.migrating) : new TreeMap<>(),
        node == self ? ids(slots.importing) : new TreeMap<>());
  }

  private static SortedMap<Integer, String> ids(SortedMap<Integer, ClusterNode> peers) {
    TreeMap<Integer, String> ids = new TreeMap<>();
    peers.forEach((slot, node) -> ids.put(slot, node.id));
    return ids;
  }

  @Nullable ClusterNode find(String id) {
    return byId.get(id);
  }

  /** All nodes, in the order they were learned. Not to be changed. */
  List<ClusterNode> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** A copy, for walks that may remove nodes. */
  List<ClusterNode> nodesCopy() {
    return new ArrayList<>(nodes);
  }

  void add(ClusterNode node) {
    byId.put(node.id, node);
    nodes.add(node);
    membershipVersion++;
    pending.view();
  }

  void remove(ClusterNode node) {
    byId.remove(node.id);
    nodes.remove(node);
    node.viewIndex = ClusterView.NONE;
    membershipVersion++;
    pending.view();
  }

  void rename(ClusterNode node, String id) {
    byId.remove(node.id);
    node.id = id;
    byId.put(id, node);
    membershipVersion++;
    pending.view();
  }

  /** Changes whenever the list of nodes or an id does. */
  long membershipVersion() {
    return membershipVersion;
  }

  /** Gives a slot to a node; a primary that starts to serve may ask for a spare replica. */
  void assign(int slot, ClusterNode node) {
    if (node.slotCount() == 0 && anyReplicas()) {
      node.set(NodeFlags.MIGRATE_TO);
    }
    slots.assign(slot, node);
  }

  private boolean anyReplicas() {
    for (ClusterNode node : nodes) {
      if (node.isPrimary() && !node.replicas.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  boolean isBlacklisted(String id, long nowMs) {
    blacklist.values().removeIf(endsMs -> endsMs <= nowMs);
    return blacklist.containsKey(id);
  }

  /** The largest epoch any node or the cluster has. */
  long maxEpoch() {
    long max = currentEpoch;
    for (ClusterNode node : nodes) {
      max = Math.max(max, node.configEpoch);
    }
    return max;
  }

  /** Votes or failure reports needed to decide something. */
  int quorum() {
    return size / 2 + 1;
  }
}
