package io.redknot.storage.value;

import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A sorted set in the making, of members in any order: the result of a command, which is then shown
 * or becomes the value of a key.
 *
 * <p>It must be ended by {@link #store} or {@link #discard}, since its memory is the keyspace's.
 */
public final class SortedSetBuilder {
  private final Keyspace keys;
  private final HashTable table;
  private final byte[] scoreBytes = new byte[Double.BYTES];
  private int longestMember;
  private @Nullable SortedSet ordered;

  public SortedSetBuilder(Keyspace keys) {
    this.keys = keys;
    this.table = new HashTable(keys.nodes(), keys.hash());
  }

  /** Number of elements. */
  public long count() {
    return table.count();
  }

  /** The score of a member; NaN where it is not there. */
  public double score(byte[] member, int offset, int length) {
    return table.find(member, offset, length)
        ? SortedSet.scoreAt(table.valueArray(), table.valueOffset())
        : Double.NaN;
  }

  /** Adds a member, or gives it another score. */
  public void put(byte[] member, int offset, int length, double score) {
    Bytes.putLong(scoreBytes, 0, Double.doubleToRawLongBits(score));
    boolean _ = table.put(member, offset, length, scoreBytes, 0, Double.BYTES);
    longestMember = Math.max(longestMember, length);
  }

  /** Removes a member; whether it was there. */
  public boolean remove(byte[] member, int offset, int length) {
    return table.remove(member, offset, length);
  }

  /**
   * Puts the elements in order, before {@link #store}; nothing may be added any more.
   *
   * @param pause run after every few elements
   */
  public void order(Runnable pause) {
    ordered = SortedSet.inSteps(keys.nodes(), keys.hash(), table, pause);
  }

  private SortedSet ordered() {
    SortedSet made = ordered;
    return made != null ? made : new SortedSet(keys.nodes(), keys.hash(), table);
  }

  /** Shows all elements in order, and discards them. */
  public void show(ScoredVisitor visitor) {
    SortedSet set = ordered();
    set.visit(0, Long.MAX_VALUE, false, visitor);
    discard(set);
  }

  /** Discards all elements. */
  public void discard() {
    while (table.release(Integer.MAX_VALUE) >= Integer.MAX_VALUE) {
      // until nothing is left
    }
  }

  private static void discard(SortedSet set) {
    while (set.release(Integer.MAX_VALUE) >= Integer.MAX_VALUE) {
      // until nothing is left
    }
  }

  /**
   * Makes the elements, of which there must be one, the value of a key.
   *
   * @param ref what a look-up of that key just returned, 0 for a new one; its expiry is removed
   * @return the entry's reference
   */
  public long store(long ref, byte[] key, int offset, int length, SortedSetLimits limits) {
    SortedSet set = ordered();
    long now;
    if (set.count() > limits.entriesMax() || longestMember > limits.memberBytesMax()) {
      now = keys.putLarge(ref, key, offset, length, EntryFormat.TYPE_ZSET, set);
    } else {
      byte[] lp = packed(set);
      discard(set);
      int n = Listpack.bytes(lp, 0);
      now = SortedSetValue.putPack(keys, ref, key, offset, length, n);
      System.arraycopy(lp, 0, keys.valueArray(now), keys.valueOffset(now), n);
    }
    return keys.expireAt(now, Keyspace.NO_EXPIRY);
  }

  private byte[] packed(SortedSet set) {
    int elementBytesMax = longestMember + DoubleText.BYTES_MAX + 2 * Listpack.ELEMENT_OVERHEAD_MAX;
    byte[] lp =
        new byte[Math.toIntExact(Listpack.EMPTY_BYTES + (long) set.count() * elementBytesMax)];
    byte[] text = new byte[DoubleText.BYTES_MAX];
    Listpack.clear(lp, 0);
    set.visit(
        0,
        Long.MAX_VALUE,
        false,
        (score, member, offset, length) ->
            SortedSetPack.insert(lp, 0, Listpack.end(lp, 0), member, offset, length, score, text));
    return lp;
  }
}
