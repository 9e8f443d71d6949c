package io.redknot.server.info;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.KeyspaceStats;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;

/** Sums over the shards; each is read under its own lock, one after the other. */
public final class KeyspaceFigures {
  private KeyspaceFigures() {}

  /**
   * A database.
   *
   * @param keys number of keys
   * @param expiring number of keys that have an expiry
   * @param meanTtlMs mean time that those have left
   * @param tableBytes what the tables that find the keys take
   */
  public record Database(long keys, long expiring, long meanTtlMs, long tableBytes) {}

  /** The figures of one database at a time in Unix ms. */
  public static Database database(Shards shards, int db, long nowMs) {
    long keys = 0;
    long expiring = 0;
    double ttlMs = 0;
    long tableBytes = 0;
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        Keyspace keyspace = shard.keyspace(db);
        keyspace.time(nowMs);
        keys += keyspace.size();
        expiring += keyspace.expiring();
        tableBytes += keyspace.memory().tableBytes();
        ttlMs += (double) keyspace.meanTtlMs() * keyspace.expiring();
      } finally {
        shard.unlock();
      }
    }
    long meanTtlMs = expiring == 0 ? 0 : (long) (ttlMs / expiring);
    return new Database(keys, expiring, meanTtlMs, tableBytes);
  }

  /** The counters of all shards together; the caller owns the result. */
  public static KeyspaceStats stats(Shards shards) {
    KeyspaceStats sum = new KeyspaceStats();
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        KeyspaceStats stats = shard.stats();
        sum.hits += stats.hits;
        sum.misses += stats.misses;
        sum.expired += stats.expired;
        sum.changes += stats.changes;
        sum.lazilyFreed += stats.lazilyFreed;
        sum.compactedBytes += stats.compactedBytes;
      } finally {
        shard.unlock();
      }
    }
    return sum;
  }

  /** Number of deleted collections whose memory is not given back yet. */
  static long dropped(Shards shards) {
    long sum = 0;
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        for (int db = 0; db < shards.databases(); db++) {
          sum += shard.keyspace(db).memory().dropped();
        }
      } finally {
        shard.unlock();
      }
    }
    return sum;
  }

  /** Starts to count hits, misses, expired keys and lazily freed values anew. */
  public static void resetStats(Shards shards) {
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        KeyspaceStats stats = shard.stats();
        stats.hits = 0;
        stats.misses = 0;
        stats.expired = 0;
        stats.lazilyFreed = 0;
      } finally {
        shard.unlock();
      }
    }
  }
}
