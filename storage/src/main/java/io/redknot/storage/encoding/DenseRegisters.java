package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * The registers of a dense sketch, 6 bits each; and eight registers at a time as the bytes of a
 * {@code long}, the first in the lowest byte.
 *
 * <p>Verbs take the array and the first byte of the sketch, not of its registers.
 */
final class DenseRegisters {
  /** Registers in one {@code long}. */
  static final int LANES = Long.BYTES;

  /** How many {@code long}s all registers are. */
  static final int GROUPS = HyperLogLogFormat.REGISTERS / LANES;

  private static final int VALUE_MASK = (1 << HyperLogLogFormat.REGISTER_BITS) - 1;
  private static final int GROUP_BYTES = HyperLogLogFormat.REGISTER_BITS;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  private DenseRegisters() {}

  /** The value of a register. */
  static int get(byte[] sketch, int at, int index) {
    int bit = index * HyperLogLogFormat.REGISTER_BITS;
    return (pair(sketch, at, bit) >>> (bit & 7)) & VALUE_MASK;
  }

  /** Sets a register to a value from 0 to 63. */
  static void set(byte[] sketch, int at, int index, int value) {
    int bit = index * HyperLogLogFormat.REGISTER_BITS;
    int shift = bit & 7;
    int byteAt = at + HyperLogLogFormat.HEADER_BYTES + (bit >>> 3);
    int bits = (pair(sketch, at, bit) & ~(VALUE_MASK << shift)) | (value << shift);
    sketch[byteAt] = (byte) bits;
    if (reachesOver(bit)) {
      sketch[byteAt + 1] = (byte) (bits >>> Byte.SIZE);
    }
  }

  /** The byte in which a register begins, and above it the next where the register reaches over. */
  private static int pair(byte[] sketch, int at, int bit) {
    int byteAt = at + HyperLogLogFormat.HEADER_BYTES + (bit >>> 3);
    int low = sketch[byteAt] & 0xff;
    return reachesOver(bit) ? low | ((sketch[byteAt + 1] & 0xff) << Byte.SIZE) : low;
  }

  private static boolean reachesOver(int bit) {
    return (bit & 7) > Byte.SIZE - HyperLogLogFormat.REGISTER_BITS;
  }

  /** Eight registers, from {@code 8 * group} on. */
  static long group(byte[] sketch, int at, int group) {
    // Read from two bytes before them, so that the last group does not read beyond the end.
    int first = at + HyperLogLogFormat.HEADER_BYTES + group * GROUP_BYTES;
    return spread(Bytes.getLong(sketch, first - Short.BYTES) >>> Short.SIZE);
  }

  /** Sets eight registers, from {@code 8 * group} on. */
  static void putGroup(byte[] sketch, int at, int group, long lanes) {
    int first = at + HyperLogLogFormat.HEADER_BYTES + group * GROUP_BYTES;
    long packed = pack(lanes);
    Bytes.putInt(sketch, first, (int) packed);
    Bytes.putShort(sketch, first + Integer.BYTES, (int) (packed >>> Integer.SIZE));
  }

  /** Eight times 6 bits become bytes: halves, quarters, eighths move apart. */
  private static long spread(long bits) {
    long halves = (bits & 0xff_ffffL) | ((bits & 0xffff_ff00_0000L) << 8);
    long quarters = (halves & 0x0fff_0000_0fffL) | ((halves & 0x00ff_f000_00ff_f000L) << 4);
    return (quarters & 0x003f_003f_003f_003fL) | ((quarters & 0x0fc0_0fc0_0fc0_0fc0L) << 2);
  }

  /** The reverse of {@link #spread}. */
  private static long pack(long lanes) {
    long quarters = (lanes & 0x003f_003f_003f_003fL) | ((lanes & 0x3f00_3f00_3f00_3f00L) >>> 2);
    long halves = (quarters & 0x0fff_0000_0fffL) | ((quarters & 0x0fff_0000_0fff_0000L) >>> 4);
    return (halves & 0xff_ffffL) | ((halves & 0x00ff_ffff_0000_0000L) >>> 8);
  }

  /** The greater of each pair of bytes; all are below 128. */
  static long max(long a, long b) {
    // In bytes where a is not the smaller one, the borrowed high bit stays.
    long notSmaller = ((a | HIGH_BITS) - b) & HIGH_BITS;
    long mask = (notSmaller >>> 7) * 0xff;
    return (a & mask) | (b & ~mask);
  }
}
