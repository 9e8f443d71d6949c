package io.redknot.storage.value;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import java.util.Arrays;

/**
 * A set that no key has yet: what operations on sets compute. It takes the encodings that a set
 * would take that grows in the same way. It must be stored or released.
 */
public final class SetBuilder {
  private static final int RELEASE_BATCH = 1000;
  private static final byte[] NOTHING = {};

  private final Keyspace keys;
  private final SetLimits limits;
  private final HashTable table;
  private int encoding;
  private boolean onlyIntegers = true;

  /** Length of the longest integer added. */
  private int integerLength;

  /** An empty set, which begins as an intset or else as a listpack. */
  public SetBuilder(Keyspace keys, SetLimits limits, boolean asIntegers) {
    this.keys = keys;
    this.limits = limits;
    this.table = new HashTable(keys.nodes(), keys.hash());
    this.encoding = asIntegers ? EntryFormat.INTSET : EntryFormat.LISTPACK;
  }

  /** Number of members. */
  public int count() {
    return table.count();
  }

  /** Adds a member, which may be there already. */
  public void add(byte[] member, int offset, int length) {
    if (!table.put(member, offset, length, NOTHING, 0, 0)) {
      return;
    }
    boolean integer = onlyIntegers && DecimalText.isLong(member, offset, length);
    onlyIntegers = integer;
    integerLength = integer ? Math.max(integerLength, length) : integerLength;
    int before = table.count() - 1;
    if (encoding == EntryFormat.INTSET && integer) {
      encoding = before < limits.intsetEntries() ? EntryFormat.INTSET : EntryFormat.LARGE;
    } else if (encoding != EntryFormat.LARGE) {
      int longest = encoding == EntryFormat.INTSET ? Math.max(length, integerLength) : length;
      boolean takes = limits.listpackTakes(before, longest);
      encoding = takes ? EntryFormat.LISTPACK : EntryFormat.LARGE;
    }
  }

  /** Removes a member, which may be absent. */
  public void remove(byte[] member, int offset, int length) {
    table.remove(member, offset, length);
  }

  /** Makes the set an intset if it can be one, whatever it grew to. */
  public void preferIntegers() {
    if (onlyIntegers && table.count() <= limits.intsetEntries()) {
      encoding = EntryFormat.INTSET;
    }
  }

  /** Visits all members. */
  public void forEach(ElementVisitor visitor) {
    table.forEach(visitor);
  }

  /**
   * Gives the set, which must not be empty, to a key, whose old value and expiry are gone then.
   *
   * @param ref what {@link Keyspace#find} just returned for that key
   */
  public void store(long ref, byte[] key, int offset, int length) {
    long now;
    if (encoding == EntryFormat.LARGE) {
      now = keys.putLarge(ref, key, offset, length, EntryFormat.TYPE_SET, table);
    } else {
      byte[] value = encoding == EntryFormat.INTSET ? intSet() : listpack();
      now = keys.put(ref, key, offset, length, EntryFormat.TYPE_SET, encoding, value.length);
      System.arraycopy(value, 0, keys.valueArray(now), keys.valueOffset(now), value.length);
      release();
    }
    keys.expireAt(now, Keyspace.NO_EXPIRY);
  }

  /** Gives up the set. */
  public void release() {
    int given;
    do {
      given = table.release(RELEASE_BATCH);
    } while (given == RELEASE_BATCH);
  }

  private byte[] intSet() {
    long[] values = new long[table.count()];
    int[] filled = {0};
    table.forEach(
        (member, offset, length, value, valueAt, valueLength) ->
            values[filled[0]++] = DecimalText.toLong(member, offset, length));
    Arrays.sort(values);
    byte[] set = new byte[IntSet.HEADER_BYTES + values.length * Long.BYTES];
    IntSet.clear(set, 0);
    for (int i = 0; i < values.length; i++) {
      IntSet.insert(set, 0, i, values[i]);
    }
    return Arrays.copyOf(set, IntSet.bytes(set, 0));
  }

  private byte[] listpack() {
    int[] bytes = {Listpack.EMPTY_BYTES};
    table.forEach(
        (member, offset, length, value, valueAt, valueLength) ->
            bytes[0] += Listpack.encodedBytes(member, offset, length));
    byte[] lp = new byte[bytes[0]];
    Listpack.clear(lp, 0);
    table.forEach(
        (member, offset, length, value, valueAt, valueLength) ->
            Listpack.insert(lp, 0, Listpack.end(lp, 0), member, offset, length));
    return lp;
  }
}
