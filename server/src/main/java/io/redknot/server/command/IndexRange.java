package io.redknot.server.command;

/**
 * A range of positions as GETRANGE and the bit commands take it, with both ends included.
 *
 * @param first the first position, from 0
 * @param last the last position; less than {@code first} where the range is empty
 */
record IndexRange(long first, long last) {
  private static final IndexRange EMPTY = new IndexRange(0, -1);

  /**
   * Applies two indexes, negative ones counted from the end, to a length. As in Redis, an end
   * before the first position is the first position.
   */
  static IndexRange clamped(long start, long end, long length) {
    long first = start < 0 ? Math.max(0, start + length) : start;
    long last = end < 0 ? Math.max(0, end + length) : end;
    return first > last || first >= length
        ? EMPTY
        : new IndexRange(first, Math.min(last, length - 1));
  }

  /** As {@link #clamped}, but nothing where both are negative and in the wrong order. */
  static IndexRange ordered(long start, long end, long length) {
    return start < 0 && end < 0 && start > end ? EMPTY : clamped(start, end, length);
  }

  /** The range of bits of a range of bytes. */
  IndexRange bytesToBits() {
    return isEmpty() ? this : new IndexRange(first * Byte.SIZE, last * Byte.SIZE + 7);
  }

  boolean isEmpty() {
    return first > last;
  }

  /** Number of positions. */
  long count() {
    return last - first + 1;
  }
}
