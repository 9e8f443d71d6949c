package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * Verbs on runs of a listpack's elements: at its ends without moving the rest, cut off, put behind
 * each other, sieved in one pass.
 *
 * <p>As in {@link Listpack}, an array and the first byte of the listpack in it name a listpack.
 */
public final class ListpackRuns {
  private ListpackRuns() {}

  /**
   * Inserts a text before all others. The listpack grows to the left: there must be room for {@link
   * Listpack#encodedBytes} bytes before its first byte.
   *
   * @return its first byte now
   */
  static int prepend(byte[] lp, int at, byte[] text, int offset, int length) {
    int bytes = Listpack.encodedBytes(text, offset, length);
    int now = at - bytes;
    int all = Listpack.bytes(lp, at);
    System.arraycopy(lp, at, lp, now, Listpack.HEADER_BYTES);
    Bytes.putInt(lp, now, all + bytes);
    Listpack.addToCount(lp, now, 1);
    Listpack.encode(lp, now + Listpack.HEADER_BYTES, text, offset, length);
    return now;
  }

  /**
   * Cuts off all elements before a position; the listpack shrinks from the left.
   *
   * @param elements how many that are
   * @return its first byte now
   */
  static int cutBefore(byte[] lp, int at, int p, int elements) {
    int cut = p - Listpack.HEADER_BYTES;
    int all = Listpack.bytes(lp, at);
    System.arraycopy(lp, at, lp, at + cut, Listpack.HEADER_BYTES);
    Bytes.putInt(lp, at + cut, all - cut);
    Listpack.addToCount(lp, at + cut, -elements);
    return at + cut;
  }

  /** Cuts off all elements from a position on; that many. */
  static void cutFrom(byte[] lp, int at, int p, int elements) {
    int end = Listpack.end(lp, at);
    lp[at + p] = lp[at + end];
    Bytes.putInt(lp, at, p + 1);
    Listpack.addToCount(lp, at, -elements);
  }

  /** Bytes of a listpack of the elements from a position on. */
  static int bytesFrom(byte[] lp, int at, int p) {
    return Listpack.bytes(lp, at) - p + Listpack.HEADER_BYTES;
  }

  /** Writes a listpack of the elements from a position on elsewhere; that many. */
  static void copyFrom(byte[] lp, int at, int p, int elements, byte[] target, int targetAt) {
    Listpack.clear(target, targetAt);
    int bytes = bytesFrom(lp, at, p);
    int to = targetAt + Listpack.HEADER_BYTES;
    System.arraycopy(lp, at + p, target, to, bytes - Listpack.HEADER_BYTES);
    Bytes.putInt(target, targetAt, bytes);
    Listpack.addToCount(target, targetAt, elements);
  }

  /** Puts another listpack's elements, that many, behind all others; there must be room. */
  static void append(byte[] lp, int at, byte[] other, int otherAt, int elements) {
    int added = Listpack.bytes(other, otherAt) - Listpack.HEADER_BYTES;
    int end = Listpack.end(lp, at);
    System.arraycopy(other, otherAt + Listpack.HEADER_BYTES, lp, at + end, added);
    Bytes.putInt(lp, at, end + added);
    Listpack.addToCount(lp, at, elements);
  }

  /** Number of elements before a position. */
  static int countBefore(byte[] lp, int at, int p) {
    int count = 0;
    for (int i = Listpack.HEADER_BYTES; i != p; i += Listpack.elementBytes(lp, at, i)) {
      count++;
    }
    return count;
  }

  /** Number of elements that are equal to a text. */
  static int countEqual(byte[] lp, int at, byte[] text, int offset, int length) {
    int count = 0;
    int p = Listpack.find(lp, at, Listpack.first(lp, at), text, offset, length, 0);
    while (p != Listpack.NONE) {
      count++;
      p = Listpack.find(lp, at, Listpack.next(lp, at, p), text, offset, length, 0);
    }
    return count;
  }

  /**
   * Removes elements that are equal to a text, in one pass.
   *
   * @param skip how many of them, from the first, stay
   * @param max how many of the others to remove at most
   * @return how many were removed
   */
  public static int removeEqual(
      byte[] lp, int at, byte[] text, int offset, int length, int skip, long max) {
    int left = skip;
    int removed = 0;
    int end = Listpack.end(lp, at);
    int kept = Listpack.HEADER_BYTES;
    int from = Listpack.HEADER_BYTES;
    int p = Listpack.find(lp, at, Listpack.first(lp, at), text, offset, length, 0);
    while (p != Listpack.NONE && removed < max) {
      int next = p + Listpack.elementBytes(lp, at, p);
      if (left > 0) {
        left--;
      } else {
        System.arraycopy(lp, at + from, lp, at + kept, p - from);
        kept += p - from;
        from = next;
        removed++;
      }
      int follows = next == end ? Listpack.NONE : next;
      p = Listpack.find(lp, at, follows, text, offset, length, 0);
    }
    System.arraycopy(lp, at + from, lp, at + kept, end + 1 - from);
    Bytes.putInt(lp, at, kept + end + 1 - from);
    Listpack.addToCount(lp, at, -removed);
    return removed;
  }

  /** As {@link #removeEqual}: the last ones, at most so many. */
  public static int removeLastEqual(
      byte[] lp, int at, byte[] text, int offset, int length, long max) {
    int equal = countEqual(lp, at, text, offset, length);
    int skip = (int) Math.max(0, equal - max);
    return removeEqual(lp, at, text, offset, length, skip, max);
  }
}
