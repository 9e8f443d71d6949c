package io.redknot.storage.value;

import java.util.Arrays;

/** Places of elements that were drawn: an open-addressing table of numbers of at least 0. */
final class DrawnPlaces {
  private static final long FREE = -1;
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private final long[] cells;
  private final int shift;
  private int count;

  DrawnPlaces(int most) {
    int log2 = Long.SIZE - Long.numberOfLeadingZeros(2L * most + 1);
    cells = new long[1 << log2];
    shift = Long.SIZE - log2;
    Arrays.fill(cells, FREE);
  }

  int count() {
    return count;
  }

  /** Adds a place; false where it is there already. */
  boolean add(long place) {
    int i = (int) ((place * MIX) >>> shift);
    while (cells[i] != FREE) {
      if (cells[i] == place) {
        return false;
      }
      i = (i + 1) & (cells.length - 1);
    }
    cells[i] = place;
    count++;
    return true;
  }
}
