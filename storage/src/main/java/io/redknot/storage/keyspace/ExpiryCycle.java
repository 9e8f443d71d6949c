package io.redknot.storage.keyspace;

import java.util.function.LongSupplier;

/**
 * Removes expired keys of all shards that nobody asks for, a slice of time after the other.
 *
 * <p>A lock is held for at most {@value #STEPS_PER_LOCK} entries, which is some ten microseconds,
 * and then another shard has its turn.
 */
public final class ExpiryCycle {
  private static final int STEPS_PER_LOCK = 64;

  private final ShardRound round;
  private final LongSupplier nanoClock;
  private long nextDueMs;

  /** The clock only runs forward and is told in nanoseconds. */
  public ExpiryCycle(Shards shards, LongSupplier nanoClock) {
    this.round = new ShardRound(shards);
    this.nanoClock = nanoClock;
  }

  /**
   * Works for a while.
   *
   * @param nowMs the time at which entries are expired, Unix ms
   * @param budgetNanos how long to work, about
   * @return whether nothing that is due is left
   */
  public boolean run(long nowMs, long budgetNanos) {
    long start = nanoClock.getAsLong();
    int clean = 0;
    nextDueMs = Long.MAX_VALUE;
    while (true) {
      if (step(nowMs)) {
        clean++;
      } else {
        clean = 0;
        nextDueMs = Long.MAX_VALUE;
      }
      round.next();
      if (clean >= round.length()) {
        return true;
      }
      if (nanoClock.getAsLong() - start >= budgetNanos) {
        return false;
      }
    }
  }

  /**
   * The time before which nothing is due, Unix ms, after a {@link #run} that left nothing; a key
   * that is given an expiry later may be due earlier.
   */
  public long nextDueMs() {
    return nextDueMs;
  }

  private boolean step(long nowMs) {
    Shard shard = round.shard();
    shard.lock();
    try {
      Keyspace keys = round.keyspace();
      keys.time(nowMs);
      boolean clean = keys.removeExpired(STEPS_PER_LOCK);
      nextDueMs = Math.min(nextDueMs, keys.nextDueMs());
      return clean;
    } finally {
      shard.unlock();
    }
  }
}
