package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;

/** Arguments that are 64-bit integers. */
final class LongArgument {
  private LongArgument() {}

  /**
   * The value of an argument.
   *
   * @throws CommandError not a canonical integer
   */
  static long of(Args args, int index) {
    return of(args, index, CommandError.NOT_INTEGER);
  }

  private static long of(Args args, int index, CommandError error) {
    if (!args.isLong(index)) {
      throw error;
    }
    return args.toLong(index);
  }

  /** As {@link #of(Args, int)}, at least so much; the same error where it is less or none. */
  static long atLeast(Args args, int index, long least, CommandError error) {
    long value = of(args, index, error);
    if (value < least) {
      throw error;
    }
    return value;
  }
}
