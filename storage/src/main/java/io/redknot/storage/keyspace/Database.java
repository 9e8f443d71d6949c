package io.redknot.storage.keyspace;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One database over all shards, for what concerns its keys as a whole: their number, a walk over
 * them, one drawn by lot.
 *
 * <p>It takes the locks itself, one after the other and each for a bounded number of entries, so
 * that it never delays other commands for long. What it tells is therefore true of each shard at a
 * moment of its own, unless the caller holds all locks.
 *
 * <p>A walk's cursor names the next place to look at:
 *
 * <pre>
 *   shard (the bits above) | slot within the shard | position within the slot (28 bits)
 * </pre>
 *
 * Shard and slot together take 14 bits, so that a cursor is below 2^42. 0 is the start, and the
 * end. The order of places never changes, and neither does the place of a key: a key that is there
 * from start to end is visited exactly once.
 *
 * <p>One object serves one command; it is not to be shared by threads.
 */
public final class Database {
  /** Gets the entries of a walk; the lock of their shard is held, and nothing may be written. */
  @FunctionalInterface
  public interface EntryVisitor {
    void visit(Keyspace keys, long ref);
  }

  /** Entries looked at before the lock is given back: some ten microseconds of work. */
  private static final int ENTRIES_PER_LOCK = 128;

  /** Draws before a database whose keys are nearly all expired is walked for one that is not. */
  private static final int DRAWS_MAX = 100;

  private static final long POSITION_MASK = (1L << SegmentFormat.TAG_BITS) - 1;

  private final Shards shards;
  private final int index;
  private final int slotsPerShard;
  private final VisitBudget batch = new VisitBudget();

  private boolean leavesExpired;

  /** Number of keys that were there when the last key was drawn. */
  private long drawnFrom;

  Database(Shards shards, int index) {
    this.shards = shards;
    this.index = index;
    this.slotsPerShard = HashSlot.COUNT / shards.count();
  }

  /** Has walks and visits leave expired entries where they are; usually they remove them. */
  public Database leavingExpired() {
    leavesExpired = true;
    return this;
  }

  private Keyspace keyspace(Shard shard, long nowMs) {
    Keyspace keyspace = shard.keyspace(index);
    keyspace.time(nowMs);
    return keyspace;
  }

  /**
   * Visits entries from a cursor on; those that are expired are passed over.
   *
   * @param cursor any number; beyond the last place there is nothing to visit
   * @param entriesMax about how many entries to look at, at least 1
   * @param nowMs the time at which entries are expired, Unix ms
   * @return the cursor to go on with; 0: all is visited
   */
  public long walk(long cursor, long entriesMax, long nowMs, EntryVisitor visitor) {
    long place = cursor >>> SegmentFormat.TAG_BITS;
    long position = cursor & POSITION_MASK;
    long left = entriesMax;
    while (place < HashSlot.COUNT) {
      Shard shard = shards.shard((int) place / slotsPerShard);
      batch.allow(Math.min(left, ENTRIES_PER_LOCK));
      left -= batch.left();
      long next;
      shard.lock();
      try {
        int local = (int) place % slotsPerShard;
        next = walkShard(keyspace(shard, nowMs), local, position, visitor);
      } finally {
        shard.unlock();
      }
      left += Math.max(0, batch.left());
      place = (long) shard.index() * slotsPerShard + (next >>> SegmentFormat.TAG_BITS);
      position = next & POSITION_MASK;
      if (left <= 0) {
        break;
      }
    }
    return place < HashSlot.COUNT ? place << SegmentFormat.TAG_BITS | position : 0;
  }

  /** Goes on until the batch is used up; the place to go on with may be behind the last slot. */
  private long walkShard(Keyspace keys, int fromSlot, long fromPosition, EntryVisitor visitor) {
    int slot = fromSlot;
    long position = fromPosition;
    while (batch.left() > 0) {
      int used = keys.walk().nextUsedSlot(slot);
      if (used < 0) {
        return (long) slotsPerShard << SegmentFormat.TAG_BITS;
      }
      position = used == slot ? position : 0;
      slot = used;
      position = visitSlot(keys, slot, position, visitor);
      if (position < 0) {
        slot++;
        position = 0;
      }
    }
    return (long) slot << SegmentFormat.TAG_BITS | position;
  }

  private long visitSlot(Keyspace keys, int slot, long position, EntryVisitor visitor) {
    LongConsumer each = ref -> visitor.visit(keys, ref);
    return leavesExpired
        ? keys.walk().visitSlot(slot, position, batch, each)
        : keys.walk().sweepSlot(slot, position, batch, each);
  }

  /** Visits all entries of one slot that are not expired. */
  public void visitSlot(int slot, long nowMs, EntryVisitor visitor) {
    Shard shard = shards.ofSlot(slot);
    long position = 0;
    while (position >= 0) {
      batch.allow(ENTRIES_PER_LOCK);
      shard.lock();
      try {
        Keyspace keys = keyspace(shard, nowMs);
        int local = slot / shards.count();
        position = visitSlot(keys, local, position, visitor);
      } finally {
        shard.unlock();
      }
    }
  }

  /**
   * A key that is not expired, each with the same chance; an owned copy.
   *
   * @return null where there is none
   */
  public byte @Nullable [] randomKey(long nowMs) {
    for (int i = 0; i < DRAWS_MAX; i++) {
      byte[] key = draw(nowMs);
      if (key != null || drawnFrom == 0) {
        return key;
      }
    }
    return firstKey(nowMs);
  }

  /**
   * Draws a shard by its number of keys and a key of it, in one pass: reservoir sampling.
   *
   * @return null where there is no key, or the one drawn is expired
   */
  private byte @Nullable [] draw(long nowMs) {
    drawnFrom = 0;
    byte[] key = null;
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        Keyspace keys = keyspace(shard, nowMs);
        drawnFrom += keys.size();
        if (keys.size() > 0 && keys.draw(drawnFrom) < keys.size()) {
          key = liveKey(keys, keys.randomEntry());
        }
      } finally {
        shard.unlock();
      }
    }
    return key;
  }

  private static byte @Nullable [] liveKey(Keyspace keys, long ref) {
    byte[] key = keys.keyCopy(ref);
    boolean gone = keys.isGone(ref);
    if (gone) {
      // The look-up removes it, so that drawing goes on among fewer.
      keys.find(key, 0, key.length, keys.slotOf(key, 0, key.length));
    }
    return gone ? null : key;
  }

  private byte @Nullable [] firstKey(long nowMs) {
    FirstKey first = new FirstKey();
    long cursor = 0;
    do {
      cursor = walk(cursor, ENTRIES_PER_LOCK, nowMs, first);
    } while (cursor != 0 && first.key == null);
    return first.key;
  }

  private static final class FirstKey implements EntryVisitor {
    private byte @Nullable [] key;

    @Override
    public void visit(Keyspace keys, long ref) {
      if (key == null) {
        key = keys.keyCopy(ref);
      }
    }
  }
}
