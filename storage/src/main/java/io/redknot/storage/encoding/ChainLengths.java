package io.redknot.storage.encoding;

import java.util.Arrays;

/** How a hash table is filled: counts its places by how many elements belong to each. */
public final class ChainLengths {
  private long[] places = new long[8];
  private int longest;
  private long size;
  private long elements;

  /** Counts a place with so many elements. */
  public void add(int length) {
    add(length, 1);
  }

  /** Counts places with so many elements each. */
  public void add(int length, long count) {
    if (length >= places.length) {
      places = Arrays.copyOf(places, Math.max(length + 1, places.length * 2));
    }
    places[length] += count;
    size += count;
    elements += length * count;
    longest = Math.max(longest, length);
  }

  /** Number of places. */
  public long size() {
    return size;
  }

  /** Number of elements at all places. */
  public long elements() {
    return elements;
  }

  /** Most elements of one place. */
  public int longest() {
    return longest;
  }

  /** Number of places with so many elements. */
  public long places(int length) {
    return length < places.length ? places[length] : 0;
  }
}
