package io.redknot.server.differential;

import java.util.concurrent.TimeUnit;

/**
 * How long a test goes on: a fixed number of sequences, and with {@code
 * -Dredknot.differential.seconds=N} further ones until N seconds are over. The one file here that
 * reads a clock and a property.
 */
final class Budget {
  private static final long SECONDS = Long.getLong("redknot.differential.seconds", 0);

  private final int sequences;
  private final long startNanos = System.nanoTime();

  Budget(int sequences) {
    this.sequences = sequences;
  }

  /** Whether one more sequence is to be run after so many. */
  boolean allows(int done) {
    return done < sequences || System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(SECONDS);
  }

  /** The only seed to run where {@code -Dredknot.differential.seed=N} is given, otherwise none. */
  static long[] chosenSeeds() {
    Long seed = Long.getLong("redknot.differential.seed");
    return seed == null ? new long[0] : new long[] {seed};
  }
}
