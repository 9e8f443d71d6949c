package io.redknot.protocol;

import java.nio.charset.StandardCharsets;

/**
 * Integers and doubles as the ASCII text that Redis reads and writes, without intermediate strings
 * for integers.
 *
 * <p>Integer grammar ("canonical"): an optional {@code -}, then digits without leading zeros; no
 * {@code +}, no blanks, not {@code -0}; within the signed 64-bit range.
 */
public final class AsciiNumbers {
  /** Longest text of a signed 64-bit integer: {@code -9223372036854775808}. */
  public static final int LONG_TEXT_MAX = 20;

  /** No text of a double is longer. */
  public static final int DOUBLE_TEXT_MAX = 32;

  private static final int SHORT_FRACTION_MAX = 6;
  private static final double SHORT_DIGITS_END = 1e15;
  private static final byte[] DIGIT_PAIRS = digitPairs();
  private static final byte[] MIN_LONG = "-9223372036854775808".getBytes(StandardCharsets.US_ASCII);

  private AsciiNumbers() {}

  private static byte[] digitPairs() {
    byte[] pairs = new byte[200];
    for (int i = 0; i < 100; i++) {
      pairs[2 * i] = (byte) ('0' + i / 10);
      pairs[2 * i + 1] = (byte) ('0' + i % 10);
    }
    return pairs;
  }

