package io.redknot.cluster.interop;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition of the world outside this process. */
final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofMillis(20);

  private Await() {}

  static void until(String claim, BooleanSupplier condition) {
    InstantSource clock = InstantSource.system();
    Instant deadline = clock.instant().plus(LIMIT);
    while (!condition.getAsBoolean()) {
      if (clock.instant().isAfter(deadline)) {
        throw new AssertionError(claim + ": not within " + LIMIT);
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}
