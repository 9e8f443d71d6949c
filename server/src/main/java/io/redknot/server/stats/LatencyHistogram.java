package io.redknot.server.stats;

/**
 * Counts durations in nanoseconds with two significant decimal digits, in the buckets that an HDR
 * histogram of that precision has, so that percentiles print as Redis prints them.
 *
 * <pre>
 *   value < 256                      bucket = value
 *   else, with e = bits(value) - 8   bucket = 128 * e + (value >> e), (value >> e) in 128..255
 * </pre>
 *
 * <p>Values above one second are counted as one second. One thread writes; others may read counts
 * that are a moment old.
 */
public final class LatencyHistogram {
  private static final int LINEAR = 256;
  private static final int HALF = LINEAR / 2;
  private static final long NANOS_MAX = 1_000_000_000L;
  private static final int BUCKETS = bucket(NANOS_MAX) + 1;

  private final long[] counts = new long[BUCKETS];

  /** Counts one duration. */
  public void record(long nanos) {
    counts[bucket(Math.clamp(nanos, 1, NANOS_MAX))]++;
  }

  /** Adds what another histogram counted. */
  public void add(LatencyHistogram other) {
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** Takes away what another histogram counted. */
  public void subtract(LatencyHistogram other) {
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] -= other.counts[i];
    }
  }

  /** Number of durations counted. */
  public long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /** The duration in nanoseconds below or at which that share (0 to 100) of the values lies. */
  public long percentile(double percent) {
    long wanted = Math.max(1, (long) (percent / 100 * total() + 0.5));
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return highest(i);
      }
    }
    return 0;
  }

  /** Number of durations of at most that many nanoseconds, to the precision of a bucket. */
  public long countUpTo(long nanos) {
    int last = bucket(Math.clamp(nanos, 1, NANOS_MAX));
    long count = 0;
    for (int i = 0; i <= last; i++) {
      count += counts[i];
    }
    return count;
  }

  /** The longest duration in nanoseconds that is not told apart from the given one. */
  public static long bucketEnd(long nanos) {
    return highest(bucket(Math.max(1, nanos)));
  }

  private static int bucket(long nanos) {
    if (nanos < LINEAR) {
      return (int) nanos;
    }
    int exponent = Long.SIZE - Long.numberOfLeadingZeros(nanos) - 8;
    return HALF * exponent + (int) (nanos >>> exponent);
  }

  private static long highest(int bucket) {
    if (bucket < LINEAR) {
      return bucket;
    }
    int exponent = bucket / HALF - 1;
    return ((long) (bucket - HALF * exponent + 1) << exponent) - 1;
  }
}
