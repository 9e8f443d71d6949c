package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;

/** Times that clients give in milliseconds from now. */
final class Timeouts {
  private static final CommandError NOT_INTEGER =
      CommandError.of("ERR timeout is not an integer or out of range");
  private static final CommandError NEGATIVE = CommandError.of("ERR timeout is negative");
  private static final CommandError OUT_OF_RANGE = CommandError.of("ERR timeout is out of range");

  private static final CommandError NOT_FLOAT =
      CommandError.of("ERR timeout is not a float or out of range");
  private static final int MS_PER_SECOND = 1000;

  private Timeouts() {}

  /** Seconds with a fraction, in milliseconds; 0: for ever. */
  static long secondsAsMs(Args args, int index, long nowMs) {
    double ms = Math.ceil(DoubleArgument.of(args, index, NOT_FLOAT) * MS_PER_SECOND);
    if (ms < 0) {
      throw NEGATIVE;
    }
    if (ms > Long.MAX_VALUE - nowMs) {
      throw OUT_OF_RANGE;
    }
    return (long) ms;
  }

  /** When that time is over, in milliseconds since 1970. */
  static long endMs(Args args, int index, long nowMs) {
    if (!args.isLong(index)) {
      throw NOT_INTEGER;
    }
    long ms = args.toLong(index);
    if (ms < 0) {
      throw NEGATIVE;
    }
    if (ms > Long.MAX_VALUE - nowMs) {
      throw OUT_OF_RANGE;
    }
    return nowMs + ms;
  }
}
