package io.redknot.storage.encoding;

/**
 * Decimal texts of 64-bit integers in canonical form: no {@code +}, no blanks, no leading zeros,
 * not {@code -0}. Only such a text may be kept as a number, since only it comes back as it was.
 */
public final class DecimalText {
  /** Longest text: {@code -9223372036854775808}. */
  public static final int BYTES_MAX = 20;

  private DecimalText() {}

  /** Whether bytes are the canonical text of a signed 64-bit integer. */
  public static boolean isLong(byte[] bytes, int offset, int length) {
    if (length <= 0 || length > BYTES_MAX) {
      return false;
    }
    int at = offset;
    int end = offset + length;
    boolean negative = bytes[at] == '-';
    if (negative && ++at == end) {
      return false;
    }
    if (bytes[at] == '0') {
      return length == 1;
    }
    // The value is built negative, as the negative range is the larger one.
    long value = 0;
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9 || value < Long.MIN_VALUE / 10) {
        return false;
      }
      value *= 10;
      if (value < Long.MIN_VALUE + digit) {
        return false;
      }
      value -= digit;
    }
    return negative || value != Long.MIN_VALUE;
  }

  /** The value of a text for which {@link #isLong} holds; otherwise the result is meaningless. */
  public static long toLong(byte[] bytes, int offset, int length) {
    boolean negative = bytes[offset] == '-';
    long value = 0;
    for (int i = negative ? offset + 1 : offset; i < offset + length; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return negative ? -value : value;
  }

  /** Number of bytes of a value's text: 1 to {@value #BYTES_MAX}. */
  public static int length(long value) {
    int length = value < 0 ? 2 : 1;
    for (long rest = value / 10; rest != 0; rest /= 10) {
      length++;
    }
    return length;
  }

  /** Writes a value's text; the number of bytes written. */
  public static int write(long value, byte[] target, int at) {
    int length = length(value);
    long rest = value;
    int i = at + length;
    do {
      target[--i] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (value < 0) {
      target[at] = '-';
    }
    return length;
  }
}
