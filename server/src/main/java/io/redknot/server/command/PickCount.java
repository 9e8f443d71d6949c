package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;

/** How many elements a random pick is to be; negative: with repetitions. */
final class PickCount {
  /** More pairs than this can not be asked for. */
  static final long PAIRS_MAX = Long.MAX_VALUE / 2;

  private static final CommandError OUT_OF_RANGE =
      CommandError.of(
          "ERR value is out of range, value must between -9223372036854775807 and"
              + " 9223372036854775807");

  private PickCount() {}

  /**
   * The count that an argument is.
   *
   * @throws CommandError no integer, or one that has no positive counterpart
   */
  static long of(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    long count = args.toLong(index);
    if (count == Long.MIN_VALUE) {
      throw OUT_OF_RANGE;
    }
    return count;
  }
}
