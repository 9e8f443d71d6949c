package io.redknot.storage.value;

import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.Bytes;

/**
 * Strings: bytes, or a 64-bit integer in place of its decimal text.
 *
 * <p>The verbs take the reference that {@link Keyspace#find} just returned, 0 for a new key, and
 * return the entry's reference. All of them keep an existing expiry.
 */
public final class StringValue {
  /** Longest text that is told as encoding {@code embstr}, in bytes. */
  public static final int EMBEDDED_BYTES_MAX = 44;

  private static final byte[] NOTHING = {};

  private StringValue() {}

  /** Whether an entry is a string. */
  public static boolean isString(Keyspace keys, long ref) {
    return keys.type(ref) == EntryFormat.TYPE_STRING;
  }

  /** Whether a string is stored as an integer. */
  public static boolean isInteger(Keyspace keys, long ref) {
    return keys.encoding(ref) == EntryFormat.STRING_INT;
  }

  /** The value of a string that is stored as an integer. */
  public static long integer(Keyspace keys, long ref) {
    return Bytes.getLong(keys.valueArray(ref), keys.valueOffset(ref));
  }

  /** Gives a key a string of bytes. */
  public static long set(
      Keyspace keys, long ref, byte[] key, int offset, int length, byte[] value, int from, int n) {
    long now =
        keys.put(ref, key, offset, length, EntryFormat.TYPE_STRING, EntryFormat.STRING_BYTES, n);
    System.arraycopy(value, from, keys.valueArray(now), keys.valueOffset(now), n);
    return now;
  }

  /** Gives a key an integer. */
  public static long set(Keyspace keys, long ref, byte[] key, int offset, int length, long value) {
    long now =
        keys.put(
            ref, key, offset, length, EntryFormat.TYPE_STRING, EntryFormat.STRING_INT, Long.BYTES);
    Bytes.putLong(keys.valueArray(now), keys.valueOffset(now), value);
    return now;
  }

  /**
   * Makes room for editing: the string becomes bytes of the given length, what it had stays, new
   * bytes are zeros.
   *
   * @param text the decimal text of a string that is stored as an integer; ignored for bytes
   */
  public static long edit(Keyspace keys, long ref, byte[] text, int valueLength) {
    long now = ref;
    if (isInteger(keys, ref)) {
      // The entry has its key: none is needed to give it another value.
      now = set(keys, ref, NOTHING, 0, 0, text, 0, text.length);
    }
    if (keys.valueLength(now) != valueLength) {
      now = keys.resize(now, valueLength);
    }
    keys.markEdited(now);
    return now;
  }

  /** Makes a key, which must not exist, with a string of zeros, ready for editing. */
  public static long create(Keyspace keys, byte[] key, int offset, int length, int valueLength) {
    long empty = set(keys, 0, key, offset, length, NOTHING, 0, 0);
    long now = keys.resize(empty, valueLength);
    keys.markEdited(now);
    return now;
  }

  /** The name that OBJECT ENCODING tells. */
  public static String encodingName(Keyspace keys, long ref) {
    if (isInteger(keys, ref)) {
      return "int";
    }
    boolean embedded = keys.valueLength(ref) <= EMBEDDED_BYTES_MAX && !keys.isEdited(ref);
    return embedded ? "embstr" : "raw";
  }
}
