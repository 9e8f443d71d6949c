package io.redknot.cluster;

import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What must hold after every single event of a simulation. */
final class SimChecks {
  static final long NO_OVERLAP = -1;
  private static final int[] PROBED_SLOTS = {0, 8191, 16383};

  private final Map<Integer, SortedMap<Long, Long>> acknowledgedSince = new HashMap<>();
  private final Map<String, Long> votedFor = new HashMap<>();
  private final Map<Long, String> winners = new HashMap<>();
  private final Map<String, Long> epochs = new HashMap<>();
  private long overlapMs = NO_OVERLAP;
  private int votes;
  private int promotions;
  private int handOvers;

  void sent(String voter, long linkPeer, BusMessage message) {
    if (message.type() == MessageType.AUTH_ACK) {
      long epoch = message.header().currentEpoch();
      Long other = votedFor.put(voter + "/" + epoch, linkPeer);
      check(other == null, voter + " voted twice in epoch " + epoch);
      votes++;
    }
  }

  void promoted(String id, long epoch) {
    String other = winners.putIfAbsent(epoch, id);
    check(other == null || other.equals(id), other + " and " + id + " won epoch " + epoch);
    promotions++;
  }

  void epoch(String id, long currentEpoch) {
    Long before = epochs.put(id, currentEpoch);
    check(
        before == null || before <= currentEpoch,
        "epoch of " + id + " fell from " + before + " to " + currentEpoch);
  }

  /**
   * A client's write. The owner before must have stopped to acknowledge others by the time in which
   * a node that is cut off notices it: its next ping may be half a node timeout away, and a pause
   * of nearly a node timeout goes unnoticed.
   */
  void acknowledged(SimNode node, long nowMs) {
    long epoch = node.view().myEpoch();
    long allowedMs = node.settings.nodeTimeoutMs() * 5 / 2 + 3 * SimCluster.TICK_MS;
    for (int slot : PROBED_SLOTS) {
      if (node.view().isMine(slot)) {
        SortedMap<Long, Long> since = acknowledgedSince.computeIfAbsent(slot, s -> new TreeMap<>());
        since.putIfAbsent(epoch, nowMs);
        for (long newerMs : since.tailMap(epoch + 1).values()) {
          check(
              nowMs - newerMs <= allowedMs,
              "two primaries acknowledged writes for slot " + slot + " for " + (nowMs - newerMs));
          overlapMs = Math.max(overlapMs, nowMs - newerMs);
        }
      }
    }
  }

  /** For how long at most a write was acknowledged by one owner after its successor had begun. */
  long overlapMs() {
    return overlapMs;
  }

  /** What a paused primary has acknowledged is not lost by handing over. */
  void handedOver(long primaryOffset, long winnerOffset) {
    check(
        winnerOffset >= primaryOffset,
        "a primary at offset " + primaryOffset + " handed over to a replica at " + winnerOffset);
    handOvers++;
  }

  int handOvers() {
    return handOvers;
  }

  int votes() {
    return votes;
  }

  int promotions() {
    return promotions;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
