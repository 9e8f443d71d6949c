package io.redknot.storage.keyspace;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * Going over the keys of a keyspace, slot by slot, in an order that changes of the keys leave
 * alone.
 */
public final class KeyspaceWalk {
  private final Keyspace keys;
  private final SlotTables tables;
  private final int slotShift;

  KeyspaceWalk(Keyspace keys, SlotTables tables, int slotShift) {
    this.keys = keys;
    this.tables = tables;
    this.slotShift = slotShift;
  }

  /** Whether the key that was looked up last is there, but expired and only hidden. */
  public boolean isLastHidden() {
    return keys.hidden != 0;
  }

  /** The tag of a key, for {@link #approach}. */
  public long tag(byte[] key, int offset, int length) {
    return keys.tagOf(key, offset, length);
  }

  /**
   * Reads what a look-up of a key will read first, so that it comes to the processor's caches. Of
   * several keys one after the other, all of it is on the way at the same time.
   *
   * @return a number without meaning; that it is made use of keeps the reading from being left out
   */
  public long approach(int keySlot, long tag) {
    return tables.approach(keySlot >>> slotShift, tag);
  }

  /** Keys in a slot, with those that are expired and not removed yet. */
  public int countInSlot(int keySlot) {
    return tables.count(keySlot >>> slotShift);
  }

  /** Number of slots of the shard. */
  public int slots() {
    return tables.slots();
  }

  /**
   * Visits the entries of the shard's {@code index}-th slot in the order of their hashes, from a
   * position on, until the visitor returns false. The visitor must not write.
   *
   * @return the position to go on with, -1 at the slot's end. Positions stay true while the slot's
   *     keys change: an entry that is there all the time is visited exactly once.
   */
  public long visitSlot(int index, long fromPosition, LongPredicate visitor) {
    return tables.visit(index, fromPosition, ref -> keys.isGone(ref) || visitor.test(ref));
  }

  /** Visits the entries of a slot until the visitor returns false. The visitor must not write. */
  public void visitSlotKeys(int keySlot, LongPredicate visitor) {
    var _ = visitSlot(keySlot >>> slotShift, 0, visitor);
  }

  /**
   * As {@link #visitSlot(int, long, LongPredicate)}, but until a budget is used up, on which
   * expired entries count too.
   */
  long visitSlot(int index, long fromPosition, VisitBudget budget, LongConsumer visitor) {
    return tables.visit(
        index,
        fromPosition,
        ref -> {
          if (!keys.isGone(ref)) {
            visitor.accept(ref);
          }
          return budget.takeOne();
        });
  }

  /** As {@link #visitSlot(int, long, VisitBudget, LongConsumer)}; expired entries are removed. */
  long sweepSlot(int index, long fromPosition, VisitBudget budget, LongConsumer visitor) {
    List<byte[]> gone = new ArrayList<>(0);
    long next =
        tables.visit(
            index,
            fromPosition,
            ref -> {
              if (keys.isGone(ref)) {
                gone.add(keys.keyCopy(ref));
              } else {
                visitor.accept(ref);
              }
              return budget.takeOne();
            });
    for (byte[] key : gone) {
      long _ = keys.find(key, 0, key.length, keys.slotOf(key, 0, key.length));
    }
    return next;
  }

  /** The first of the shard's slots from the given one on that has keys; -1: none. */
  public int nextUsedSlot(int index) {
    return keys.size() == 0 ? -1 : tables.nextUsed(index);
  }

  /** Positions in a slot are below 2 to the power of this. */
  public static int positionBits() {
    return SegmentFormat.TAG_BITS;
  }
}
