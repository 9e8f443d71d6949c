package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;

/**
 * A fast 64-bit hash of a key, in the manner of wyhash: 8 bytes a step, each mixed by the high and
 * low halves of a 128-bit product. The seed is a secret of the process, so that nobody can choose
 * keys that collide.
 */
final class KeyHash {
  private static final long MIX_1 = 0xa0761d6478bd642fL;
  private static final long MIX_2 = 0xe7037ed1a0b428dbL;

  private final long seed;

  KeyHash(long seed) {
    this.seed = mix(seed ^ MIX_1, MIX_2);
  }

  /** The hash; its upper bits are as good as its lower ones. */
  long of(byte[] bytes, int offset, int length) {
    long hash = seed ^ length;
    int i = offset;
    int wordsEnd = offset + (length & ~7);
    while (i < wordsEnd) {
      hash = mix(hash ^ Bytes.getLong(bytes, i), MIX_1);
      i += 8;
    }
    long rest = 0;
    for (int shift = 0; i < offset + length; i++, shift += 8) {
      rest |= (bytes[i] & 0xffL) << shift;
    }
    return mix(hash ^ rest, MIX_2);
  }

  private static long mix(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
  }
}
