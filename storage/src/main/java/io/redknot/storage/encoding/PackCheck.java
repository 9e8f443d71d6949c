package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import java.util.Arrays;

/**
 * Whether a listpack from elsewhere can be kept as it is: as a set, a hash or a sorted set whose
 * elements are found by their texts.
 */
public final class PackCheck {
  private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

  private PackCheck() {}

  /**
   * Whether the keys of a listpack differ from each other, and none of them is a text that would be
   * kept as an integer, which no search would find.
   *
   * @param lp a valid one, from the first byte of the array on
   * @param group every so many elements there is a key, the first one is one
   */
  public static boolean hasDistinctKeys(byte[] lp, int group) {
    int keys = Listpack.count(lp, 0) / group + 1;
    // Positions by hash, at most half of them used; 0 is none, as no element lies there.
    int[] table = new int[2 * Integer.highestOneBit(2 * keys)];
    int p = Listpack.first(lp, 0);
    while (p != Listpack.NONE) {
      if (!Listpack.isInteger(lp, 0, p)
          && DecimalText.isLong(lp, Listpack.textOffset(lp, 0, p), Listpack.textLength(lp, 0, p))) {
        return false;
      }
      int i = (int) (hash(lp, p) >>> 32) & (table.length - 1);
      while (table[i] != 0) {
        if (equal(lp, table[i], p)) {
          return false;
        }
        i = (i + 1) & (table.length - 1);
      }
      table[i] = p;
      for (int k = 0; k < group && p != Listpack.NONE; k++) {
        p = Listpack.next(lp, 0, p);
      }
    }
    return true;
  }

  private static long hash(byte[] lp, int p) {
    if (Listpack.isInteger(lp, 0, p)) {
      return Listpack.integer(lp, 0, p) * MIX;
    }
    int at = Listpack.textOffset(lp, 0, p);
    int end = at + Listpack.textLength(lp, 0, p);
    long hash = 0;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      hash = Long.rotateLeft((hash ^ Bytes.getLong(lp, at)) * MIX, 29);
    }
    for (; at < end; at++) {
      hash = (hash ^ lp[at]) * MIX;
    }
    return hash;
  }

  private static boolean equal(byte[] lp, int p, int q) {
    if (Listpack.isInteger(lp, 0, p) || Listpack.isInteger(lp, 0, q)) {
      return Listpack.isInteger(lp, 0, p)
          && Listpack.isInteger(lp, 0, q)
          && Listpack.integer(lp, 0, p) == Listpack.integer(lp, 0, q);
    }
    int length = Listpack.textLength(lp, 0, p);
    int from = Listpack.textOffset(lp, 0, p);
    int other = Listpack.textOffset(lp, 0, q);
    return length == Listpack.textLength(lp, 0, q)
        && Arrays.equals(lp, from, from + length, lp, other, other + length);
  }
}
