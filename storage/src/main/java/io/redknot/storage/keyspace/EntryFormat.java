package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;

/**
 * An entry: a key with its metadata and, where it is small, its value, in one block.
 *
 * <pre>
 *    0  u8   type (low 4 bits), encoding (high 4 bits); {@value #SEGMENT_KIND}: a table's segment
 *    1  u8   flags
 *    2  u8   snapshot epoch
 *    3  u8   size class of the block
 *    4  u32  access clock: LRU seconds (24 bits), or LFU minutes (16) and counter (8)
 *    8  u32  key length in bytes
 *   12  u32  value length in bytes
 *  [16  i64  expiry, Unix time in ms     these three only with the flag {@link #EXPIRES}
 *   24  u64  previous entry of the expiry wheel's bucket (36 bits), the bucket above it
 *   32  u64  next entry of the bucket]
 *       key bytes     (4-byte handle of a large object with {@link #LARGE_KEY})
 *       value bytes   (4-byte handle of a large object with {@link #LARGE_VALUE})
 * </pre>
 *
 * Little-endian.
 */
public final class EntryFormat {
  static final int KIND = 0;
  static final int FLAGS = 1;
  static final int SNAPSHOT_EPOCH = 2;
  static final int SIZE_CLASS = 3;
  static final int ACCESS_CLOCK = 4;
  static final int KEY_LENGTH = 8;
  static final int VALUE_LENGTH = 12;
  static final int HEADER_BYTES = 16;
  static final int EXPIRY = 16;
  static final int EXPIRY_PREVIOUS = 24;
  static final int EXPIRY_NEXT = 32;
  static final int EXPIRY_BYTES = 24;
  static final int HANDLE_BYTES = Integer.BYTES;

  /** The entry has an expiry. */
  static final int EXPIRES = 1;

  /** The value is a large object. */
  static final int LARGE_VALUE = 2;

  /** The key is a large object. */
  static final int LARGE_KEY = 4;

  /** A string that was edited in place: its encoding is told as raw at any length. */
  static final int EDITED = 8;

  /** First byte of a block that is a table's segment and no entry. */
  static final int SEGMENT_KIND = 0xff;

  /** Type of strings. */
  public static final int TYPE_STRING = 1;

  /** Type of lists. */
  public static final int TYPE_LIST = 2;

  /** Type of sets. */
  public static final int TYPE_SET = 3;

  /** Type of sorted sets. */
  public static final int TYPE_ZSET = 4;

  /** Type of hashes. */
  public static final int TYPE_HASH = 5;

  /** Type of streams. */
  public static final int TYPE_STREAM = 6;

  /** Encoding of a collection that is a listpack in the entry. */
  public static final int LISTPACK = 0;

  /** Encoding of a set that is an intset in the entry. */
  public static final int INTSET = 1;

  /** Encoding of a collection that is a {@link io.redknot.storage.memory.LargeValue}. */
  public static final int LARGE = 2;

  /** Encoding of a string that is bytes. */
  public static final int STRING_BYTES = 0;

  /** Encoding of a string that is a 64-bit integer, 8 bytes little-endian. */
  public static final int STRING_INT = 1;

  private EntryFormat() {}

  static int type(byte[] page, int at) {
    return page[at + KIND] & 0x0f;
  }

  static int encoding(byte[] page, int at) {
    return (page[at + KIND] >>> 4) & 0x0f;
  }

  static int kind(int type, int encoding) {
    return type | encoding << 4;
  }

  static boolean has(byte[] page, int at, int flag) {
    return (page[at + FLAGS] & flag) != 0;
  }

  static int sizeClass(byte[] page, int at) {
    return page[at + SIZE_CLASS] & 0xff;
  }

  static int keyLength(byte[] page, int at) {
    return Bytes.getInt(page, at + KEY_LENGTH);
  }

  static int valueLength(byte[] page, int at) {
    return Bytes.getInt(page, at + VALUE_LENGTH);
  }

  /** Where the key bytes, or their handle, begin. */
  static int keyAt(byte[] page, int at) {
    return at + HEADER_BYTES + (has(page, at, EXPIRES) ? EXPIRY_BYTES : 0);
  }

  /** Where the value bytes, or their handle, begin. */
  static int valueAt(byte[] page, int at) {
    int keyBytes = has(page, at, LARGE_KEY) ? HANDLE_BYTES : keyLength(page, at);
    return keyAt(page, at) + keyBytes;
  }
}
