package io.redknot.server.replication;

import java.util.concurrent.atomic.LongAdder;

/**
 * How often replicas were synchronized, and how many bytes went to them and came from a primary.
 */
public final class ReplicationCounts {
  final LongAdder bytesSent = new LongAdder();
  final LongAdder bytesReceived = new LongAdder();
  final LongAdder fullSyncs = new LongAdder();
  final LongAdder partialSyncs = new LongAdder();
  final LongAdder partialRefusals = new LongAdder();

  ReplicationCounts() {}

  /** Bytes sent to replicas. */
  public long bytesSent() {
    return bytesSent.sum();
  }

  /** Bytes received from the primary. */
  public long bytesReceived() {
    return bytesReceived.sum();
  }

  /** How often the whole data set was asked for. */
  public long fullSyncs() {
    return fullSyncs.sum();
  }

  /** How often a replica's stream was continued. */
  public long partialSyncs() {
    return partialSyncs.sum();
  }

  /** How often that was asked for and not possible. */
  public long partialRefusals() {
    return partialRefusals.sum();
  }
}
