package io.redknot.cluster;

import org.jspecify.annotations.Nullable;

/** One connection of the bus; directional by who opened it. */
final class BusLink {
  final long id;
  final boolean inbound;
  final String peerIp;
  final long createdMs;
  String localIp;

  /** An accepted link has no node until a known sender spoke on it. */
  @Nullable ClusterNode node;

  /** An outbound link is not up while it is connecting. */
  boolean up;

  long sendBufferBytes;

  /** When a message last came on it; at first, when it was made. */
  long receivedMs;

  BusLink(long id, boolean inbound, String peerIp, String localIp, long createdMs) {
    this.id = id;
    this.inbound = inbound;
    this.peerIp = peerIp;
    this.localIp = localIp;
    this.createdMs = createdMs;
    this.receivedMs = createdMs;
    this.up = inbound;
  }
}
