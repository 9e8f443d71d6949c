package io.redknot.storage.rdb;

import io.redknot.storage.memory.Bytes;

/**
 * The checksum of RDB: CRC-64 with the polynomial of Jones, 0xad93d23594c935a9, reflected, starting
 * at 0 and without a final exclusive or. Eight bytes a step, with a table for each of them.
 */
public final class Crc64 {
  private static final long POLYNOMIAL_REFLECTED = 0x95ac9329ac4bc9b5L;
  private static final long[][] TABLES = tables();

  private Crc64() {}

  private static long[][] tables() {
    long[][] tables = new long[Long.BYTES][256];
    for (int i = 0; i < 256; i++) {
      long crc = i;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL_REFLECTED);
      }
      tables[0][i] = crc;
    }
    for (int k = 1; k < Long.BYTES; k++) {
      for (int i = 0; i < 256; i++) {
        long before = tables[k - 1][i];
        tables[k][i] = before >>> Byte.SIZE ^ tables[0][(int) before & 0xff];
      }
    }
    return tables;
  }

  /**
   * The checksum of what a first checksum covers and of the bytes behind it.
   *
   * @param crc the checksum so far, 0 at the beginning
   */
  public static long update(long crc, byte[] bytes, int offset, int length) {
    long value = crc;
    int i = offset;
    int end = offset + length;
    for (; end - i >= Long.BYTES; i += Long.BYTES) {
      value ^= Bytes.getLong(bytes, i);
      value =
          TABLES[7][(int) value & 0xff]
              ^ TABLES[6][(int) (value >>> 8) & 0xff]
              ^ TABLES[5][(int) (value >>> 16) & 0xff]
              ^ TABLES[4][(int) (value >>> 24) & 0xff]
              ^ TABLES[3][(int) (value >>> 32) & 0xff]
              ^ TABLES[2][(int) (value >>> 40) & 0xff]
              ^ TABLES[1][(int) (value >>> 48) & 0xff]
              ^ TABLES[0][(int) (value >>> 56) & 0xff];
    }
    for (; i < end; i++) {
      value = TABLES[0][(int) (value ^ bytes[i]) & 0xff] ^ value >>> Byte.SIZE;
    }
    return value;
  }
}
