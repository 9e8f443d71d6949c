package io.redknot.cluster.wire;

/**
 * What every message says about its sender.
 *
 * @param sender the sender's node id
 * @param currentEpoch the highest epoch the sender has seen
 * @param configEpoch the epoch of the slots: the sender's, or its primary's when it is a replica
 * @param replicationOffset produced by a primary, processed by a replica, in bytes
 * @param slots the sender's slots, or its primary's when it is a replica
 * @param primaryId the sender's primary; empty when it is a primary or does not know it
 * @param ip the announced address; empty for "take the peer address of the connection"
 * @param port the client port of the bus's own kind (TLS when the bus runs over TLS)
 * @param secondaryPort the other client port, 0 for none
 * @param busPort the announced bus port
 * @param flags the sender's {@link NodeFlags}
 * @param clusterOk whether the sender holds the cluster for up
 * @param messageFlags {@link BusFormat#FLAG_PAUSED}, {@link BusFormat#FLAG_FORCE_ACK} and {@link
 *     BusFormat#FLAG_EXTENSIONS}, which is set when encoding wherever there are any
 */
public record BusHeader(
    String sender,
    long currentEpoch,
    long configEpoch,
    long replicationOffset,
    SlotSet slots,
    String primaryId,
    String ip,
    int port,
    int secondaryPort,
    int busPort,
    int flags,
    boolean clusterOk,
    int messageFlags) {

  public boolean saysPaused() {
    return (messageFlags & BusFormat.FLAG_PAUSED) != 0;
  }

  public boolean forcesAck() {
    return (messageFlags & BusFormat.FLAG_FORCE_ACK) != 0;
  }

  public boolean saysPrimary() {
    return primaryId.isEmpty();
  }
}
