package io.redknot.storage.memory;

import java.util.stream.IntStream;

/**
 * The sizes in which blocks are handed out.
 *
 * <pre>
 *   16, 24, 32 ... 128                steps of 8 bytes
 *   144, 160 ... 256 ... 1024         8 steps per doubling, 12.5 % and less apart
 *   1088, 1152 ... 2048 ... 4096      16 steps per doubling: here are most small collections
 *   4608, 5120 ... 262144             8 steps per doubling
 * </pre>
 *
 * <p>Blocks of a class lie in runs: contiguous units of {@value #UNIT_BYTES} bytes, as few as leave
 * at most 1/32 of the run unused, or 1/16 where that would take more than {@value #SHORT_UNITS}.
 */
final class SizeClasses {
  /** Runs are made of units of this many bytes. */
  static final int UNIT_BYTES = 16 * 1024;

  /** The largest block. */
  static final int BLOCK_BYTES_MAX = 256 * 1024;

  private static final int SMALLEST = 16;
  private static final int LINEAR_STEP = 8;
  private static final int LINEAR_MAX = 128;
  private static final int FINE_MIN = 1024;
  private static final int FINE_MAX = 4096;
  private static final int FINE_MAX_LOG2 = 12;
  private static final int STEPS_PER_DOUBLING_LOG2 = 3;
  private static final int SHORT_UNITS = 2;
  private static final int WASTE_SHIFT = 5;
  private static final int LONG_WASTE_SHIFT = 4;

  /** Sizes of the blocks of up to {@link #FINE_MAX} bytes and, behind them, of larger ones. */
  private static final int[] BLOCK_BYTES = sizes();

  /** Number of classes. */
  static final int COUNT = BLOCK_BYTES.length;

  /** By size in steps of {@link #LINEAR_STEP}, up to {@link #FINE_MAX}. */
  private static final byte[] CLASSES = new byte[FINE_MAX / LINEAR_STEP + 1];

  private static final int[] UNITS = new int[COUNT];

  static {
    for (int i = 0, sizeClass = 0; i < CLASSES.length; i++) {
      sizeClass += i * LINEAR_STEP > BLOCK_BYTES[sizeClass] ? 1 : 0;
      CLASSES[i] = (byte) sizeClass;
    }
    for (int i = 0; i < COUNT; i++) {
      UNITS[i] = unitsFor(BLOCK_BYTES[i]);
    }
  }

  private SizeClasses() {}

  private static int[] sizes() {
    return IntStream.iterate(SMALLEST, bytes -> bytes <= BLOCK_BYTES_MAX, SizeClasses::next)
        .toArray();
  }

  private static int next(int bytes) {
    int step = Integer.highestOneBit(bytes) >>> STEPS_PER_DOUBLING_LOG2;
    if (bytes < LINEAR_MAX) {
      return bytes + LINEAR_STEP;
    }
    return bytes + (bytes >= FINE_MIN && bytes < FINE_MAX ? step / 2 : step);
  }

  /** The smallest class whose blocks hold that many bytes, 1 to {@link #BLOCK_BYTES_MAX}. */
  static int classOf(int bytes) {
    if (bytes <= FINE_MAX) {
      return CLASSES[(bytes + LINEAR_STEP - 1) / LINEAR_STEP];
    }
    int log2 = 31 - Integer.numberOfLeadingZeros(bytes - 1);
    int step = (bytes - 1) >>> (log2 - STEPS_PER_DOUBLING_LOG2);
    return CLASSES[CLASSES.length - 1]
        + 1
        + ((log2 - FINE_MAX_LOG2) << STEPS_PER_DOUBLING_LOG2)
        + (step & ((1 << STEPS_PER_DOUBLING_LOG2) - 1));
  }

  private static int unitsFor(int blockBytes) {
    int units = unitsFor(blockBytes, WASTE_SHIFT);
    return units <= SHORT_UNITS ? units : unitsFor(blockBytes, LONG_WASTE_SHIFT);
  }

  private static int unitsFor(int blockBytes, int wasteShift) {
    int units = (blockBytes + UNIT_BYTES - 1) / UNIT_BYTES;
    while ((long) units * UNIT_BYTES % blockBytes > ((units * UNIT_BYTES) >> wasteShift)) {
      units++;
    }
    return units;
  }

  /** Size of a class's blocks in bytes. */
  static int blockBytes(int sizeClass) {
    return BLOCK_BYTES[sizeClass];
  }

  /** Units of a class's runs. */
  static int units(int sizeClass) {
    return UNITS[sizeClass];
  }

  /** Blocks of a class's runs. */
  static int blocks(int sizeClass) {
    return UNITS[sizeClass] * UNIT_BYTES / BLOCK_BYTES[sizeClass];
  }
}
