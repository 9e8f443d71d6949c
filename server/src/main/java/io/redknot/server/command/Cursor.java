package io.redknot.server.command;

import io.redknot.protocol.Args;

/**
 * Cursors of the SCAN family as clients may write them: what C's {@code strtoul} reads up to a NUL,
 * without leading blanks.
 */
final class Cursor {
  /** What stands for no cursor; no walk gives it out. */
  static final long INVALID = -1;

  private static final long UNSIGNED_MAX_TENTH = Long.divideUnsigned(-1L, 10);

  private Cursor() {}

  /**
   * The cursor that an argument holds, {@link #INVALID} for none. Those beyond 63 bits, which no
   * walk gives out, become the greatest one, behind which there is nothing to visit.
   */
  static long of(Args args, int index) {
    byte[] bytes = args.array();
    int at = args.offset(index);
    int end = at;
    while (end < at + args.length(index) && bytes[end] != 0) {
      end++;
    }
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
    long signed = negative ? -value : value;
    return signed < 0 ? Long.MAX_VALUE : signed;
  }

  private static boolean exceeds(long value, int digit) {
    return Long.compareUnsigned(value, UNSIGNED_MAX_TENTH) > 0
        || (value == UNSIGNED_MAX_TENTH && digit > 5);
  }
}
