package io.redknot.server.stats;

/**
 * Rates per second, each the mean of the last {@value #SAMPLES} samples, as Redis's {@code
 * instantaneous_*} figures are. Any thread may read while one takes samples.
 */
public final class RateSampler {
  /** Samples of which a rate is the mean. */
  static final int SAMPLES = 16;

  /** What is sampled. */
  public enum Metric {
    COMMANDS,
    BYTES_IN,
    BYTES_OUT
  }

  private static final int METRICS = Metric.values().length;

  private final long[][] rates = new long[METRICS][SAMPLES];
  private final long[] last = new long[METRICS];
  private long lastNanos;
  private int next;

  /** Begins to count now. */
  public RateSampler(long nowNanos) {
    lastNanos = nowNanos;
  }

  /**
   * Takes a sample of counters that only rise.
   *
   * @param nowNanos from a clock that only runs forward
   */
  public synchronized void sample(ServerStats stats, long nowNanos) {
    long elapsed = nowNanos - lastNanos;
    if (elapsed <= 0) {
      return;
    }
    lastNanos = nowNanos;
    take(Metric.COMMANDS, stats.commandsProcessedEver(), elapsed);
    take(Metric.BYTES_IN, stats.bytesInEver(), elapsed);
    take(Metric.BYTES_OUT, stats.bytesOutEver(), elapsed);
    next = (next + 1) % SAMPLES;
  }

  private void take(Metric metric, long value, long elapsedNanos) {
    long risen = value - last[metric.ordinal()];
    last[metric.ordinal()] = value;
    rates[metric.ordinal()][next] = (long) (risen * 1e9 / elapsedNanos);
  }

  /** Units per second, lately. */
  public synchronized long perSecond(Metric metric) {
    long sum = 0;
    for (long rate : rates[metric.ordinal()]) {
      sum += rate;
    }
    return sum / SAMPLES;
  }
}
