package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;

/**
 * What a command asks for that takes elements from the first of several keys that is there.
 *
 * @param first the first key
 * @param end behind the last key
 * @param side from which side: from the left of lists, or the greatest of sorted sets
 * @param count how many at most
 */
record FirstPop(int first, int end, boolean side, long count) {
  private static final CommandError NO_KEYS =
      CommandError.of("ERR numkeys should be greater than 0");
  private static final CommandError NO_COUNT =
      CommandError.of("ERR count should be greater than 0");

  /** Reads the word that stands for a side. */
  @FunctionalInterface
  interface Side {
    boolean of(Args args, int index);
  }

  /**
   * Reads the arguments from the number of keys on.
   *
   * @throws CommandError where they are wrong
   */
  static FirstPop of(Args args, int keysAt, Side side) {
    long keys = LongArgument.atLeast(args, keysAt, 1, NO_KEYS);
    if (keys >= args.count() - keysAt - 1) {
      throw CommandError.SYNTAX;
    }
    int end = keysAt + 1 + (int) keys;
    return new FirstPop(keysAt + 1, end, side.of(args, end), count(args, end + 1));
  }

  /** Reads COUNT, which may stand once. */
  private static long count(Args args, int at) {
    if (args.count() == at) {
      return 1;
    }
    if (!args.is(at, "count") || args.count() == at + 1) {
      throw CommandError.SYNTAX;
    }
    long count = LongArgument.atLeast(args, at + 1, 1, NO_COUNT);
    if (args.count() > at + 2) {
      throw CommandError.SYNTAX;
    }
    return count;
  }
}
