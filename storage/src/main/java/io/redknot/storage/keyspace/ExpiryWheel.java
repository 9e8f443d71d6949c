package io.redknot.storage.keyspace;

import io.redknot.storage.encoding.ChainLengths;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;

/**
 * The entries that expire, by time: a hierarchical timing wheel whose buckets are lists through the
 * entries themselves.
 *
 * <pre>
 *   level 0   256 buckets of 128 ms         level 2   256 buckets of 2.3 h
 *   level 1   256 buckets of 32.8 s         level 3   256 buckets of 24.9 days
 * </pre>
 *
 * <p>An entry stands in the bucket of its expiry, seen from the next tick to run; when a coarse
 * bucket's time comes, its entries move to finer ones. Adding, removing and moving an entry cost
 * constant time. A bucket runs when its last millisecond has passed: nothing is due early, and
 * nothing more than one tick late. What expires in more than 17 years waits in a bucket that is
 * never spread: such an entry is only found expired when it is accessed. Source: Varghese and
 * Lauck, "Hashed and Hierarchical Timing Wheels" (1987).
 */
final class ExpiryWheel {
  private static final int TICK_SHIFT = 7;
  private static final int LEVEL_BITS = 8;
  private static final int LEVEL_SIZE = 1 << LEVEL_BITS;
  private static final int LEVELS = 4;
  private static final int BEYOND = LEVELS * LEVEL_SIZE;
  private static final int BUCKETS = BEYOND + 1;
  private static final long REF_MASK = (1L << PageArena.REF_BITS) - 1;

  /** Length of a tick in ms. */
  static final int TICK_MS = 1 << TICK_SHIFT;

  /** Keeps the sum behind the mean from overflowing: the year 3084, in ms. */
  private static final long SUMMAND_MAX = 1L << 45;

  private final PageArena arena;
  private final long[] heads = new long[BUCKETS];

  /** Entries per level; the last counts those beyond all levels. */
  private final long[] levelSizes = new long[LEVELS + 1];

  private long nextTick;

  /** The tick whose coarse buckets are all spread. */
  private long startedTick = Long.MIN_VALUE;

  private long size;
  private long expirySum;
  private int stepsLeft;

  ExpiryWheel(PageArena arena, long nowMs) {
    this.arena = arena;
    this.nextTick = nowMs >> TICK_SHIFT;
  }

  /** Entries that expire. */
  long size() {
    return size;
  }

  /** Mean of the expiries, Unix time in ms; 0 where none expires. */
  long meanExpiryMs() {
    return size == 0 ? 0 : expirySum / size;
  }

  /** How many entries its buckets have; a look at every entry. */
  void count(ChainLengths lengths) {
    for (long head : heads) {
      int entries = 0;
      for (long ref = head; ref != 0; ref = next(ref)) {
        entries++;
      }
      lengths.add(entries);
    }
  }

  /**
   * Sets the time where no entry depends on what it was; to be called before the first is added.
   */
  void timeIfEmpty(long nowMs) {
    if (size == 0) {
      nextTick = nowMs >> TICK_SHIFT;
    }
  }

  /** Adds an entry whose expiry is written. */
  void add(long ref) {
    size++;
    expirySum += summand(ref);
    link(ref);
  }

  /** Removes an entry; its expiry is still the one it was added with. */
  void remove(long ref) {
    size--;
    expirySum -= summand(ref);
    unlink(ref);
  }

  private long summand(long ref) {
    return Math.clamp(expiry(ref), 0, SUMMAND_MAX);
  }

  private long expiry(long ref) {
    return Bytes.getLong(arena.page(ref), PageArena.offset(ref) + EntryFormat.EXPIRY);
  }

  private int bucketFor(long expiryMs) {
    long tick = Math.max(expiryMs >> TICK_SHIFT, nextTick);
    for (int level = 0; level < LEVELS; level++) {
      int shift = level * LEVEL_BITS;
      if ((tick >> shift) - (nextTick >> shift) < LEVEL_SIZE) {
        return level * LEVEL_SIZE + (int) ((tick >> shift) & (LEVEL_SIZE - 1));
      }
    }
    return BEYOND;
  }

  private void link(long ref) {
    int bucket = bucketFor(expiry(ref));
    long head = heads[bucket];
    setPrevious(ref, (long) bucket << PageArena.REF_BITS);
    setNext(ref, head);
    if (head != 0) {
      setPrevious(head, (long) bucket << PageArena.REF_BITS | ref);
    }
    heads[bucket] = ref;
    levelSizes[bucket >> LEVEL_BITS]++;
  }

