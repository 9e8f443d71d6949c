package io.redknot.storage.encoding;

import java.util.Arrays;

/**
 * Counts the elements of sketches, of one alone or of several together. It keeps room for all
 * registers and is meant to be used again and again.
 */
public final class HyperLogLogUnion {
  private final RegisterHistogram histogram = new RegisterHistogram();
  private final long[] groups = new long[DenseRegisters.GROUPS];

  /** What {@link #count(byte[], int, int)} tells of a sketch whose registers are wrong. */
  public static final long CORRUPTED = -1;

  /**
   * Counts one sketch.
   *
   * @return {@link #CORRUPTED} where the runs are not as many registers as there are
   */
  public long count(byte[] sketch, int at, int length) {
    histogram.clear();
    if (HyperLogLog.isDense(sketch, at)) {
      for (int i = 0; i < DenseRegisters.GROUPS; i++) {
        histogram.add(DenseRegisters.group(sketch, at, i));
      }
    } else if (!countRuns(sketch, at, length)) {
      return CORRUPTED;
    }
    return histogram.estimate();
  }

  private boolean countRuns(byte[] sketch, int at, int length) {
    int end = at + length;
    int index = 0;
    int position = at + HyperLogLogFormat.HEADER_BYTES;
    while (position < end) {
      int run = SparseRegisters.run(sketch, position, end);
      if (run > HyperLogLogFormat.REGISTERS - index) {
        return false;
      }
      histogram.add(SparseRegisters.value(sketch[position]), run);
      index += run;
      position += SparseRegisters.width(sketch[position]);
    }
    return index == HyperLogLogFormat.REGISTERS;
  }

  /** Makes this a union of no sketches. */
  public void clear() {
    Arrays.fill(groups, 0);
  }

  /**
   * Adds a sketch to the union.
   *
   * @return false where the runs are not as many registers as there are; the union is then of no
   *     more use
   */
  public boolean add(byte[] sketch, int at, int length) {
    if (!HyperLogLog.isDense(sketch, at)) {
      return addRuns(sketch, at, length);
    }
    for (int i = 0; i < DenseRegisters.GROUPS; i++) {
      groups[i] = DenseRegisters.max(groups[i], DenseRegisters.group(sketch, at, i));
    }
    return true;
  }

  private boolean addRuns(byte[] sketch, int at, int length) {
    int end = at + length;
    int index = 0;
    int position = at + HyperLogLogFormat.HEADER_BYTES;
    while (position < end) {
      int run = SparseRegisters.run(sketch, position, end);
      if (run > HyperLogLogFormat.REGISTERS - index) {
        return false;
      }
      int value = SparseRegisters.value(sketch[position]);
      for (int i = value == 0 ? run : 0; i < run; i++) {
        raise(index + i, value);
      }
      index += run;
      position += SparseRegisters.width(sketch[position]);
    }
    return index == HyperLogLogFormat.REGISTERS;
  }

  private void raise(int index, int value) {
    if (get(index) < value) {
      int shift = (index & (DenseRegisters.LANES - 1)) * Byte.SIZE;
      int group = index / DenseRegisters.LANES;
      groups[group] = (groups[group] & ~(0xffL << shift)) | ((long) value << shift);
    }
  }

  /** The value of a register, 0 to 63. */
  public int get(int index) {
    int shift = (index & (DenseRegisters.LANES - 1)) * Byte.SIZE;
    return (int) (groups[index / DenseRegisters.LANES] >>> shift) & 0xff;
  }

  /** Eight registers as bytes, from {@code 8 * group} on. */
  long group(int group) {
    return groups[group];
  }

  /** Counts the elements of the union. */
  public long count() {
    histogram.clear();
    for (long lanes : groups) {
      histogram.add(lanes);
    }
    return histogram.estimate();
  }
}
