package io.redknot.storage.rdb;

import io.redknot.storage.memory.Bytes;

/**
 * The packed lists from before Redis 7.0, which become listpacks as they are read.
 *
 * <pre>
 *   bytes u32 | offset of the last entry u32 | entries u16, 0xffff: unknown | entries | 0xff
 *
 *   entry:     bytes of the one before: u8 below 254, or 254 u32 | encoding | data
 *   encoding:  00llllll | 01llllll u8 | 10...... u32   text of l bytes, big-endian
 *              c0 i16 | d0 i32 | e0 i64 | f0 i24 | fe i8
 *              1111nnnn                                the number n - 1, of 0 to 12
 * </pre>
 *
 * Numbers not marked otherwise are little-endian. Source: Redis 6.2 as observed.
 */
final class Ziplist {
  private static final int LAST = 4;
  private static final int COUNT = 8;
  private static final int HEADER_BYTES = 10;
  private static final int COUNT_UNKNOWN = 0xffff;
  private static final int END = 0xff;
  private static final int LONG_PREVIOUS = 254;

  private static final int TEXT_14_BITS = 0x40;
  private static final int TEXT_32_BITS = 0x80;
  private static final int NUMBERS = 0xc0;
  private static final int INT16 = 0xc0;
  private static final int INT24 = 0xf0;
  private static final int INT32 = 0xd0;
  private static final int INT64 = 0xe0;
  private static final int INT8 = 0xfe;
  private static final int SMALL_MIN = 0xf1;
  private static final int SMALL_MAX = 0xfd;

  private final byte[] bytes;
  private final int end;
  private final ListpackBuilder target = new ListpackBuilder();
  private int p = HEADER_BYTES;

  private Ziplist(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length - 1;
  }

  /**
   * The entries as a listpack. The bytes may come from anywhere.
   *
   * @throws RdbException where they are no ziplist in every detail
   */
  static byte[] toListpack(byte[] bytes) throws RdbException {
    if (bytes.length < HEADER_BYTES + 1
        || Bytes.getInt(bytes, 0) != bytes.length
        || (bytes[bytes.length - 1] & 0xff) != END) {
      throw damaged();
    }
    return new Ziplist(bytes).read();
  }

  private static RdbException damaged() {
    return new RdbException("a ziplist is damaged");
  }

  private byte[] read() throws RdbException {
    int count = 0;
    int last = HEADER_BYTES;
    int previousBytes = 0;
    while (p < end) {
      last = p;
      if (previous() != previousBytes) {
        throw damaged();
      }
      value();
      previousBytes = p - last;
      count++;
    }
    int told = Bytes.getShort(bytes, COUNT) & COUNT_UNKNOWN;
    int toldLast = Bytes.getInt(bytes, LAST);
    boolean lastIsRight = count == 0 ? toldLast >= 0 && toldLast <= end : toldLast == last;
    if (!lastIsRight || (told != COUNT_UNKNOWN && told != count)) {
      throw damaged();
    }
    return target.take();
  }

  /** Makes sure that so many bytes follow, and passes over them; where they begin. */
  private int take(int length) throws RdbException {
    if (length < 0 || length > end - p) {
      throw damaged();
    }
    p += length;
    return p - length;
  }

  private int previous() throws RdbException {
    int first = bytes[take(1)] & 0xff;
    if (first == END) {
      throw damaged();
    }
    return first < LONG_PREVIOUS ? first : Bytes.getInt(bytes, take(Integer.BYTES));
  }

  private void value() throws RdbException {
    int encoding = bytes[take(1)] & 0xff;
    if (encoding >= NUMBERS) {
      target.add(number(encoding));
      return;
    }
    int length = encoding & 0x3f;
    if (encoding >= TEXT_32_BITS) {
      length = Integer.reverseBytes(Bytes.getInt(bytes, take(Integer.BYTES)));
    } else if (encoding >= TEXT_14_BITS) {
      length = length << Byte.SIZE | (bytes[take(1)] & 0xff);
    }
    target.add(bytes, take(length), length);
  }

  private long number(int encoding) throws RdbException {
    return switch (encoding) {
      case INT8 -> bytes[take(Byte.BYTES)];
      case INT16 -> (short) Bytes.getShort(bytes, take(Short.BYTES));
      case INT24 -> {
        int at = take(3);
        yield bytes[at + 2] << Short.SIZE | (Bytes.getShort(bytes, at) & 0xffff);
      }
      case INT32 -> Bytes.getInt(bytes, take(Integer.BYTES));
      case INT64 -> Bytes.getLong(bytes, take(Long.BYTES));
      default -> {
        if (encoding < SMALL_MIN || encoding > SMALL_MAX) {
          throw damaged();
        }
        yield encoding - SMALL_MIN;
      }
    };
  }
}
