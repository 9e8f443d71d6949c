package io.redknot.cluster.store;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One line of {@code nodes.conf}.
 *
 * @param shardId empty when the file does not say it (Redis 7.0)
 * @param primaryId empty for a primary
 * @param pingSentMs unix time, 0 for none
 * @param pongReceivedMs unix time, 0 for none
 * @param connected whether there was an outbound link (information only)
 * @param migrating slots of this node being handed to the node with that id
 * @param importing slots being taken from the node with that id
 */
public record SavedNode(
    String id,
    NodeAddress address,
    String hostname,
    String nodename,
    String shardId,
    int flags,
    String primaryId,
    long pingSentMs,
    long pongReceivedMs,
    long configEpoch,
    boolean connected,
    SlotSet slots,
    SortedMap<Integer, String> migrating,
    SortedMap<Integer, String> importing) {

  public SavedNode {
    migrating = Collections.unmodifiableSortedMap(new TreeMap<>(migrating));
    importing = Collections.unmodifiableSortedMap(new TreeMap<>(importing));
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  public boolean isMyself() {
    return has(NodeFlags.MYSELF);
  }
}
