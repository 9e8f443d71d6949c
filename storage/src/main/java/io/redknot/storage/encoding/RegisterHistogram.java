package io.redknot.storage.encoding;

import java.util.Arrays;

/**
 * How many registers have each value, and from that the count of elements.
 *
 * <p>The estimator is the one of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (arXiv 1702.01284), which Redis uses: same operations in the same order, so that counts
 * are equal to the digit.
 */
final class RegisterHistogram {
  private static final int VALUES = 1 << HyperLogLogFormat.REGISTER_BITS;

  /** 1 / (2 ln 2). */
  private static final double ALPHA = 0.7213475204444817;

  /**
   * One row for each of the eight bytes of a group: neighbours are often equal, and adding to the
   * same place again would wait for the addition before.
   */
  private final int[] counts = new int[DenseRegisters.LANES * VALUES];

  /** Forgets all registers. */
  void clear() {
    Arrays.fill(counts, 0);
  }

  /** Adds registers of a value. */
  void add(int value, int times) {
    counts[value] += times;
  }

  /** Adds eight registers, a byte each, with values below 64. */
  void add(long lanes) {
    int[] rows = counts;
    rows[(int) lanes & 63]++;
    rows[VALUES + ((int) (lanes >>> 8) & 63)]++;
    rows[2 * VALUES + ((int) (lanes >>> 16) & 63)]++;
    rows[3 * VALUES + ((int) (lanes >>> 24) & 63)]++;
    rows[4 * VALUES + ((int) (lanes >>> 32) & 63)]++;
    rows[5 * VALUES + ((int) (lanes >>> 40) & 63)]++;
    rows[6 * VALUES + ((int) (lanes >>> 48) & 63)]++;
    rows[7 * VALUES + ((int) (lanes >>> 56) & 63)]++;
  }

  private int total(int value) {
    int total = 0;
    for (int i = value; i < counts.length; i += VALUES) {
      total += counts[i];
    }
    return total;
  }

  /**
   * The estimated number of elements. Registers that no element makes (all of them above the
   * greatest rank) give {@link Long#MIN_VALUE}, what C makes of an infinite number.
   */
  long estimate() {
    double registers = HyperLogLogFormat.REGISTERS;
    int greatest = HyperLogLogFormat.RANK_MAX;
    double z = registers * tau((registers - total(greatest)) / registers);
    for (int value = greatest - 1; value >= 1; value--) {
      z += total(value);
      z *= 0.5;
    }
    z += registers * sigma(total(0) / registers);
    double estimate = ALPHA * registers * registers / z;
    return estimate < Long.MAX_VALUE ? Math.round(estimate) : Long.MIN_VALUE;
  }

  /** The share of the registers that are 0, from 0 to 1. */
  private static double sigma(double share) {
    if (share == 1) {
      return Double.POSITIVE_INFINITY;
    }
    double x = share;
    double y = 1;
    double z = share;
    double before;
    do {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    } while (before != z);
    return z;
  }

  /** The share of the registers that are below the greatest rank, from 0 to 1. */
  private static double tau(double share) {
    if (share == 0 || share == 1) {
      return 0;
    }
    double x = share;
    double y = 1;
    double z = 1 - share;
    double before;
    do {
      x = Math.sqrt(x);
      before = z;
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    } while (before != z);
    return z / 3;
  }
}
