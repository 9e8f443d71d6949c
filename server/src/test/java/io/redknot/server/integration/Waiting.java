package io.redknot.server.integration;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** The clock of these tests: waits until something is so, and says what was not if it never is. */
final class Waiting {
  /** Far beyond what anything here takes: only a failing test waits for so long. */
  static final long LIMIT_MS = 60_000;

  private static final long POLL_MS = 20;

  private Waiting() {}

  /** Something asked again and again; a connection that fails is a "no". */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  /** What is still in the way; empty when nothing is. */
  @FunctionalInterface
  interface Obstacle {
    String now() throws IOException;
  }

  /** A time to compare with others of the same run. */
  static long nanos() {
    return System.nanoTime();
  }

  /** Waits until the condition holds. */
  static void until(String what, Condition condition) {
    untilNothing(what, () -> condition.holds() ? "" : "not so yet");
  }

  /**
   * Waits until there is no obstacle.
   *
   * @throws AssertionError with the last obstacle, after {@link #LIMIT_MS}
   */
  static void untilNothing(String what, Obstacle obstacle) {
    long startNs = System.nanoTime();
    String last = look(obstacle);
    while (!last.isEmpty()) {
      if (System.nanoTime() - startNs > TimeUnit.MILLISECONDS.toNanos(LIMIT_MS)) {
        throw new AssertionError("never came true: " + what + "; last seen: " + last);
      }
      pause();
      last = look(obstacle);
    }
  }

  private static String look(Obstacle obstacle) {
    try {
      return obstacle.now();
    } catch (IOException broken) {
      return broken.toString();
    }
  }

  /** Lets a little time go by before something is tried once more. */
  static void pause() {
    try {
      Thread.sleep(POLL_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting", e);
    }
  }
}
