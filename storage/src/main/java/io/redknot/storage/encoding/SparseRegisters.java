package io.redknot.storage.encoding;

/**
 * The runs of a sparse sketch: reading and writing single ones. See {@link HyperLogLogFormat}.
 *
 * <p>Positions are indexes of the array.
 */
final class SparseRegisters {
  private static final int KIND_MASK = 0xc0;
  private static final int LONG_ZEROS = 0x40;
  private static final int VALUES = 0x80;

  /** Registers in the run that begins with a byte; 0 where the next byte is needed to tell. */
  private static final byte[] RUNS = runs();

  private SparseRegisters() {}

  private static byte[] runs() {
    byte[] runs = new byte[1 << Byte.SIZE];
    for (int first = 0; first < runs.length; first++) {
      if ((first & VALUES) != 0) {
        runs[first] = (byte) ((first & (HyperLogLogFormat.VALUE_RUN_MAX - 1)) + 1);
      } else if (first < LONG_ZEROS) {
        runs[first] = (byte) (first + 1);
      }
    }
    return runs;
  }

  /**
   * Registers in the run at a position. Where the sketch ends before a run's second byte, that is a
   * zero, as in Redis.
   *
   * @param end where the sketch ends
   */
  static int run(byte[] bytes, int position, int end) {
    int run = RUNS[bytes[position] & 0xff];
    if (run != 0) {
      return run;
    }
    int low = position + 1 == end ? 0 : bytes[position + 1] & 0xff;
    return (((bytes[position] & ~KIND_MASK) << Byte.SIZE) | low) + 1;
  }

  /** Bytes of a run that begins with a byte: 1 or 2. */
  static int width(byte first) {
    return isLongZeros(first) ? 2 : 1;
  }

  static boolean isLongZeros(byte first) {
    return (first & KIND_MASK) == LONG_ZEROS;
  }

  /** Whether the registers of a run have a value above 0. */
  static boolean isValues(byte first) {
    return first < 0;
  }

  /** The value of each register of a run that begins with a byte. */
  static int value(byte first) {
    return isValues(first) ? ((first >>> 2) & (HyperLogLogFormat.SPARSE_VALUE_MAX - 1)) + 1 : 0;
  }

  /** How many registers a run has that {@link #isValues}. */
  static int valueRun(byte first) {
    return RUNS[first & 0xff];
  }

  /** A run of at most {@link HyperLogLogFormat#VALUE_RUN_MAX} registers of a value. */
  static byte values(int value, int run) {
    return (byte) (VALUES | ((value - 1) << 2) | (run - 1));
  }

  /** Writes a run of zeros in its shorter form; returns where it ends. */
  static int putZeros(byte[] bytes, int position, int run) {
    if (run > HyperLogLogFormat.ZERO_RUN_MAX) {
      return putLongZeros(bytes, position, run);
    }
    bytes[position] = (byte) (run - 1);
    return position + 1;
  }

  /** Writes a run of zeros in its longer form; returns where it ends. */
  static int putLongZeros(byte[] bytes, int position, int run) {
    bytes[position] = (byte) (LONG_ZEROS | ((run - 1) >>> Byte.SIZE));
    bytes[position + 1] = (byte) (run - 1);
    return position + 2;
  }

  /** Runs in words: {@code z:run}, in the longer form {@code Z:run}, and {@code v:value,run}. */
  static String text(byte[] bytes, int from, int end) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < end; i += width(bytes[i])) {
      text.append(i == from ? "" : " ");
      if (isValues(bytes[i])) {
        text.append("v:").append(value(bytes[i])).append(',');
      } else {
        text.append(isLongZeros(bytes[i]) ? "Z:" : "z:");
      }
      text.append(run(bytes, i, end));
    }
    return text.toString();
  }
}
