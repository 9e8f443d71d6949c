package io.redknot.server;

/** The two clocks of the server; tests put their own in place. */
public interface Clock {
  /** Wall-clock time in milliseconds since 1970. */
  long nowMs();

  /** Wall-clock time in microseconds since 1970. */
  long nowMicros();

  /** A clock that only runs forward, in nanoseconds from an arbitrary start. */
  long nanos();
}
