package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.DoubleText;

/** Arguments that are doubles, in the grammar of C's {@code strtod}. */
final class DoubleArgument {
  private DoubleArgument() {}

  /**
   * The value of an argument, never NaN.
   *
   * @throws CommandError not a number as a whole, or one that no double comes near to
   */
  static double of(Args args, int index) {
    return of(args, index, CommandError.NOT_FLOAT);
  }

  /** As {@link #of(Args, int)}, with another error. */
  static double of(Args args, int index, CommandError error) {
    double value = DoubleText.readInRange(args.array(), args.offset(index), args.length(index));
    if (Double.isNaN(value)) {
      throw error;
    }
    return value;
  }

  /**
   * The value of a part of an argument as C reads it: up to a NUL, after blanks, infinite where it
   * is too great. Nothing at all is 0.
   *
   * @return NaN where it is not a number as a whole
   */
  static double upToNul(byte[] bytes, int offset, int length) {
    int end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    int from = offset;
    while (from < end && isBlank(bytes[from])) {
      from++;
    }
    return offset == end ? 0 : DoubleText.read(bytes, from, end - from);
  }

  private static boolean isBlank(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
