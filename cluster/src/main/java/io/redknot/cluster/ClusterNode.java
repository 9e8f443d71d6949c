package io.redknot.cluster;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this node knows about one node of the cluster, itself included. Times are unix ms. */
final class ClusterNode {
  /** Two nodes may each take the other for its primary while roles are changing. */
  private static final int CHAIN_MAX = 8;

  String id;
  String shardId;
  final long createdMs;
  int flags;
  long configEpoch;
  NodeAddress address = NodeAddress.UNKNOWN;
  String hostname = "";
  String nodename = "";

  @Nullable ClusterNode primary;
  final List<ClusterNode> replicas = new ArrayList<>();

  /** Since when no connection to or from it is left of those that were; 0 while there is one. */
  long unlinkedSinceMs;

  /** Whether the latest attempt to connect to it was refused. */
  boolean refusing;

  /** Whether it has answered since this node last had a reason to doubt what it knows. */
  boolean answered;

  /** Whether it understands extensions that Redis 7.0 does not know. */
  boolean extended;

  /** 0 when no ping is waiting for its pong. */
  long pingSentMs;

  long pongReceivedMs;
  long dataReceivedMs;
  long failedAtMs;

  /** When this node last voted for a replica of that one. */
  long votedAtMs;

  /** The epoch of that vote. */
  long votedEpoch;

  long replicationOffset;

  /** Since when a primary has been without a working replica, 0 when it is not. */
  long orphanedSinceMs;

  /** Reporter's id to the time of its latest report that this node fails. */
  final Map<String, Long> failureReports = new LinkedHashMap<>();

  /** Its place in the view that was built last. */
  int viewIndex = ClusterView.NONE;

  /** The pick of gossip that last chose it. */
  long pickedBy;

  @Nullable BusLink outbound;
  @Nullable BusLink inbound;

  private final long[] slotWords = new long[SlotSet.WORDS];
  private int slotCount;
  private @Nullable SlotSet slotSet = SlotSet.EMPTY;

  ClusterNode(String id, String shardId, int flags, long nowMs) {
    this.id = id;
    this.shardId = shardId;
    this.flags = flags;
    this.createdMs = nowMs;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  void set(int flag) {
    flags |= flag;
  }

  void clear(int flag) {
    flags &= ~flag;
  }

  boolean isPrimary() {
    return has(NodeFlags.PRIMARY);
  }

  boolean isReplica() {
    return has(NodeFlags.REPLICA);
  }

  boolean isFailing() {
    return has(NodeFlags.PFAIL | NodeFlags.FAIL);
  }

  boolean inHandshake() {
    return has(NodeFlags.HANDSHAKE);
  }

  /** Whether a message can be sent to it now. */
  boolean isReachable() {
    return outbound != null && outbound.up;
  }

  /** The node whose slots and epoch this one announces. */
  ClusterNode slotHolder() {
    return isReplica() && primary != null ? primary : this;
  }

  /** The primary at the top of the chain; a chain is longer than one step only for moments. */
  ClusterNode topPrimary() {
    ClusterNode top = this;
    for (int step = 0; step < CHAIN_MAX && top.isReplica() && top.primary != null; step++) {
      top = top.primary;
    }
    return top;
  }

  /** The epoch shown for it: a replica shows its primary's. */
  long shownConfigEpoch() {
    return slotHolder().configEpoch;
  }

  int slotCount() {
    return slotCount;
  }

  boolean hasSlot(int slot) {
    return (slotWords[slot >> 6] >>> slot & 1) != 0;
  }

  /** Of its slots those in a word, see {@link SlotSet#word}. */
  long slotWord(int index) {
    return slotWords[index];
  }

  /** For {@link SlotMap} only, which keeps owners and bitmaps in step. */
  void setSlotBit(int slot, boolean on) {
    if (hasSlot(slot) != on) {
      slotWords[slot >> 6] ^= 1L << slot;
      slotCount += on ? 1 : -1;
      slotSet = null;
    }
  }

  /** The slots as a value; the same object as long as they do not change. */
  SlotSet slots() {
    SlotSet known = slotSet;
    if (known == null) {
      known = SlotSet.ofWords(slotWords);
      slotSet = known;
    }
    return known;
  }

  int workingReplicas() {
    int working = 0;
    for (ClusterNode replica : replicas) {
      working += replica.has(NodeFlags.FAIL) ? 0 : 1;
    }
    return working;
  }

  @Override
  public String toString() {
    return nodename.isEmpty() ? id : id + " (" + nodename + ")";
  }
}
