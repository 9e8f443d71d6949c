package io.redknot.server.command;

import io.redknot.protocol.Args;

/**
 * Cursors of the SCAN family as clients may write them: what C's {@code strtoul} reads, without
 * leading blanks.
 */
final class Cursor {
  /** What stands for no cursor; no walk gives it out. */
  static final long INVALID = -1;

  private static final long UNSIGNED_MAX_TENTH = Long.divideUnsigned(-1L, 10);

  private Cursor() {}

  /**
   * The cursor that an argument holds; {@link #INVALID} for none. A cursor that no walk gives out
   * ends a walk, and so do those beyond 63 bits.
   */
  static long of(Args args, int index) {
    byte[] bytes = args.array();
    int at = args.offset(index);
    int end = at + args.length(index);
    if (at == end) {
      return 0;
    }
    boolean negative = bytes[at] == '-';
    if (negative || bytes[at] == '+') {
      at++;
    }
    if (at == end) {
      return INVALID;
    }
    long value = 0;
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9 || exceeds(value, digit)) {
        return INVALID;
      }
      value = value * 10 + digit;
    }
    return (negative ? -value : value) & Long.MAX_VALUE;
  }

  private static boolean exceeds(long value, int digit) {
    return Long.compareUnsigned(value, UNSIGNED_MAX_TENTH) > 0
        || (value == UNSIGNED_MAX_TENTH && digit > 5);
  }
}
