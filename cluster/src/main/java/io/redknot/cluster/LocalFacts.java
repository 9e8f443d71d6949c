package io.redknot.cluster;

/**
 * What the core has to know about the rest of the server, read at the moment of an event. The core
 * calls it only while it handles that event, on its own thread.
 */
public interface LocalFacts {
  /** Keys in the whole keyspace. */
  long keyCount();

  /** Keys in one slot, 0..16383. */
  int keysInSlot(int slot);

  /** Bytes of replication stream produced as a primary, or processed as a replica. */
  long replicationOffset();

  /**
   * As a replica: how long ago the data was known to be current, in milliseconds. {@code
   * Long.MAX_VALUE} when it never was; such a replica does not start an automatic election.
   */
  long replicaDataAgeMs();

  /**
   * Whether what {@link ClusterEvent.PauseWrites} asks for is so: nothing moves the offset any
   * more.
   */
  boolean holdsWritesBack();

  /** Bytes queued and not yet written on a bus link. */
  default long sendBufferBytes(long linkId) {
    return 0;
  }
}
