package io.redknot.cluster;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;

/**
 * One node as others may see it.
 *
 * @param flags {@link NodeFlags}
 * @param primaryIndex index of its primary in the view, -1 for none
 * @param pingSentMs unix time, 0 when no ping is outstanding
 * @param pongReceivedMs unix time, 0 for never
 * @param configEpoch its own, or its primary's for a replica
 * @param linkConnected whether it is this node or there is an outbound link
 * @param replicationOffset as it last announced; for this node the server knows better
 * @param slots what it owns
 */
public record NodeView(
    String id,
    String shardId,
    NodeAddress address,
    String hostname,
    String nodename,
    int flags,
    int primaryIndex,
    long pingSentMs,
    long pongReceivedMs,
    long configEpoch,
    boolean linkConnected,
    long replicationOffset,
    SlotSet slots) {

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  public boolean isPrimary() {
    return has(NodeFlags.PRIMARY);
  }

  public boolean isReplica() {
    return has(NodeFlags.REPLICA);
  }

  public boolean isMyself() {
    return has(NodeFlags.MYSELF);
  }
}