  /** Whether the bytes are a canonical signed 64-bit integer. */
  public static boolean isLong(byte[] bytes, int offset, int length) {
    if (length <= 0 || length > LONG_TEXT_MAX) {
      return false;
    }
    boolean negative = bytes[offset] == '-';
    int first = negative ? offset + 1 : offset;
    int digits = length - (negative ? 1 : 0);
    if (digits == 0) {
      return false;
    }
    if (bytes[first] == '0') {
      return digits == 1 && !negative;
    }
    for (int i = first; i < first + digits; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return false;
      }
    }
    return digits < 19 || fitsLong(bytes, first, digits, negative);
  }

  private static boolean fitsLong(byte[] bytes, int first, int digits, boolean negative) {
    if (digits > 19) {
      return false;
    }
    for (int i = 0; i < 19; i++) {
      int difference = bytes[first + i] - MIN_LONG[1 + i];
      if (difference != 0) {
        return difference < 0;
      }
    }
    return negative;
  }

  /** The value of bytes for which {@link #isLong} holds; otherwise the result is meaningless. */
  public static long toLong(byte[] bytes, int offset, int length) {
    boolean negative = bytes[offset] == '-';
    long value = 0;
    for (int i = negative ? offset + 1 : offset; i < offset + length; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return negative ? -value : value;
  }

  /** Number of bytes that {@link #write} produces for the value: 1 to 20. */
  public static int textLength(long value) {
    if (value < 0) {
      return value == Long.MIN_VALUE ? LONG_TEXT_MAX : 1 + textLength(-value);
    }
    int length = 1;
    long rest = value;
    while (rest >= 10) {
      rest /= 10;
      length++;
    }
    return length;
  }

  /**
   * Writes the decimal text of the value.
   *
   * @return the number of bytes written, 1 to 20
   */
  public static int write(long value, byte[] target, int offset) {
    if (value >= 0 && value < 10) {
      target[offset] = (byte) ('0' + value);
      return 1;
    }
    if (value == Long.MIN_VALUE) {
      System.arraycopy(MIN_LONG, 0, target, offset, LONG_TEXT_MAX);
      return LONG_TEXT_MAX;
    }
    int length = textLength(value);
    long rest = Math.abs(value);
    int at = offset + length;
    while (rest >= 100) {
      int pair = (int) (rest % 100) * 2;
      rest /= 100;
      target[--at] = DIGIT_PAIRS[pair + 1];
      target[--at] = DIGIT_PAIRS[pair];
    }
    if (rest >= 10) {
      target[--at] = DIGIT_PAIRS[(int) rest * 2 + 1];
      target[--at] = DIGIT_PAIRS[(int) rest * 2];
    } else {
      target[--at] = (byte) ('0' + rest);
    }
    if (value < 0) {
      target[offset] = '-';
    }
    return length;
  }

  /**
   * A double as Redis 7.2 prints it: an integral value up to 2^62 as an integer; otherwise the
   * shortest digits that read back as the same value, plain or with an exponent of at least one
   * digit and always a sign.
   */
  public static String text(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    if (Math.abs(value) <= 0x1p62 && value == Math.rint(value)) {
      return Long.toString((long) value);
    }
    return shortest(value);
  }

  /**
   * Writes the text of a double, see {@link #text(double)}; without garbage where it is an integer
   * or has few decimals.
   *
   * @return the number of bytes written, at most {@link #DOUBLE_TEXT_MAX}
   */
  public static int write(double value, byte[] target, int offset) {
    if (value == (long) value && Math.abs(value) <= 0x1p62 && (value != 0 || 1 / value > 0)) {
      return write((long) value, target, offset);
    }
    int fraction = writeShortFraction(value, target, offset);
    return fraction > 0 ? fraction : writeAscii(text(value), target, offset);
  }

  @SuppressWarnings("deprecation") // the one conversion of ASCII that makes no garbage
  private static int writeAscii(String text, byte[] target, int offset) {
    text.getBytes(0, text.length(), target, offset);
    return text.length();
  }

  /**
   * Of all texts of so few digits no two are the same double, so that the first one found is the
   * shortest; 0 where there is none.
   */
  private static int writeShortFraction(double value, byte[] target, int offset) {
    double magnitude = Math.abs(value);
    long unit = 1;
    for (int decimals = 1; decimals <= SHORT_FRACTION_MAX; decimals++) {
      unit *= 10;
      double scaled = Math.rint(magnitude * unit);
      if (scaled >= SHORT_DIGITS_END) {
        return 0;
      }
      if (scaled / unit == magnitude && scaled > 0) {
        return writeScaled(value < 0, (long) scaled, unit, target, offset);
      }
    }
    return 0;
  }

  private static int writeScaled(
      boolean negative, long digits, long unit, byte[] target, int offset) {
    int at = offset;
    if (negative) {
      target[at++] = '-';
    }
    at += write(digits / unit, target, at);
    target[at++] = '.';
    long rest = digits % unit;
    for (long place = unit / 10; place > 0; place /= 10) {
      target[at++] = (byte) ('0' + rest / place % 10);
    }
    return at - offset;
  }

  /** Java writes two digits at least, also where one would do: for the smallest doubles. */
  private static java.math.BigDecimal digits(double magnitude) {
    java.math.BigDecimal decimal =
        new java.math.BigDecimal(Double.toString(magnitude)).stripTrailingZeros();
    if (decimal.precision() == 2) {
      java.math.BigDecimal rounded =
          decimal.round(new java.math.MathContext(1, java.math.RoundingMode.HALF_UP));
      if (rounded.doubleValue() == magnitude) {
        return rounded.stripTrailingZeros();
      }
    }
    return decimal;
  }

  private static String shortest(double value) {
    java.math.BigDecimal decimal = digits(Math.abs(value));
    String digits = decimal.unscaledValue().toString();
    int exponent = -decimal.scale();
    int count = digits.length();
    int scientific = Math.abs(exponent + count - 1);
    StringBuilder out = new StringBuilder(32).append(value < 0 ? "-" : "");
    if (exponent >= 0 && scientific < count + 7) {
      return out.append(digits).repeat('0', exponent).toString();
    }
    if (exponent < 0 && (exponent > -7 || scientific < 4)) {
      int point = count + exponent;
      if (point > 0) {
        return out.append(digits, 0, point).append('.').append(digits, point, count).toString();
      }
      return out.append("0.").repeat('0', -point).append(digits).toString();
    }
    out.append(digits.charAt(0));
    if (count > 1) {
      out.append('.').append(digits, 1, count);
    }
    return out.append('e')
        .append(exponent + count - 1 < 0 ? '-' : '+')
        .append(scientific)
        .toString();
  }
}
