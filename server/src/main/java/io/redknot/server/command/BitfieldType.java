package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.server.dispatch.CommandError;

/**
 * The type of a BITFIELD number.
 *
 * @param signed whether it is in two's complement
 * @param width bits: 1 to 64, unsigned at most 63
 */
record BitfieldType(boolean signed, int width) {
  private static final CommandError INVALID =
      CommandError.of(
          "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but"
              + " i64 is.");

  /** What happens to a number that does not fit. */
  enum Overflow {
    WRAP,
    SATURATE,
    FAIL
  }

  /**
   * Reads a type: {@code i} or {@code u} and a width.
   *
   * @throws CommandError where it is none
   */
  static BitfieldType parse(Args args, int index) {
    int from = args.offset(index) + 1;
    int digits = args.length(index) - 1;
    if (digits < 1 || !AsciiNumbers.isLong(args.array(), from, digits)) {
      throw INVALID;
    }
    byte letter = args.array()[from - 1];
    long width = AsciiNumbers.toLong(args.array(), from, digits);
    if ((letter != 'i' && letter != 'u') || width < 1 || width > (letter == 'i' ? 64 : 63)) {
      throw INVALID;
    }
    return new BitfieldType(letter == 'i', (int) width);
  }

  /** The number that the bits of a field are. */
  long number(long bits) {
    int unused = Long.SIZE - width;
    return signed ? bits << unused >> unused : bits << unused >>> unused;
  }

  /** Whether {@code number + increment} does not fit; the number alone must not fit either. */
  boolean overflows(long number, long increment) {
    return direction(number, increment) != 0;
  }

  /** What is stored in place of a sum that does not fit; FAIL stores nothing. */
  long replacement(long number, long increment, Overflow overflow) {
    if (overflow != Overflow.SATURATE) {
      return number(number + increment);
    }
    return direction(number, increment) > 0 ? maximum() : minimum();
  }

  private long maximum() {
    return signed ? Long.MAX_VALUE >>> (Long.SIZE - width) : -1L >>> (Long.SIZE - width);
  }

  private long minimum() {
    return signed ? -maximum() - 1 : 0;
  }

  /** 1 where the sum is above the type's range, -1 where it is below, 0 inside. */
  private int direction(long number, long increment) {
    return signed ? signedDirection(number, increment) : unsignedDirection(number, increment);
  }

  /**
   * The room upwards is compared before the number itself is known to be above the minimum, in 64
   * bits: a number far below the range counts as above it. That is what Redis answers.
   */
  private int signedDirection(long number, long increment) {
    long roomAbove = maximum() - number;
    long roomBelow = minimum() - number;
    boolean narrow = width < Long.SIZE;
    if (number > maximum()
        || (narrow && increment > roomAbove)
        || (number >= 0 && increment > 0 && increment > roomAbove)) {
      return 1;
    }
    boolean below =
        number < minimum()
            || (narrow && increment < roomBelow)
            || (number < 0 && increment < 0 && increment < roomBelow);
    return below ? -1 : 0;
  }

  /** The number is taken as unsigned: a negative argument is above every range. */
  private int unsignedDirection(long number, long increment) {
    boolean above = number < 0 || number > maximum();
    if (above || (increment > 0 && increment > maximum() - number)) {
      return 1;
    }
    return increment < 0 && increment < -number ? -1 : 0;
  }
}
