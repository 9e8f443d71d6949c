package io.redknot.server.bus;

import io.redknot.cluster.LocalFacts;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.function.LongUnaryOperator;

/** What the cluster core asks of this node's keys. Each answer takes the locks that it needs. */
final class KeyspaceFacts implements LocalFacts {
  /** A cluster node has one database. */
  private static final int DATABASE = 0;

  private final Shards shards;
  private final LongUnaryOperator sendBufferBytes;

  KeyspaceFacts(Shards shards, LongUnaryOperator sendBufferBytes) {
    this.shards = shards;
    this.sendBufferBytes = sendBufferBytes;
  }

  @Override
  public long keyCount() {
    return shards.size(DATABASE);
  }

  @Override
  public int keysInSlot(int slot) {
    Shard shard = shards.ofSlot(slot);
    shard.lock();
    try {
      return shard.keyspace(DATABASE).walk().countInSlot(slot);
    } finally {
      shard.unlock();
    }
  }

  /**
   * No stream is produced yet. A node with keys must still not look as if a replica that has
   * received nothing had all of its data, or that replica could take over by hand and lose them.
   */
  @Override
  public long replicationOffset() {
    return shards.isEmpty(DATABASE) ? 0 : 1;
  }

  /** A replica without its primary's data must never ask for votes. */
  @Override
  public long replicaDataAgeMs() {
    return Long.MAX_VALUE;
  }

  @Override
  public long sendBufferBytes(long linkId) {
    return sendBufferBytes.applyAsLong(linkId);
  }
}
