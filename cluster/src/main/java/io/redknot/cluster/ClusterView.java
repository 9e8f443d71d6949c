package io.redknot.cluster;

import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The cluster at one moment, immutable. Nodes are named by their index in {@link #nodes()}; indexes
 * hold within one view only. The queries by slot allocate nothing.
 */
public final class ClusterView {
  /** No node. */
  public static final int NONE = -1;

  private final List<NodeView> nodes;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final int myIndex;
  private final short[] owners;
  private final int[] migratingSlots;
  private final int[] migratingTo;
  private final int[] importingSlots;
  private final int[] importingFrom;
  private final boolean ok;
  private final int size;
  private final long currentEpoch;
  private final long[] sent;
  private final long[] received;
  private final long linksOverLimit;
  private final List<LinkView> links;
  private final ClusterSettings settings;
  private final List<FailoverEvent> failovers;
  private final long atMs;

  ClusterView(ViewBuilder from, ClusterState state, ClusterSettings settings, long atMs) {
    nodes = List.copyOf(from.nodes);
    myIndex = from.myIndex;
    owners = from.owners;
    for (int i = 0; i < nodes.size(); i++) {
      indexes.put(nodes.get(i).id(), i);
    }
    migratingSlots = ViewBuilder.slots(state.slots.migrating);
    migratingTo = ViewBuilder.indexes(state.slots.migrating);
    importingSlots = ViewBuilder.slots(state.slots.importing);
    importingFrom = ViewBuilder.indexes(state.slots.importing);
    ok = state.ok;
    size = state.size;
    currentEpoch = state.currentEpoch;
    sent = state.sent.clone();
    received = state.received.clone();
    linksOverLimit = state.linksOverLimit;
    links = List.copyOf(from.links);
    this.settings = settings;
    failovers = from.failovers;
    this.atMs = atMs;
  }

  public List<NodeView> nodes() {
    return nodes;
  }

  public int myIndex() {
    return myIndex;
  }

  public NodeView myself() {
    return nodes.get(myIndex);
  }

  /** Index of the node with that id, or {@link #NONE}. */
  public int find(String id) {
    return indexes.getOrDefault(id, NONE);
  }

  /** Index of the slot's owner, or {@link #NONE}. */
  public int owner(int slot) {
    return owners[slot];
  }

  public boolean isMine(int slot) {
    return owners[slot] == myIndex;
  }

  /** Whether this node is a replica of the slot's owner. */
  public boolean isMyPrimarys(int slot) {
    int primary = myself().primaryIndex();
    return primary != NONE && owners[slot] == primary;
  }

  /** Where the slot is being moved to, or {@link #NONE}. */
  public int migratingTo(int slot) {
    return lookup(slot, migratingSlots, migratingTo);
  }

  /** Where the slot is being taken from, or {@link #NONE}. */
  public int importingFrom(int slot) {
    return lookup(slot, importingSlots, importingFrom);
  }

  public boolean isMigrating(int slot) {
    return migratingTo(slot) != NONE;
  }

  public boolean isImporting(int slot) {
    return importingFrom(slot) != NONE;
  }

  private static int lookup(int slot, int[] slots, int[] nodes) {
    if (slots.length == 0) {
      return NONE;
    }
    int at = Arrays.binarySearch(slots, slot);
    return at < 0 ? NONE : nodes[at];
  }

  /** Slots being moved away, ascending. */
  public int[] migratingSlots() {
    return migratingSlots.clone();
  }

  /** Slots being taken, ascending. */
  public int[] importingSlots() {
    return importingSlots.clone();
  }

  /** Whether the cluster is up in this node's opinion. */
  public boolean isOk() {
    return ok;
  }

  /** Primaries with at least one slot. */
  public int size() {
    return size;
  }

  public long currentEpoch() {
    return currentEpoch;
  }

  /** This node's config epoch, or its primary's. */
  public long myEpoch() {
    return myself().configEpoch();
  }

  public long sent(MessageType type) {
    return sent[type.code()];
  }

  public long received(MessageType type) {
    return received[type.code()];
  }

  /** Links closed because their send buffer was over the limit, since the start. */
  public long linksOverLimit() {
    return linksOverLimit;
  }

  public List<LinkView> links() {
    return links;
  }

  public ClusterSettings settings() {
    return settings;
  }

  /** The last events of failovers, the oldest first. */
  public List<FailoverEvent> failovers() {
    return failovers;
  }

  /** When the view was made, unix ms. */
  public long atMs() {
    return atMs;
  }

  public int slotsAssigned() {
    return slotsOfNodes(0, 0);
  }

  public int slotsFail() {
    return slotsOfNodes(NodeFlags.FAIL, NodeFlags.FAIL);
  }

  public int slotsPfail() {
    return slotsOfNodes(NodeFlags.FAIL | NodeFlags.PFAIL, NodeFlags.PFAIL);
  }

  public int slotsOk() {
    return slotsOfNodes(NodeFlags.FAIL | NodeFlags.PFAIL, 0);
  }

  private int slotsOfNodes(int mask, int wanted) {
    int slots = 0;
    for (NodeView node : nodes) {
      slots += (node.flags() & mask) == wanted ? node.slots().count() : 0;
    }
    return slots;
  }

  /** Names the slots, ascending, that belonged to another node or to none in an earlier view. */
  public void forEachChange(ClusterView before, IntConsumer slots) {
    if (!hasNodesOf(before)) {
      for (int slot = 0; slot < BusFormat.SLOTS; slot++) {
        if (!ownerId(slot).equals(before.ownerId(slot))) {
          slots.accept(slot);
        }
      }
      return;
    }
    int slot = Arrays.mismatch(owners, before.owners);
    while (slot != NONE) {
      slots.accept(slot);
      int from = slot + 1;
      int next =
          Arrays.mismatch(owners, from, owners.length, before.owners, from, before.owners.length);
      slot = next == NONE ? NONE : from + next;
    }
  }

  /** Whether an index means the same node in both. */
  private boolean hasNodesOf(ClusterView other) {
    boolean same = nodes.size() == other.nodes.size();
    for (int i = 0; same && i < nodes.size(); i++) {
      same = nodes.get(i).id().equals(other.nodes.get(i).id());
    }
    return same;
  }

  private String ownerId(int slot) {
    return owners[slot] == NONE ? "" : nodes.get(owners[slot]).id();
  }

  /** Indexes of the replicas of a node. */
  public int[] replicasOf(int primaryIndex) {
    int[] found = new int[nodes.size()];
    int count = 0;
    for (int i = 0; i < nodes.size(); i++) {
      NodeView node = nodes.get(i);
      if (node.isReplica() && node.primaryIndex() == primaryIndex) {
        found[count++] = i;
      }
    }
    return Arrays.copyOf(found, count);
  }

  /**
   * Maximal ranges of slots with one owner, ascending, as triples first slot, last slot, node
   * index. Slots without an owner are left out.
   */
  public int[] ownedRanges() {
    int[] triples = new int[48];
    int length = 0;
    int first = 0;
    for (int slot = 1; slot <= BusFormat.SLOTS; slot++) {
      if (slot < BusFormat.SLOTS && owners[slot] == owners[first]) {
        continue;
      }
      if (owners[first] != NONE) {
        triples = length == triples.length ? Arrays.copyOf(triples, length * 2) : triples;
        triples[length++] = first;
        triples[length++] = slot - 1;
        triples[length++] = owners[first];
      }
      first = slot;
    }
    return Arrays.copyOf(triples, length);
  }

  /** The host clients are sent to: ip, hostname ({@code ?} when it has none), or empty. */
  public String endpoint(int index) {
    NodeView node = nodes.get(index);
    return switch (settings.preferredEndpoint()) {
      case IP -> node.address().ip();
      case HOSTNAME -> node.hostname().isEmpty() ? "?" : node.hostname();
      case UNKNOWN -> "";
    };
  }

  /** The client port of a node, for a client that came over TLS or not. */
  public int clientPort(int index, boolean tls) {
    NodeView node = nodes.get(index);
    return tls ? node.address().tlsPort() : node.address().tcpPort();
  }
}
