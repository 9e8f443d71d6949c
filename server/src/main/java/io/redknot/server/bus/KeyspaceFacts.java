package io.redknot.server.bus;

import io.redknot.cluster.LocalFacts;
import io.redknot.server.replication.Replication;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;

/**
 * What the cluster core asks of this node's keys. What changes of slots need takes the locks for
 * it; what each message to other nodes says waits for none, as a command may hold one for long.
 */
final class KeyspaceFacts implements LocalFacts {
  /** A cluster node has one database. */
  private static final int DATABASE = 0;

  private final Shards shards;
  private final Replication replication;
  private final BooleanSupplier writesHeldBack;
  private final LongUnaryOperator sendBufferBytes;

  /** Whether there were keys when it was last to be seen. */
  private boolean hadKeys;

  KeyspaceFacts(
      Shards shards,
      Replication replication,
      BooleanSupplier writesHeldBack,
      LongUnaryOperator sendBufferBytes) {
    this.shards = shards;
    this.replication = replication;
    this.writesHeldBack = writesHeldBack;
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

  @Override
  public long replicationOffset() {
    if (replication.isReplica()) {
      boolean hasData = replication.dataAgeMs() != Long.MAX_VALUE;
      return hasData ? replication.offset() : 0;
    }
    // Nobody who has nothing may seem to have what this node has.
    long offset = replication.offset();
    return offset == 0 && hasKeys() ? 1 : offset;
  }

  /** Where a shard is busy, what is known of before. */
  private boolean hasKeys() {
    boolean all = true;
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      if (!shard.tryLock(0)) {
        all = false;
        continue;
      }
      try {
        if (shard.keyspace(DATABASE).size() > 0) {
          hadKeys = true;
          return true;
        }
      } finally {
        shard.unlock();
      }
    }
    hadKeys &= !all;
    return hadKeys;
  }

  @Override
  public long replicaDataAgeMs() {
    return replication.dataAgeMs();
  }

  @Override
  public boolean holdsWritesBack() {
    return writesHeldBack.getAsBoolean();
  }

  @Override
  public long sendBufferBytes(long linkId) {
    return sendBufferBytes.applyAsLong(linkId);
  }
}
