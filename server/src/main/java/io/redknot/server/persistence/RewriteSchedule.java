package io.redknot.server.persistence;

import io.redknot.server.config.ServerConfig;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the append-only file is to be rewritten, and how it went before. After some failures in a
 * row, what is not asked for by a client waits longer and longer: each try leaves another file.
 */
public final class RewriteSchedule {
  private static final Logger LOG = LoggerFactory.getLogger(RewriteSchedule.class);

  /** From so many failures in a row on, it waits. */
  private static final int FAILURES_MAX = 3;

  private static final long DELAY_MINUTES_MAX = 60;

  private final ServerConfig config;
  private volatile boolean scheduled;
  private volatile boolean ok = true;
  private volatile long beganMs;
  private volatile long tookMs = -1;
  private volatile long begun;
  private volatile long failures;

  // Of the thread that asks.
  private long delayMinutes;
  private long nextMs;

  RewriteSchedule(ServerConfig config) {
    this.config = config;
  }

  /** One is to begin as soon as nothing else is written. */
  public void schedule() {
    scheduled = true;
  }

  void unschedule() {
    scheduled = false;
  }

  /** Whether one is to begin as soon as nothing else is written. */
  public boolean isScheduled() {
    return scheduled;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one at a time
  void begun(long nowMs) {
    scheduled = false;
    beganMs = nowMs;
    begun++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one at a time
  void ended(long nowMs, boolean worked, boolean cancelled) {
    tookMs = nowMs - beganMs;
    beganMs = 0;
    if (!cancelled) {
      ok = worked;
      failures = worked ? 0 : failures + 1;
    }
  }

  /** Whether one that is asked for, or that the file has to begin with, may begin now. */
  boolean isDue(long nowMs, boolean waiting) {
    return (scheduled || waiting) && !mustWait(nowMs);
  }

  /** Whether the file has grown so much that one is to begin now. */
  boolean hasGrown(long nowMs, long bytes, long baseBytes) {
    long percentage = config.autoAofRewritePercentage.get();
    if (percentage == 0 || bytes <= config.autoAofRewriteMinSize.get()) {
      return false;
    }
    long before = Math.max(baseBytes, 1);
    long growth = (long) (bytes * 100.0 / before) - 100;
    if (growth < percentage || mustWait(nowMs)) {
      return false;
    }
    LOG.info("Starting automatic rewriting of AOF on {}% growth", growth);
    return true;
  }

  private boolean mustWait(long nowMs) {
    if (failures < FAILURES_MAX) {
      delayMinutes = 0;
      nextMs = 0;
      return false;
    }
    if (nextMs == 0) {
      delayMinutes = delayMinutes == 0 ? 1 : Math.min(2 * delayMinutes, DELAY_MINUTES_MAX);
      nextMs = nowMs + TimeUnit.MINUTES.toMillis(delayMinutes);
      LOG.warn(
          "Background AOF rewrite has repeatedly failed and triggered the limit, will retry in {}"
              + " minutes",
          delayMinutes);
    }
    if (nowMs < nextMs) {
      return true;
    }
    nextMs = 0;
    return false;
  }

  /** Whether the last one worked. */
  public boolean ok() {
    return ok;
  }

  /** When the one that is under way was asked for, Unix ms; 0: none is. */
  public long beganMs() {
    return beganMs;
  }

  /** How long the last one took, in ms; -1: there was none. */
  public long tookMs() {
    return tookMs;
  }

  /** How many were begun. */
  public long count() {
    return begun;
  }

  /** How many have failed since one worked. */
  public long failures() {
    return failures;
  }
}
