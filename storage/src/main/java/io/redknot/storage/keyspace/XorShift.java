package io.redknot.storage.keyspace;

import java.util.random.RandomGenerator;

/**
 * A small, fast generator for sampling. Source: Marsaglia, "Xorshift RNGs" (2003), with the
 * multiplication of Vigna's xorshift64*.
 */
final class XorShift implements RandomGenerator {
  private static final long MULTIPLIER = 0x2545f4914f6cdd1dL;

  private long state;

  XorShift(long seed) {
    state = seed == 0 ? MULTIPLIER : seed;
  }

  @Override
  public long nextLong() {
    state ^= state >>> 12;
    state ^= state << 25;
    state ^= state >>> 27;
    return state * MULTIPLIER;
  }
}