  private void unlink(long ref) {
    long previousAndBucket = previous(ref);
    long previous = previousAndBucket & REF_MASK;
    int bucket = (int) (previousAndBucket >>> PageArena.REF_BITS);
    long next = next(ref);
    if (previous != 0) {
      setNext(previous, next);
    } else {
      heads[bucket] = next;
    }
    if (next != 0) {
      setPrevious(next, previousAndBucket);
    }
    levelSizes[bucket >> LEVEL_BITS]--;
  }

  /** Follows an entry whose bytes, links included, were copied to another block. */
  void moved(long to) {
    long previousAndBucket = previous(to);
    long previous = previousAndBucket & REF_MASK;
    long next = next(to);
    if (previous != 0) {
      setNext(previous, to);
    } else {
      heads[(int) (previousAndBucket >>> PageArena.REF_BITS)] = to;
    }
    if (next != 0) {
      setPrevious(next, (previousAndBucket & ~REF_MASK) | to);
    }
  }

  /** Allows {@link #due} that many steps: entries looked at and buckets passed. */
  void allowSteps(int steps) {
    stepsLeft = steps;
  }

  /**
   * The next entry that is due, still in the wheel; the caller removes it. Empty buckets are passed
   * and coarse ones spread on the way.
   *
   * @return 0 where nothing is due, -1 where the steps are used up before that is known
   */
  long due(long nowMs) {
    long nowTick = nowMs >> TICK_SHIFT;
    while (nextTick < nowTick) {
      if (stepsLeft-- <= 0) {
        return -1;
      }
      int coarse = coarseBucket();
      if (coarse >= 0) {
        spread(heads[coarse]);
        continue;
      }
      long head = heads[(int) (nextTick & (LEVEL_SIZE - 1))];
      if (head != 0) {
        return head;
      }
      nextTick = Math.min(nowTick, nextTickToRun());
    }
    return 0;
  }

  /**
   * The time before which {@link #due} has nothing to do, once it has said that nothing is due;
   * Long.MAX_VALUE where that is so for ever.
   */
  long nextDueMs() {
    if (levelSizes[0] != 0 || coarseBucket() >= 0) {
      return (nextTick + 1) << TICK_SHIFT;
    }
    long tick = nextTickToRun();
    return tick == Long.MAX_VALUE ? tick : (tick + 1) << TICK_SHIFT;
  }

  /** The next tick that runs a bucket of the finest level that has entries. */
  private long nextTickToRun() {
    for (int level = 0; level < LEVELS; level++) {
      if (levelSizes[level] != 0) {
        int shift = level * LEVEL_BITS;
        return ((nextTick >> shift) + 1) << shift;
      }
    }
    return Long.MAX_VALUE;
  }

  /** A coarse bucket that begins with the next tick and still has entries; -1: none. */
  private int coarseBucket() {
    if (startedTick == nextTick || (nextTick & (LEVEL_SIZE - 1)) != 0) {
      return -1;
    }
    for (int level = LEVELS - 1; level > 0; level--) {
      int shift = level * LEVEL_BITS;
      if ((nextTick & ((1L << shift) - 1)) == 0) {
        int bucket = level * LEVEL_SIZE + (int) ((nextTick >> shift) & (LEVEL_SIZE - 1));
        if (heads[bucket] != 0) {
          return bucket;
        }
      }
    }
    startedTick = nextTick;
    return -1;
  }

  private void spread(long ref) {
    unlink(ref);
    link(ref);
  }

  private long previous(long ref) {
    return Bytes.getLong(arena.page(ref), PageArena.offset(ref) + EntryFormat.EXPIRY_PREVIOUS);
  }

  private void setPrevious(long ref, long value) {
    Bytes.putLong(arena.page(ref), PageArena.offset(ref) + EntryFormat.EXPIRY_PREVIOUS, value);
  }

  private long next(long ref) {
    return Bytes.getLong(arena.page(ref), PageArena.offset(ref) + EntryFormat.EXPIRY_NEXT);
  }

  private void setNext(long ref, long value) {
    Bytes.putLong(arena.page(ref), PageArena.offset(ref) + EntryFormat.EXPIRY_NEXT, value);
  }
}
