package io.redknot.storage.keyspace;

import java.util.random.RandomGenerator;

/**
 * What an entry remembers of its use, in 24 bits: when (LRU) or how often (LFU).
 *
 * <pre>
 *   LRU   seconds of Unix time, lower 24 bits
 *   LFU   minutes of Unix time (16) | counter (8): logarithmic, falls with time
 * </pre>
 *
 * Source: Redis 7, "Using Redis as an LRU cache", approximated LFU.
 */
public final class AccessClock {
  private static final int MASK_24 = 0xffffff;
  private static final int MASK_16 = 0xffff;
  private static final int COUNTER_MAX = 255;
  private static final int COUNTER_START = 5;

  private boolean lfu;
  private int logFactor = 10;
  private int decayMinutes = 1;

  /** Chooses LFU or LRU and LFU's parameters, {@code lfu-log-factor} and {@code lfu-decay-time}. */
  public void configure(boolean countFrequency, int lfuLogFactor, int lfuDecayMinutes) {
    lfu = countFrequency;
    logFactor = lfuLogFactor;
    decayMinutes = lfuDecayMinutes;
  }

  /** Whether frequency is counted instead of time. */
  public boolean isLfu() {
    return lfu;
  }

  int fresh(long nowMs) {
    return lfu ? minutes(nowMs) << 8 | COUNTER_START : seconds(nowMs);
  }

  int touched(int clock, long nowMs, RandomGenerator random) {
    if (!lfu) {
      return seconds(nowMs);
    }
    int counter = frequency(clock, nowMs);
    if (counter < COUNTER_MAX) {
      double base = Math.max(0, counter - COUNTER_START);
      if (random.nextDouble() < 1 / (base * logFactor + 1)) {
        counter++;
      }
    }
    return minutes(nowMs) << 8 | counter;
  }

  /** LFU counter after its decay, 0 to 255. */
  public int frequency(int clock, long nowMs) {
    int elapsed = (minutes(nowMs) - (clock >>> 8)) & MASK_16;
    int periods = decayMinutes > 0 ? elapsed / decayMinutes : 0;
    return Math.max(0, (clock & 0xff) - periods);
  }

  /** Seconds since the last access. */
  public long idleSeconds(int clock, long nowMs) {
    return (long) (seconds(nowMs) - clock) & MASK_24;
  }

  /** The clock of an entry that was last used that many seconds ago. */
  public int idleClock(long idleSeconds, long nowMs) {
    return (int) (seconds(nowMs) - idleSeconds) & MASK_24;
  }

  /** The clock of an entry that was just used and has that LFU counter, 0 to 255. */
  public int frequencyClock(int counter, long nowMs) {
    return minutes(nowMs) << 8 | counter;
  }

  private static int seconds(long nowMs) {
    return (int) (nowMs / 1000) & MASK_24;
  }

  private static int minutes(long nowMs) {
    return (int) (nowMs / 60_000) & MASK_16;
  }
}
