package io.redknot.server.tool;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/** The tool's one clock: waits for a condition, within a limit. */
final class Patience {
  private static final long POLL_MS = 100;

  private Patience() {}

  /** A time to compare with others of the same run. */
  static long nanos() {
    return System.nanoTime();
  }

  /** As long as {@link #await} waits between two looks. */
  static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(POLL_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** Something that nodes are asked about again and again. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Polls every 100 ms; returns whether the condition held before the limit passed. */
  static boolean await(long limitMs, Condition condition) throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMs);
    while (!condition.holds()) {
      if (System.nanoTime() - deadlineNs > 0) {
        return false;
      }
      Thread.sleep(POLL_MS);
    }
    return true;
  }
}
