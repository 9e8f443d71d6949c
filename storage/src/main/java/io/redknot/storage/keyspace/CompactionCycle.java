package io.redknot.storage.keyspace;

import java.util.function.LongSupplier;

/**
 * Moves entries together where deletions have left gaps, so that pages can be given back.
 *
 * <p>A keyspace is worth the work once free blocks take more than a quarter of what the used ones
 * take, and at least {@value #WORTH_BYTES_MIN} bytes; then it is compacted until they take an
 * eighth. A lock is held for one run of blocks.
 */
public final class CompactionCycle {
  private static final long WORTH_BYTES_MIN = 256 * 1024;
  private static final int START_SHIFT = 2;
  private static final int STOP_SHIFT = 3;

  private final ShardRound round;
  private final LongSupplier nanoClock;

  /** Which keyspaces are being compacted. */
  private final boolean[] started;

  /** The clock only runs forward and is told in nanoseconds. */
  public CompactionCycle(Shards shards, LongSupplier nanoClock) {
    this.round = new ShardRound(shards);
    this.nanoClock = nanoClock;
    this.started = new boolean[round.length()];
  }

  /**
   * Works for a while.
   *
   * @param budgetBytes how many bytes to move, about
   * @param budgetNanos how long to work, about
   * @return bytes moved; 0: nothing is worth moving
   */
  public long run(long budgetBytes, long budgetNanos) {
    long start = nanoClock.getAsLong();
    long moved = 0;
    int idle = 0;
    while (idle < round.length()
        && moved < budgetBytes
        && nanoClock.getAsLong() - start < budgetNanos) {
      int step = step();
      idle = step == 0 ? idle + 1 : 0;
      moved += step;
      round.next();
    }
    return moved;
  }

  private int step() {
    Shard shard = round.shard();
    shard.lock();
    try {
      Keyspace keys = round.keyspace();
      long fragmented = keys.memory().fragmentedBytes();
      long used = keys.memory().usedBytes();
      int place = round.place();
      started[place] =
          started[place]
              ? fragmented > used >> STOP_SHIFT
              : fragmented > WORTH_BYTES_MIN && fragmented > used >> START_SHIFT;
      int moved = started[place] ? keys.memory().compact(1, 0) : 0;
      started[place] &= moved > 0;
      return moved;
    } finally {
      shard.unlock();
    }
  }
}
