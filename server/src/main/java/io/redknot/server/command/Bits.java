package io.redknot.server.command;

import io.redknot.storage.memory.Bytes;

/**
 * Bits of a string, counted from the most significant one of its first byte: found and changed
 * eight bytes at a time.
 */
final class Bits {
  private static final int BYTE = 8;

  private Bits() {}

  /** How many bits of a range are set. */
  static long count(StringSlice string, IndexRange range) {
    if (range.isEmpty()) {
      return 0;
    }
    byte[] array = string.array();
    int first = string.offset() + (int) (range.first() >>> 3);
    int last = string.offset() + (int) (range.last() >>> 3);
    int beyondFirst = array[first] & ~headMask(range);
    int beyondLast = array[last] & ~tailMask(range) & 0xff;
    return countBytes(array, first, last + 1)
        - Integer.bitCount(beyondFirst & 0xff)
        - Integer.bitCount(beyondLast);
  }

  /** The bits of the first byte that belong to a range. */
  private static int headMask(IndexRange range) {
    return 0xff >>> (int) (range.first() & 7);
  }

  /** The bits of the last byte that belong to a range. */
  private static int tailMask(IndexRange range) {
    return 0xff << (int) (7 - (range.last() & 7)) & 0xff;
  }

  private static long countBytes(byte[] array, int from, int end) {
    long count = 0;
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      count += Long.bitCount(Bytes.getLong(array, at));
    }
    for (; at < end; at++) {
      count += Integer.bitCount(array[at] & 0xff);
    }
    return count;
  }

  /** The first bit of a range that is set, or clear; -1 where there is none. */
  static long find(StringSlice string, IndexRange range, boolean set) {
    if (range.isEmpty()) {
      return -1;
    }
    int first = (int) (range.first() >>> 3);
    int last = (int) (range.last() >>> 3);
    int head = wanted(string.at(first), set) & headMask(range);
    if (first == last) {
      return position(first, head & tailMask(range));
    }
    if (head != 0) {
      return position(first, head);
    }
    int at = findByte(string, first + 1, last, set);
    int found = wanted(string.at(at), set) & (at == last ? tailMask(range) : 0xff);
    return position(at, found);
  }

  /** The bits of a byte that are sought, as ones. */
  private static int wanted(byte bits, boolean set) {
    return (set ? bits : ~bits) & 0xff;
  }

  private static long position(int at, int found) {
    return found == 0 ? -1 : (long) at * BYTE + Integer.numberOfLeadingZeros(found) - 24;
  }

  /** The first byte with a bit that is sought, {@code last} where there is none before. */
  private static int findByte(StringSlice string, int from, int last, boolean set) {
    byte[] array = string.array();
    long nothing = set ? 0 : -1;
    int at = string.offset() + from;
    int end = string.offset() + last;
    while (at <= end - Long.BYTES && Bytes.getLong(array, at) == nothing) {
      at += Long.BYTES;
    }
    while (at < end && array[at] == (byte) nothing) {
      at++;
    }
    return at - string.offset();
  }

  /**
   * The bits of a field as an unsigned number; bits behind the string's end are zeros.
   *
   * @param width 1 to 64
   */
  static long field(StringSlice string, long bit, int width) {
    long at = bit >>> 3;
    int shift = (int) (bit & 7);
    long head = eightBytes(string, at);
    long ninth = at + Long.BYTES < string.length() ? string.at((int) at + Long.BYTES) & 0xff : 0;
    return (head << shift | ninth >>> (BYTE - shift)) >>> (Long.SIZE - width);
  }

  private static long eightBytes(StringSlice string, long at) {
    if (at + Long.BYTES <= string.length()) {
      return Long.reverseBytes(Bytes.getLong(string.array(), string.offset() + (int) at));
    }
    long bytes = 0;
    for (long i = at; i < string.length(); i++) {
      bytes |= (string.at((int) i) & 0xffL) << (56 - BYTE * (i - at));
    }
    return bytes;
  }

  /**
   * Writes a field, which lies inside the string.
   *
   * @param width 1 to 64; higher bits of the value are ignored
   */
  static void setField(StringSlice string, long bit, int width, long value) {
    byte[] array = string.array();
    int at = string.offset() + (int) (bit >>> 3);
    int shift = (int) (bit & 7);
    long mask = -1L << (Long.SIZE - width);
    long bits = value << (Long.SIZE - width);
    for (int i = 0; i < Long.BYTES; i++) {
      merge(array, at + i, mask >>> shift >>> (56 - BYTE * i), bits >>> shift >>> (56 - BYTE * i));
    }
    if (shift > 0) {
      int lost = BYTE - shift;
      merge(array, at + Long.BYTES, mask << lost, bits << lost);
    }
  }

  /** Replaces the bits of a byte that the mask's low byte has; without any, touches nothing. */
  private static void merge(byte[] array, int at, long mask, long bits) {
    int replaced = (int) mask & 0xff;
    if (replaced != 0) {
      array[at] = (byte) ((array[at] & ~replaced) | ((int) bits & replaced));
    }
  }
}
