package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.fail;

import io.redknot.server.Clock;
import io.redknot.server.SystemClock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads bring about. */
public final class Eventually {
  /** Short: some things last no longer; and not nothing: who is waited for needs a core as well. */
  private static final long PAUSE_NANOS = 100_000;

  private static final long PATIENCE_MS = 60_000;
  private static final Clock CLOCK = new SystemClock();

  private Eventually() {}

  /** Returns when the condition holds; fails where it does not within a minute. */
  public static void await(String what, BooleanSupplier condition) {
    long endMs = CLOCK.nowMs() + PATIENCE_MS;
    while (!condition.getAsBoolean()) {
      if (CLOCK.nowMs() > endMs) {
        fail("waited in vain for: " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
