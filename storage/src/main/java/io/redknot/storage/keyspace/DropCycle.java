package io.redknot.storage.keyspace;

import java.util.function.LongSupplier;

/**
 * Gives back the nodes of deleted collections that were too large to be given back at once.
 *
 * <p>A lock is held for at most {@value #NODES_PER_LOCK} nodes, which is some ten microseconds, and
 * then another shard has its turn.
 */
public final class DropCycle {
  private static final int NODES_PER_LOCK = 256;

  private final ShardRound round;
  private final LongSupplier nanoClock;

  /** The clock only runs forward and is told in nanoseconds. */
  public DropCycle(Shards shards, LongSupplier nanoClock) {
    this.round = new ShardRound(shards);
    this.nanoClock = nanoClock;
  }

  /**
   * Works for a while.
   *
   * @param budgetNanos how long to work, about
   * @return whether nothing is left to give back
   */
  public boolean run(long budgetNanos) {
    long start = nanoClock.getAsLong();
    int done = 0;
    while (true) {
      done = step() ? done + 1 : 0;
      round.next();
      if (done >= round.length()) {
        return true;
      }
      if (nanoClock.getAsLong() - start >= budgetNanos) {
        return false;
      }
    }
  }

  private boolean step() {
    Shard shard = round.shard();
    shard.lock();
    try {
      KeyspaceMemory memory = round.keyspace().memory();
      return memory.dropped() == 0 || memory.releaseDropped(NODES_PER_LOCK) < NODES_PER_LOCK;
    } finally {
      shard.unlock();
    }
  }
}
