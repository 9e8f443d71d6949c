package io.redknot.storage.memory;

/**
 * The sizes in which blocks are handed out.
 *
 * <pre>
 *   16, 24, 32 ... 128                steps of 8 bytes
 *   144, 160 ... 256, 288 ... 512     8 steps per doubling, 12.5 % and less apart
 *   ... 262144
 * </pre>
 *
 * <p>Blocks of a class lie in runs: contiguous units of {@value #UNIT_BYTES} bytes, as few as leave
 * at most 1/16 of the run unused.
 */
final class SizeClasses {
  /** Runs are made of units of this many bytes. */
  static final int UNIT_BYTES = 16 * 1024;

  /** The largest block. */
  static final int BLOCK_BYTES_MAX = 256 * 1024;

  private static final int LINEAR_MAX = 128;
  private static final int LINEAR_STEP = 8;
  private static final int SMALLEST = 16;
  private static final int LINEAR_CLASSES = (LINEAR_MAX - SMALLEST) / LINEAR_STEP + 1;
  private static final int STEPS_PER_DOUBLING_LOG2 = 3;
  private static final int LINEAR_MAX_LOG2 = 7;
  private static final int WASTE_SHIFT = 4;

  /** Number of classes. */
  static final int COUNT = classOf(BLOCK_BYTES_MAX) + 1;

  private static final int[] BLOCK_BYTES = new int[COUNT];
  private static final int[] UNITS = new int[COUNT];

  static {
    for (int i = 0; i < COUNT; i++) {
      BLOCK_BYTES[i] = sizeOf(i);
      UNITS[i] = unitsFor(BLOCK_BYTES[i]);
    }
  }

  private SizeClasses() {}

  /** The smallest class whose blocks hold that many bytes, 1 to {@link #BLOCK_BYTES_MAX}. */
  static int classOf(int bytes) {
    if (bytes <= LINEAR_MAX) {
      return bytes <= SMALLEST ? 0 : (bytes - SMALLEST + LINEAR_STEP - 1) / LINEAR_STEP;
    }
    int log2 = 31 - Integer.numberOfLeadingZeros(bytes - 1);
    int step = (bytes - 1) >>> (log2 - STEPS_PER_DOUBLING_LOG2);
    return LINEAR_CLASSES
        + ((log2 - LINEAR_MAX_LOG2) << STEPS_PER_DOUBLING_LOG2)
        + (step & ((1 << STEPS_PER_DOUBLING_LOG2) - 1));
  }

  private static int sizeOf(int index) {
    if (index < LINEAR_CLASSES) {
      return SMALLEST + index * LINEAR_STEP;
    }
    int beyond = index - LINEAR_CLASSES;
    int log2 = LINEAR_MAX_LOG2 + (beyond >>> STEPS_PER_DOUBLING_LOG2);
    int step = (beyond & ((1 << STEPS_PER_DOUBLING_LOG2) - 1)) + 1;
    return (1 << log2) + (step << (log2 - STEPS_PER_DOUBLING_LOG2));
  }

  private static int unitsFor(int blockBytes) {
    int units = (blockBytes + UNIT_BYTES - 1) / UNIT_BYTES;
    while ((long) units * UNIT_BYTES % blockBytes > ((units * UNIT_BYTES) >> WASTE_SHIFT)) {
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
