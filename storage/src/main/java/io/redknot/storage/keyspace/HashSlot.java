package io.redknot.storage.keyspace;

/**
 * The hash slot of a key: CRC-16/XMODEM (polynomial 0x1021, start 0, not reflected) of the key or
 * of its hash tag, modulo 16384. Source: Redis Cluster specification.
 */
public final class HashSlot {
  /** Number of slots. */
  public static final int COUNT = 16384;

  private static final int POLYNOMIAL = 0x1021;
  private static final char[] TABLE = new char[256];
  private static final char[] TABLE_2 = new char[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
      }
      TABLE[i] = (char) crc;
    }
    for (int i = 0; i < 256; i++) {
      TABLE_2[i] = (char) ((TABLE[i] << 8) ^ TABLE[TABLE[i] >>> 8]);
    }
  }

  private HashSlot() {}

  /**
   * The slot of a key, 0 to 16383. What stands between the first <code>{</code> and the next <code>
   * }</code> is hashed alone where it is not empty.
   */
  public static int of(byte[] bytes, int offset, int length) {
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      if (bytes[i] == '{') {
        int close = i + 1;
        while (close < end && bytes[close] != '}') {
          close++;
        }
        if (close < end && close > i + 1) {
          return crc16(bytes, i + 1, close - i - 1) & (COUNT - 1);
        }
        break;
      }
    }
    return crc16(bytes, offset, length) & (COUNT - 1);
  }

  /** CRC-16/XMODEM; two bytes a step, as each step waits for the one before. */
  static int crc16(byte[] bytes, int offset, int length) {
    int crc = 0;
    int i = offset;
    int pairsEnd = offset + (length & ~1);
    while (i < pairsEnd) {
      crc = TABLE_2[(crc >>> 8) ^ (bytes[i] & 0xff)] ^ TABLE[(crc & 0xff) ^ (bytes[i + 1] & 0xff)];
      i += 2;
    }
    if ((length & 1) != 0) {
      crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >>> 8) ^ (bytes[i] & 0xff)];
    }
    return crc;
  }
}
