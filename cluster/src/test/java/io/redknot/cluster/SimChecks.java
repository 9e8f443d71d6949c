package io.redknot.cluster;

import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import java.util.HashMap;
import java.util.Map;

/** What must hold after every single event of a simulation. */
final class SimChecks {
  private final Map<String, Long> votedFor = new HashMap<>();
  private final Map<Long, String> winners = new HashMap<>();
  private final Map<String, Long> epochs = new HashMap<>();
  private int votes;
  private int promotions;

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
