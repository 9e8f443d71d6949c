package io.redknot.storage.rdb;

/**
 * The numbers of the RDB format.
 *
 * <pre>
 *   "REDIS" and four digits of version
 *   AUX*  MODULE_AUX*  FUNCTION2*
 *   for each database:  SELECTDB number  RESIZEDB keys expiring
 *     for each key:  [EXPIRETIME_MS i64]  [IDLE length | FREQ u8]  type  key  value
 *   EOF  checksum u64
 *
 *   length   00xxxxxx | 01xxxxxx u8 | 80 u32 | 81 u64, big-endian
 *   string   length and bytes | C0 i8 | C1 i16 | C2 i32 | C3 compressed length, length, LZF
 * </pre>
 *
 * Other numbers are little-endian. Source: Redis 7.0 and 7.2 as observed.
 */
public final class RdbFormat {
  /** The newest version that can be read. */
  public static final int VERSION_MAX = 11;

  /** The version that is written by default, which Redis 7.0 can read. */
  public static final int VERSION_DEFAULT = 10;

  static final int EOF = 0xff;
  static final int SELECTDB = 0xfe;
  static final int EXPIRETIME = 0xfd;
  static final int EXPIRETIME_MS = 0xfc;
  static final int RESIZEDB = 0xfb;
  static final int AUX = 0xfa;
  static final int FREQ = 0xf9;
  static final int IDLE = 0xf8;
  static final int MODULE_AUX = 0xf7;
  static final int FUNCTION_PRE_GA = 0xf6;
  static final int FUNCTION2 = 0xf5;

  static final int STRING = 0;
  static final int LIST = 1;
  static final int SET = 2;
  static final int ZSET = 3;
  static final int HASH = 4;
  static final int ZSET_2 = 5;
  static final int MODULE_PRE_GA = 6;
  static final int MODULE_2 = 7;
  static final int HASH_ZIPMAP = 9;
  static final int LIST_ZIPLIST = 10;
  static final int SET_INTSET = 11;
  static final int ZSET_ZIPLIST = 12;
  static final int HASH_ZIPLIST = 13;
  static final int LIST_QUICKLIST = 14;
  static final int STREAM_LISTPACKS = 15;
  static final int HASH_LISTPACK = 16;
  static final int ZSET_LISTPACK = 17;
  static final int LIST_QUICKLIST_2 = 18;
  static final int STREAM_LISTPACKS_2 = 19;
  static final int SET_LISTPACK = 20;
  static final int STREAM_LISTPACKS_3 = 21;

  static final int LENGTH_14_BITS = 0x40;
  static final int LENGTH_32_BITS = 0x80;
  static final int LENGTH_64_BITS = 0x81;
  static final int STRING_INT8 = 0xc0;
  static final int STRING_INT16 = 0xc1;
  static final int STRING_INT32 = 0xc2;
  static final int STRING_LZF = 0xc3;

  /** Container of a list's node that is one element as it is. */
  static final int NODE_PLAIN = 1;

  /** Container of a list's node that is a listpack. */
  static final int NODE_PACKED = 2;

  /** In place of the length of a double's text. */
  static final int DOUBLE_NAN = 253;

  static final int DOUBLE_INFINITE = 254;
  static final int DOUBLE_NEGATIVE_INFINITE = 255;

  /** Longest string that is written as a number: {@code -2147483648}. */
  static final int NUMBER_TEXT_MAX = 11;

  /** A string of more bytes is compressed where that makes it shorter. */
  static final int COMPRESSED_BYTES_MIN = 20;

  /** What compression must win. */
  static final int COMPRESSION_GAIN_MIN = 4;

  private RdbFormat() {}
}
