package io.redknot.storage.memory;

/**
 * A fast 64-bit hash of a key or an element, in the manner of wyhash: 8 bytes a step, each mixed by
 * the high and low halves of a 128-bit product. Start and multiplier are secrets of the process, so
 * that nobody can choose keys that collide.
 */
public final class KeyHash {
  private static final long MIX_1 = 0xa0761d6478bd642fL;
  private static final long MIX_2 = 0xe7037ed1a0b428dbL;

  private final long start;
  private final long multiplier;

  public KeyHash(long seed) {
    this.start = mix(seed ^ MIX_1, MIX_2);
    this.multiplier = mix(seed ^ MIX_2, start ^ MIX_1) | 1;
  }

  /** The hash; its upper bits are as good as its lower ones. */
  public long of(byte[] bytes, int offset, int length) {
    long hash = start ^ length;
    int i = offset;
    int wordsEnd = offset + (length & ~7);
    while (i < wordsEnd) {
      hash = mix(hash ^ Bytes.getLong(bytes, i), multiplier);
      i += 8;
    }
    long rest = 0;
    for (int shift = 0; i < offset + length; i++, shift += 8) {
      rest |= (bytes[i] & 0xffL) << shift;
    }
    return mix(mix(hash ^ rest, multiplier) ^ MIX_1, MIX_2);
  }

  private static long mix(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
  }
}
