package io.redknot.storage.keyspace;

import io.redknot.storage.memory.PagePool;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** All shards of a server: a slot belongs to the shard of its number modulo their count. */
public final class Shards {
  private static final int SNAPSHOT_EPOCH_MAX = 255;

  private final Shard[] shards;
  private final int databases;
  private final AccessClock clock = new AccessClock();
  private final ExpiryRule expiry = new ExpiryRule();
  private int snapshotEpoch;

  /**
   * Makes empty shards.
   *
   * @param count a power of two, 1 to 1024
   * @param databases number of databases, at least 1
   * @param seeds gives the secret of the key hash and the seeds of the shards' generators
   */
  public Shards(int count, int databases, LongSupplier seeds) {
    if (Integer.bitCount(count) != 1 || count > 1024) {
      throw new IllegalArgumentException("the number of shards must be a power of two up to 1024");
    }
    this.databases = databases;
    this.shards = new Shard[count];
    long hashSeed = seeds.getAsLong();
    PagePool pages = new PagePool();
    for (int i = 0; i < count; i++) {
      RandomGenerator random = new XorShift(seeds.getAsLong());
      ShardTools tools = Shard.tools(hashSeed, clock, pages, random);
      int shardsLog2 = Integer.numberOfTrailingZeros(count);
      shards[i] = new Shard(i, databases, shardsLog2, tools, expiry);
    }
  }

  /** Number of shards. */
  public int count() {
    return shards.length;
  }

  /** Number of databases. */
  public int databases() {
    return databases;
  }

  /** How accesses are remembered; changed under all locks. */
  public AccessClock clock() {
    return clock;
  }

  /**
   * Whether expired entries are hidden and not removed; false at first. Who takes a lock from now
   * on follows it. Any thread, and no lock is needed.
   */
  public void hideExpiredOnly(boolean value) {
    expiry.hideOnly(value);
  }

  /** A shard by its position. */
  public Shard shard(int index) {
    return shards[index];
  }

  /** The shard of a slot. */
  public Shard ofSlot(int slot) {
    return shards[slot & (shards.length - 1)];
  }

  /** Takes all locks, in ascending order. */
  public void lockAll() {
    for (Shard shard : shards) {
      shard.lock();
    }
  }

  /** Gives all locks back. */
  public void unlockAll() {
    for (int i = shards.length - 1; i >= 0; i--) {
      shards[i].unlock();
    }
  }

  /** A database's keys in all shards. */
  public Database database(int index) {
    return new Database(this, index);
  }

  /** Forgets all keys of a database, under all locks. */
  public void flush(int database, long nowMs) {
    lockAll();
    try {
      for (Shard shard : shards) {
        shard.flush(database, nowMs);
      }
    } finally {
      unlockAll();
    }
  }

  /** Forgets all keys, under all locks. */
  public void flushAll(long nowMs) {
    lockAll();
    try {
      for (Shard shard : shards) {
        for (int i = 0; i < databases; i++) {
          shard.flush(i, nowMs);
        }
      }
    } finally {
      unlockAll();
    }
  }

  /**
   * The mark of the next snapshot, 1 to 255; all locks are held.
   *
   * <p>Marks return after 255 snapshots. By then every entry carries a newer one or none, as each
   * snapshot goes over all entries to its end, even where it is given up.
   */
  public int nextSnapshotEpoch() {
    snapshotEpoch = snapshotEpoch % SNAPSHOT_EPOCH_MAX + 1;
    return snapshotEpoch;
  }

  /** Exchanges two databases, under all locks; counts as one change. */
  public void swap(int a, int b, long nowMs) {
    lockAll();
    try {
      for (Shard shard : shards) {
        shard.swap(a, b, nowMs);
      }
      shards[0].stats().changes++;
    } finally {
      unlockAll();
    }
  }

  /** Whether a database has no keys; takes the locks one by one until it meets one. */
  public boolean isEmpty(int database) {
    for (Shard shard : shards) {
      shard.lock();
      try {
        if (shard.keyspace(database).size() > 0) {
          return false;
        }
      } finally {
        shard.unlock();
      }
    }
    return true;
  }

  /** Number of keys of a database; takes the locks one by one. */
  public long size(int database) {
    long size = 0;
    for (Shard shard : shards) {
      shard.lock();
      try {
        size += shard.keyspace(database).size();
      } finally {
        shard.unlock();
      }
    }
    return size;
  }
}
