package io.redknot.server.command;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.ListCursor;
import java.util.Arrays;

/** Texts of a command's duration, one behind the other in one array. */
final class SortElements {
  private static final int BYTES_MIN = 256;
  private static final int COUNT_MIN = 16;

  private byte[] bytes = new byte[BYTES_MIN];
  private int[] ends = new int[COUNT_MIN];
  private int count;

  /** Number of texts. */
  int count() {
    return count;
  }

  byte[] array() {
    return bytes;
  }

  int offset(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  int length(int index) {
    return ends[index] - offset(index);
  }

  /** The numbers 0 to {@link #count()} - 1. */
  int[] identity() {
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    return order;
  }

  /** Adds a text. */
  void add(byte[] array, int offset, int length) {
    int end = reserve(length);
    System.arraycopy(array, offset, bytes, end, length);
    close(end + length);
  }

  /** Adds an integer's text. */
  void add(long value) {
    int end = reserve(DecimalText.BYTES_MAX);
    close(end + DecimalText.write(value, bytes, end));
  }

  /** Adds an element of a list. */
  void add(ListCursor element) {
    if (element.isInteger()) {
      add(element.integer());
    } else {
      add(element.array(), element.offset(), element.length());
    }
  }

  private int reserve(int length) {
    int end = count == 0 ? 0 : ends[count - 1];
    long needed = (long) end + length;
    if (needed > bytes.length) {
      long larger = Math.min(Math.max(needed, 2L * bytes.length), Integer.MAX_VALUE - 16);
      bytes = Arrays.copyOf(bytes, (int) Math.max(larger, needed));
    }
    return end;
  }

  private void close(int end) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
    }
    ends[count++] = end;
  }

  /** Compares two texts byte by byte. */
  static int compare(SortElements a, int i, SortElements b, int k) {
    int fromA = a.offset(i);
    int fromB = b.offset(k);
    return Arrays.compareUnsigned(
        a.bytes, fromA, fromA + a.length(i), b.bytes, fromB, fromB + b.length(k));
  }

  /** Compares two texts as C strings, which end at the first zero byte. */
  static int compareStrings(SortElements a, int i, SortElements b, int k) {
    int fromA = a.offset(i);
    int fromB = b.offset(k);
    return Arrays.compareUnsigned(a.bytes, fromA, a.zero(i), b.bytes, fromB, b.zero(k));
  }

  private int zero(int index) {
    int i = offset(index);
    while (i < ends[index] && bytes[i] != 0) {
      i++;
    }
    return i;
  }
}
