package io.redknot.storage.encoding;

/**
 * A HyperLogLog sketch: how many different elements a set has, within about 0.8 %, from registers
 * that each keep the greatest rank seen. It is a string, byte for byte that of Redis.
 *
 * <pre>
 *    0  "HYLL"
 *    4  u8   form of the registers: 0 dense, 1 sparse
 *    5       3 bytes, unused
 *    8  u64  the count when it was last taken; highest bit set: it is out of date
 *   16       registers
 *
 *   dense    16384 registers of 6 bits, the first in the lowest bits of the first byte
 *   sparse   runs that together are 16384 registers:
 *              00nnnnnn            n + 1 zeros
 *              01nnnnnn nnnnnnnn   n + 1 zeros, high bits first
 *              1vvvvvnn            n + 1 registers of value v + 1
 * </pre>
 *
 * Little-endian.
 */
final class HyperLogLogFormat {
  /** "HYLL" as a little-endian number. */
  static final int MAGIC = 0x4c4c_5948;

  static final int FORM = 4;
  static final int DENSE = 0;
  static final int SPARSE = 1;
  static final int COUNT = 8;
  static final int HEADER_BYTES = 16;

  /** An element's hash chooses the register by so many bits. */
  static final int INDEX_BITS = 14;

  static final int REGISTERS = 1 << INDEX_BITS;

  /** The greatest rank of an element. */
  static final int RANK_MAX = Long.SIZE - INDEX_BITS + 1;

  static final int REGISTER_BITS = 6;
  static final int DENSE_BYTES = HEADER_BYTES + REGISTERS * REGISTER_BITS / Byte.SIZE;

  /** The greatest value that the sparse form can tell. */
  static final int SPARSE_VALUE_MAX = 32;

  /** The longest runs of the three kinds. */
  static final int VALUE_RUN_MAX = 4;

  static final int ZERO_RUN_MAX = 64;
  static final int LONG_ZERO_RUN_MAX = 1 << 14;

  private HyperLogLogFormat() {}
}
