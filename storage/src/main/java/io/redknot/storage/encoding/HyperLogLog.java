package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * HyperLogLog sketches as wholes: what their header tells, and how an element's hash chooses a
 * register and its value. See {@link HyperLogLogFormat} for the layout.
 *
 * <p>Verbs take the array, and the first byte and length of the sketch in it.
 */
public final class HyperLogLog {
  /** Bytes of a sketch of no elements. */
  public static final int EMPTY_BYTES = HyperLogLogFormat.HEADER_BYTES + 2;

  /** Bytes of a dense sketch. */
  public static final int DENSE_BYTES = HyperLogLogFormat.DENSE_BYTES;

  /** Number of registers. */
  public static final int REGISTERS = HyperLogLogFormat.REGISTERS;

  /** The highest bit of the count's last byte: the count is out of date. */
  private static final int OUT_OF_DATE = 0x80;

  private static final int COUNT_LAST_BYTE = HyperLogLogFormat.HEADER_BYTES - 1;

  // MurmurHash64A by Austin Appleby, with the seed of Redis.
  private static final long HASH_SEED = 0xadc8_3b19L;
  private static final long HASH_FACTOR = 0xc6a4_a793_5bd1_e995L;
  private static final int HASH_SHIFT = 47;

  private HyperLogLog() {}

  /** Writes a sketch of no elements, {@link #EMPTY_BYTES} long. */
  public static void clear(byte[] sketch, int at) {
    Bytes.putInt(sketch, at, HyperLogLogFormat.MAGIC);
    Bytes.putInt(sketch, at + HyperLogLogFormat.FORM, HyperLogLogFormat.SPARSE);
    Bytes.putLong(sketch, at + HyperLogLogFormat.COUNT, Long.MIN_VALUE);
    SparseRegisters.putLongZeros(
        sketch, at + HyperLogLogFormat.HEADER_BYTES, HyperLogLogFormat.REGISTERS);
  }

  /** Whether bytes that may come from anywhere look like a sketch; the registers may be wrong. */
  public static boolean isValid(byte[] bytes, int at, int length) {
    if (length < HyperLogLogFormat.HEADER_BYTES
        || Bytes.getInt(bytes, at) != HyperLogLogFormat.MAGIC) {
      return false;
    }
    int form = bytes[at + HyperLogLogFormat.FORM];
    return form == HyperLogLogFormat.SPARSE
        || (form == HyperLogLogFormat.DENSE && length == DENSE_BYTES);
  }

  /** Whether a sketch is dense. */
  public static boolean isDense(byte[] sketch, int at) {
    return sketch[at + HyperLogLogFormat.FORM] == HyperLogLogFormat.DENSE;
  }

  /** Whether the count that a sketch keeps is that of its registers. */
  public static boolean hasCount(byte[] sketch, int at) {
    return (sketch[at + COUNT_LAST_BYTE] & OUT_OF_DATE) == 0;
  }

  /** The count that a sketch keeps. */
  public static long count(byte[] sketch, int at) {
    return Bytes.getLong(sketch, at + HyperLogLogFormat.COUNT);
  }

  /** Keeps a count in a sketch. */
  public static void putCount(byte[] sketch, int at, long count) {
    Bytes.putLong(sketch, at + HyperLogLogFormat.COUNT, count);
  }

  /** Marks the count that a sketch keeps as out of date; its other bits stay, as in Redis. */
  public static void dropCount(byte[] sketch, int at) {
    sketch[at + COUNT_LAST_BYTE] |= (byte) OUT_OF_DATE;
  }

  /** The value of a dense sketch's register. */
  public static int denseRegister(byte[] sketch, int at, int index) {
    return DenseRegisters.get(sketch, at, index);
  }

  /** The runs of a sparse sketch in words, as PFDEBUG DECODE tells them. */
  public static String runs(byte[] sketch, int at, int length) {
    return SparseRegisters.text(sketch, at + HyperLogLogFormat.HEADER_BYTES, at + length);
  }

  /** The hash of an element, 64 bits. */
  static long hash(byte[] element, int offset, int length) {
    long hash = HASH_SEED ^ (length * HASH_FACTOR);
    int tail = offset + (length & -Long.BYTES);
    for (int i = offset; i < tail; i += Long.BYTES) {
      long block = Bytes.getLong(element, i) * HASH_FACTOR;
      block = (block ^ (block >>> HASH_SHIFT)) * HASH_FACTOR;
      hash = (hash ^ block) * HASH_FACTOR;
    }
    int left = length & (Long.BYTES - 1);
    if (left > 0) {
      long block = 0;
      for (int i = left - 1; i >= 0; i--) {
        block = (block << Byte.SIZE) | (element[tail + i] & 0xff);
      }
      hash = (hash ^ block) * HASH_FACTOR;
    }
    hash = (hash ^ (hash >>> HASH_SHIFT)) * HASH_FACTOR;
    return hash ^ (hash >>> HASH_SHIFT);
  }

  /** The register that an element of a hash belongs to. */
  static int indexOf(long hash) {
    return (int) hash & (HyperLogLogFormat.REGISTERS - 1);
  }

  /** The rank of an element of a hash, 1 to {@link HyperLogLogFormat#RANK_MAX}. */
  static int rankOf(long hash) {
    // The bit above those of the hash ends the run of zeros of a hash that has no other ones.
    long rest = (hash >>> HyperLogLogFormat.INDEX_BITS) | (1L << (HyperLogLogFormat.RANK_MAX - 1));
    return Long.numberOfTrailingZeros(rest) + 1;
  }
}
