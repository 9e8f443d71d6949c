package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.fail;

import io.redknot.server.Clock;
import io.redknot.server.SystemClock;
import java.util.function.BooleanSupplier;

/** Waits for what other threads bring about. */
public final class Eventually {
  private static final long PATIENCE_MS = 10_000;
  private static final Clock CLOCK = new SystemClock();

  private Eventually() {}

  /** Returns when the condition holds; fails where it does not within ten seconds. */
  public static void await(String what, BooleanSupplier condition) {
    long endMs = CLOCK.nowMs() + PATIENCE_MS;
    while (!condition.getAsBoolean()) {
      if (CLOCK.nowMs() > endMs) {
        fail("waited in vain for: " + what);
      }
      Thread.onSpinWait();
    }
  }
}
