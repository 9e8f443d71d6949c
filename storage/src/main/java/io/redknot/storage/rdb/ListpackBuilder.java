package io.redknot.storage.rdb;

import io.redknot.storage.encoding.Listpack;
import java.util.Arrays;

/** A listpack in an array that grows with it. */
final class ListpackBuilder {
  private static final int INITIAL_BYTES = 256;
  private static final int BYTES_MAX = Integer.MAX_VALUE - 16;

  private byte[] bytes = new byte[INITIAL_BYTES];

  ListpackBuilder() {
    Listpack.clear(bytes, 0);
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return Listpack.bytes(bytes, 0);
  }

  int count() {
    return Listpack.count(bytes, 0);
  }

  /** Adds an element behind all others. */
  void add(byte[] text) {
    add(text, 0, text.length);
  }

  /** As {@link #add(byte[])}. */
  void add(byte[] text, int offset, int length) {
    room(Listpack.encodedBytes(text, offset, length));
    Listpack.insert(bytes, 0, Listpack.end(bytes, 0), text, offset, length);
  }

  /** As {@link #add(byte[])}. */
  void add(long value) {
    room(Listpack.encodedBytes(value));
    Listpack.insert(bytes, 0, Listpack.end(bytes, 0), value);
  }

  private void room(int more) {
    int needed = Math.addExact(length(), more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(BYTES_MAX, Math.max(needed, 2L * bytes.length)));
    }
  }

  /** The listpack in an array that it fills; this must not be used any more. */
  byte[] take() {
    return Arrays.copyOf(bytes, length());
  }

  /** Whether there is an element like that, looking at every so many. */
  boolean contains(byte[] text, int group) {
    int first = Listpack.first(bytes, 0);
    return Listpack.find(bytes, 0, first, text, 0, text.length, group - 1) != Listpack.NONE;
  }

  void clear() {
    Listpack.clear(bytes, 0);
  }
}
