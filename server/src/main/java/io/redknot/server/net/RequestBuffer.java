package io.redknot.server.net;

import io.netty.buffer.ByteBuf;

/**
 * Bytes of requests that a connection has received and not executed. Owns no memory while empty.
 */
final class RequestBuffer {
  private static final byte[] NOTHING = {};
  private static final int BYTES_MAX = Integer.MAX_VALUE - 16;

  /** What a request announces is believed up to here; beyond it the buffer grows as bytes come. */
  private static final int BELIEVED_BYTES_MAX = 1024 * 1024;

  private byte[] array = NOTHING;
  private int from;
  private int to;

  /** Whether somebody reads what is in the array, so that nothing in it may move. */
  private boolean lent;

  /** Has the bytes that are there stay where they are, whatever comes behind them. */
  void lend() {
    lent = true;
  }

  byte[] array() {
    return array;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  int size() {
    return to - from;
  }

  /** Bytes of memory that it takes. */
  int capacity() {
    return array.length;
  }

  /** Forgets everything before an index. */
  void consumedTo(int index) {
    from = index;
    if (from == to) {
      clear();
    }
  }

  void clear() {
    array = NOTHING;
    from = 0;
    to = 0;
    lent = false;
  }

  /** Moves everything to the start of another array. */
  void moveTo(byte[] target) {
    if (to > from) {
      System.arraycopy(array, from, target, 0, to - from);
      clear();
    }
  }

  /** Fills the empty buffer; {@code missing} more bytes are announced. */
  void put(byte[] source, int sourceFrom, int sourceTo, int missing) {
    reserve(sourceTo - sourceFrom, missing);
    System.arraycopy(source, sourceFrom, array, to, sourceTo - sourceFrom);
    to += sourceTo - sourceFrom;
  }

  /** Appends bytes; {@code missing} more are announced. */
  void append(ByteBuf source, int length, int missing) {
    reserve(length, missing);
    source.readBytes(array, to, length);
    to += length;
  }

  private void reserve(int length, int missing) {
    if (array.length - to >= length) {
      return;
    }
    int size = to - from;
    long needed = (long) size + length;
    byte[] target = array;
    // Where little of it is free, moving what is there would soon have to be done again.
    boolean crowded = size > array.length / 2;
    if (needed > array.length || crowded || lent) {
      long ahead = Math.min(missing, Math.max(needed, BELIEVED_BYTES_MAX));
      long wanted = Math.max(needed + ahead, missing == 0 || crowded ? array.length * 2L : 0);
      target = new byte[(int) Math.min(wanted, BYTES_MAX)];
    }
    System.arraycopy(array, from, target, 0, size);
    array = target;
    from = 0;
    to = size;
    lent = false;
  }
}
