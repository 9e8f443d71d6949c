package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * A set of integers in ascending order, each of 2, 4 or 8 bytes, as wide as the widest needs; byte
 * for byte the intset of Redis.
 *
 * <pre>
 *   0  u32  bytes of each integer: 2, 4 or 8
 *   4  u32  number of integers
 *   8       integers, signed
 * </pre>
 *
 * Little-endian. Verbs take the array and the first byte of the intset in it.
 */
public final class IntSet {
  /** Bytes before the first integer, and of a set without any. */
  public static final int HEADER_BYTES = 8;

  private static final int COUNT = 4;

  private IntSet() {}

  /** Writes a set without integers. */
  public static void clear(byte[] set, int at) {
    Bytes.putInt(set, at, Short.BYTES);
    Bytes.putInt(set, at + COUNT, 0);
  }

  private static int width(byte[] set, int at) {
    return Bytes.getInt(set, at);
  }

  private static int widthOf(long value) {
    return value == (short) value ? Short.BYTES : value == (int) value ? Integer.BYTES : Long.BYTES;
  }

  /** Number of integers. */
  public static int count(byte[] set, int at) {
    return Bytes.getInt(set, at + COUNT);
  }

  /** Bytes in all. */
  public static int bytes(byte[] set, int at) {
    return HEADER_BYTES + width(set, at) * count(set, at);
  }

  /** The integer of an index, 0 to the number of them less 1, in ascending order. */
  public static long get(byte[] set, int at, int index) {
    return get(set, at, index, width(set, at));
  }

  private static long get(byte[] set, int at, int index, int width) {
    int i = at + HEADER_BYTES + index * width;
    return switch (width) {
      case Short.BYTES -> (short) Bytes.getShort(set, i);
      case Integer.BYTES -> Bytes.getInt(set, i);
      default -> Bytes.getLong(set, i);
    };
  }

  private static void put(byte[] set, int at, int index, int width, long value) {
    int i = at + HEADER_BYTES + index * width;
    switch (width) {
      case Short.BYTES -> Bytes.putShort(set, i, (int) value);
      case Integer.BYTES -> Bytes.putInt(set, i, (int) value);
      default -> Bytes.putLong(set, i, value);
    }
  }

  /** The index of an integer; where it is not there, the complement of that which it would have. */
  public static int find(byte[] set, int at, long value) {
    int width = width(set, at);
    int low = 0;
    int high = count(set, at) - 1;
    if (high >= 0 && value > get(set, at, high, width)) {
      return ~(high + 1);
    }
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long found = get(set, at, middle, width);
      if (found < value) {
        low = middle + 1;
      } else if (found > value) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return ~low;
  }

  /** Bytes of the set in all once an integer that it lacks is added. */
  public static int bytesWith(byte[] set, int at, long value) {
    int width = Math.max(width(set, at), widthOf(value));
    return HEADER_BYTES + width * (count(set, at) + 1);
  }

  /**
   * Adds an integer that is not there. There must be room for {@link #bytesWith} bytes.
   *
   * @param index where it belongs: the complement of what {@link #find} told
   */
  public static void insert(byte[] set, int at, int index, long value) {
    int width = width(set, at);
    int count = count(set, at);
    int wide = Math.max(width, widthOf(value));
    if (wide != width) {
      // From the last on, as each one moves to the right.
      for (int i = count - 1; i >= 0; i--) {
        put(set, at, i, wide, get(set, at, i, width));
      }
      Bytes.putInt(set, at, wide);
    }
    int from = at + HEADER_BYTES + index * wide;
    System.arraycopy(set, from, set, from + wide, (count - index) * wide);
    put(set, at, index, wide, value);
    Bytes.putInt(set, at + COUNT, count + 1);
  }

  /** Removes the integer of an index; the set keeps its width. */
  public static void remove(byte[] set, int at, int index) {
    int width = width(set, at);
    int count = count(set, at);
    int from = at + HEADER_BYTES + index * width;
    System.arraycopy(set, from + width, set, from, (count - index - 1) * width);
    Bytes.putInt(set, at + COUNT, count - 1);
  }

  /** Whether bytes that may come from anywhere are an intset: all of them, in ascending order. */
  public static boolean isValid(byte[] set, int at, int length) {
    if (length < HEADER_BYTES) {
      return false;
    }
    int width = width(set, at);
    int count = count(set, at);
    if ((width != Short.BYTES && width != Integer.BYTES && width != Long.BYTES)
        || count < 0
        || HEADER_BYTES + (long) width * count != length) {
      return false;
    }
    for (int i = 1; i < count; i++) {
      if (get(set, at, i - 1, width) >= get(set, at, i, width)) {
        return false;
      }
    }
    return true;
  }
}
