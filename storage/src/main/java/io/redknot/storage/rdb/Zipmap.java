package io.redknot.storage.rdb;

import io.redknot.storage.memory.Bytes;

/**
 * The packed hashes from before Redis 2.6, which become listpacks as they are read.
 *
 * <pre>
 *   pairs u8, 254 and more: unknown | pairs | 0xff
 *
 *   pair:    length, field | length, unused u8, value, unused bytes
 *   length:  u8 below 254, or 254 u32 little-endian
 * </pre>
 *
 * Source: Redis 2.4 as observed by what Redis 7.0 loads.
 */
final class Zipmap {
  private static final int LONG_LENGTH = 254;
  private static final int END = 0xff;

  private final byte[] bytes;
  private final int end;
  private final ListpackBuilder target = new ListpackBuilder();
  private int p = 1;

  private Zipmap(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length - 1;
  }

  /**
   * Fields and values as a listpack, which is not empty. The bytes may come from anywhere.
   *
   * @throws RdbException where they are no zipmap in every detail
   */
  static byte[] toListpack(byte[] bytes) throws RdbException {
    if (bytes.length < 2 || (bytes[bytes.length - 1] & 0xff) != END) {
      throw damaged();
    }
    return new Zipmap(bytes).read();
  }

  private static RdbException damaged() {
    return new RdbException("a zipmap is damaged");
  }

  private byte[] read() throws RdbException {
    int pairs = 0;
    while (p < end) {
      int field = length();
      target.add(bytes, take(field), field);
      int value = length();
      int unused = bytes[take(1)] & 0xff;
      target.add(bytes, take(value), value);
      take(unused);
      pairs++;
    }
    int told = bytes[0] & 0xff;
    if (pairs == 0 || (told < LONG_LENGTH && told != pairs)) {
      throw damaged();
    }
    return target.take();
  }

  private int take(int length) throws RdbException {
    if (length < 0 || length > end - p) {
      throw damaged();
    }
    p += length;
    return p - length;
  }

  private int length() throws RdbException {
    int first = bytes[take(1)] & 0xff;
    if (first == END) {
      throw damaged();
    }
    return first < LONG_LENGTH ? first : Bytes.getInt(bytes, take(Integer.BYTES));
  }
}
