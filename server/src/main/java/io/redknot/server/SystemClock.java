package io.redknot.server;

import java.time.Instant;

/** The machine's clocks. The only file that reads them: everybody else is given a time. */
public final class SystemClock implements Clock {
  @Override
  public long nowMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }
}
