package io.redknot.storage.value;

import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;

/**
 * Hashes: fields with values, in a listpack (field, value, field, value ...) while they are few and
 * short, in a {@link HashTable} from then on.
 *
 * <p>The verbs take the reference that {@link Keyspace#find} just returned; those that write return
 * the entry's reference. A hash that has become empty is for the caller to remove.
 */
public final class HashValue {
  /** What {@link #find} returns where there is no such field. */
  public static final int NONE = Listpack.NONE;

  /** What {@link #find} returns where the value is that of the table's current element. */
  public static final int CURRENT = 0;

  /** A listpack does not grow beyond this. */
  private static final int LISTPACK_BYTES_MAX = 1 << 30;

  private static final int PAIR = 2;
  private static final byte[] NOTHING = {};

  private HashValue() {}

  /** Makes an empty hash under a key that must not exist. */
  public static long create(Keyspace keys, byte[] key, int offset, int length) {
    long ref =
        keys.put(
            0,
            key,
            offset,
            length,
            EntryFormat.TYPE_HASH,
            EntryFormat.LISTPACK,
            Listpack.EMPTY_BYTES);
    Listpack.clear(keys.valueArray(ref), keys.valueOffset(ref));
    return ref;
  }

  /** Whether a hash is a listpack in its entry. */
  public static boolean isSmall(Keyspace keys, long ref) {
    return keys.encoding(ref) == EntryFormat.LISTPACK;
  }

  /** The table of a hash that is not small. */
  public static HashTable table(Keyspace keys, long ref) {
    return (HashTable) keys.large(ref);
  }

  /** Number of fields. */
  public static int count(Keyspace keys, long ref) {
    return isSmall(keys, ref)
        ? Listpack.count(keys.valueArray(ref), keys.valueOffset(ref)) / PAIR
        : table(keys, ref).count();
  }

  /**
   * Looks a field up.
   *
   * @return of a small hash the position of the value in the listpack, of a larger one {@link
   *     #CURRENT}; {@link #NONE} where there is no such field
   */
  public static int find(Keyspace keys, long ref, byte[] field, int offset, int length) {
    if (!isSmall(keys, ref)) {
      return table(keys, ref).find(field, offset, length) ? CURRENT : NONE;
    }
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int p = Listpack.find(lp, at, Listpack.first(lp, at), field, offset, length, 1);
    return p == NONE ? NONE : Listpack.next(lp, at, p);
  }

  /** Whether the value that was found is kept as an integer. */
  public static boolean isInteger(Keyspace keys, long ref, int found) {
    return isSmall(keys, ref)
        && Listpack.isInteger(keys.valueArray(ref), keys.valueOffset(ref), found);
  }

  /** The value that was found and is kept as an integer. */
  public static long integer(Keyspace keys, long ref, int found) {
    return Listpack.integer(keys.valueArray(ref), keys.valueOffset(ref), found);
  }

  /** The array that holds the value that was found and is no integer; borrowed. */
  public static byte[] textArray(Keyspace keys, long ref) {
    return isSmall(keys, ref) ? keys.valueArray(ref) : table(keys, ref).valueArray();
  }

  /** First byte of the value that was found and is no integer. */
  public static int textOffset(Keyspace keys, long ref, int found) {
    return isSmall(keys, ref)
        ? Listpack.textOffset(keys.valueArray(ref), keys.valueOffset(ref), found)
        : table(keys, ref).valueOffset();
  }

  /** Length of the value that was found, as text. */
  public static int textLength(Keyspace keys, long ref, int found) {
    return isSmall(keys, ref)
        ? Listpack.length(keys.valueArray(ref), keys.valueOffset(ref), found)
        : table(keys, ref).valueLength();
  }

  /**
   * Gives a field a value.
   *
   * @param entriesMax a hash of more fields is no listpack
   * @param bytesMax nor is one with a longer field or value
   */
  public static long set(
      Keyspace keys,
      long ref,
      byte[] field,
      int fieldAt,
      int fieldLength,
      byte[] value,
      int valueAt,
      int valueLength,
      long entriesMax,
      long bytesMax) {
    long now = ref;
    if (isSmall(keys, now)) {
      if (fieldLength <= bytesMax
          && valueLength <= bytesMax
          && (long) keys.valueLength(now) + fieldLength + valueLength < LISTPACK_BYTES_MAX) {
        now = setSmall(keys, now, field, fieldAt, fieldLength, value, valueAt, valueLength);
        return count(keys, now) > entriesMax ? enlarge(keys, now) : now;
      }
      now = enlarge(keys, now);
    }
    table(keys, now).put(field, fieldAt, fieldLength, value, valueAt, valueLength);
    return now;
  }

  private static long setSmall(
      Keyspace keys,
      long ref,
      byte[] field,
      int fieldAt,
      int fieldLength,
      byte[] value,
      int valueAt,
      int valueLength) {
    int p = find(keys, ref, field, fieldAt, fieldLength);
    if (p != NONE) {
      return replace(keys, ref, p, value, valueAt, valueLength);
    }
    int bytes = Listpack.bytes(keys.valueArray(ref), keys.valueOffset(ref));
    long now =
        keys.resize(
            ref,
            bytes
                + Listpack.encodedBytes(field, fieldAt, fieldLength)
                + Listpack.encodedBytes(value, valueAt, valueLength));
    byte[] lp = keys.valueArray(now);
    int at = keys.valueOffset(now);
    int end = Listpack.insert(lp, at, Listpack.end(lp, at), field, fieldAt, fieldLength);
    Listpack.insert(lp, at, end, value, valueAt, valueLength);
    return now;
  }

  private static long replace(
      Keyspace keys, long ref, int p, byte[] value, int valueAt, int valueLength) {
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int difference =
        Listpack.encodedBytes(value, valueAt, valueLength) - Listpack.elementBytes(lp, at, p);
    int bytes = Listpack.bytes(lp, at) + difference;
    if (difference <= 0) {
      Listpack.replace(lp, at, p, value, valueAt, valueLength);
      return difference == 0 ? ref : keys.resize(ref, bytes);
    }
    long now = keys.resize(ref, bytes);
    Listpack.replace(keys.valueArray(now), keys.valueOffset(now), p, value, valueAt, valueLength);
    return now;
  }

  /** Makes a small hash a table. */
  public static long enlarge(Keyspace keys, long ref) {
    HashTable table = new HashTable(keys.nodes(), keys.hash());
    forEach(keys, ref, table::put);
    return keys.putLarge(ref, NOTHING, 0, 0, EntryFormat.TYPE_HASH, table);
  }

  /** Removes the field whose value was just found. */
  public static long removeFound(Keyspace keys, long ref, int found) {
    if (!isSmall(keys, ref)) {
      table(keys, ref).removeCurrent();
      return ref;
    }
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    Listpack.remove(lp, at, Listpack.previous(lp, at, found), PAIR);
    return keys.resize(ref, Listpack.bytes(lp, at));
  }

  /** Visits all fields with their values. The visitor must not write into the hash. */
  public static void forEach(Keyspace keys, long ref, ElementVisitor visitor) {
    if (isSmall(keys, ref)) {
      new SmallElements(visitor).showAll(keys.valueArray(ref), keys.valueOffset(ref), PAIR);
    } else {
      table(keys, ref).forEach(visitor);
    }
  }
}
