package io.redknot.storage.encoding;

import java.nio.charset.StandardCharsets;

/**
 * Doubles as text: read in the grammar of C's {@code strtod}, written with the fewest digits that
 * read back as the same value, in the form in which Redis 7.2 keeps scores in listpacks.
 */
public final class DoubleText {
  /** No text that is written is longer. */
  public static final int BYTES_MAX = 32;

  /** Integers beyond this are written like fractions. */
  private static final double INTEGER_MAX = 0x1p62;

  /** Integers up to this are doubles. */
  private static final long EXACT_MAX = 1L << 53;

  private static final double[] POWERS = powers();
  private static final int FRACTION_DIGITS_MAX = 6;

  /** Of so many digits, any two texts are different doubles. */
  private static final double DIGITS_SAFE_MAX = 1e15;

  private DoubleText() {}

  private static double[] powers() {
    double[] powers = new double[23];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  /**
   * The value of a text that is a number as a whole, blanks not included; infinite where it is too
   * great, 0 where it is too small for a double.
   *
   * @return NaN where the text is none
   */
  public static double read(byte[] text, int offset, int length) {
    int end = offset + length;
    int at = offset;
    boolean negative = at < end && text[at] == '-';
    if (negative || (at < end && text[at] == '+')) {
      at++;
    }
    double plain = readPlain(text, at, end);
    double magnitude = Double.isNaN(plain) ? readOther(text, at, end) : plain;
    return negative ? -magnitude : magnitude;
  }

  /**
   * As {@link #read}, but NaN also for numbers that are too great or too small for a double, other
   * than infinity and zero themselves.
   */
  public static double readInRange(byte[] text, int offset, int length) {
    double value = read(text, offset, length);
    boolean left =
        (Double.isInfinite(value) && !hasLetterOfInfinity(text, offset, length))
            || (value == 0 && hasDigitsOtherThanZero(text, offset, length));
    return left ? Double.NaN : value;
  }

  private static boolean hasLetterOfInfinity(byte[] text, int offset, int length) {
    int last = text[offset + length - 1] | 0x20;
    return last == 'y' || (last == 'f' && isWord(text, offset + length - 3, "inf"));
  }

  private static boolean hasDigitsOtherThanZero(byte[] text, int offset, int length) {
    boolean hexadecimal = length > 2 && isHexadecimal(text, offset, offset + length);
    for (int i = offset; i < offset + length; i++) {
      int c = text[i] | 0x20;
      if (c == 'p' || (c == 'e' && !hexadecimal)) {
        return false;
      }
      if ((text[i] >= '1' && text[i] <= '9') || (hexadecimal && c >= 'a' && c <= 'f')) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHexadecimal(byte[] text, int offset, int end) {
    boolean signed = offset < end && (text[offset] == '-' || text[offset] == '+');
    int at = signed ? offset + 1 : offset;
    return end - at > 2 && text[at] == '0' && (text[at + 1] | 0x20) == 'x';
  }

  /** Digits, with a point or without, that are exact together; NaN for everything else. */
  private static double readPlain(byte[] text, int from, int end) {
    long digits = 0;
    int point = -1;
    for (int i = from; i < end; i++) {
      int digit = text[i] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
        if (digits > EXACT_MAX) {
          return Double.NaN;
        }
      } else if (text[i] == '.' && point < 0) {
        point = i;
      } else {
        return Double.NaN;
      }
    }
    int count = end - from - (point < 0 ? 0 : 1);
    int scale = point < 0 ? 0 : end - point - 1;
    return count == 0 || scale >= POWERS.length ? Double.NaN : digits / POWERS[scale];
  }

  private static double readOther(byte[] text, int from, int end) {
    int length = end - from;
    if ((length == 3 && isWord(text, from, "inf")) || isInfinityInFull(text, from, length)) {
      return Double.POSITIVE_INFINITY;
    }
    boolean hexadecimal = isHexadecimal(text, from, end);
    int at = digitsEnd(text, hexadecimal ? from + 2 : from, end, hexadecimal);
    if (at < 0) {
      return Double.NaN;
    }
    boolean power = at < end && (text[at] | 0x20) == (hexadecimal ? 'p' : 'e');
    if (at < end && !(power && isExponent(text, at + 1, end))) {
      return Double.NaN;
    }
    String number = new String(text, from, length, StandardCharsets.ISO_8859_1);
    return Double.parseDouble(hexadecimal && !power ? number + "p0" : number);
  }

  private static boolean isInfinityInFull(byte[] text, int from, int length) {
    return length == 8 && isWord(text, from, "infinity");
  }

  private static boolean isWord(byte[] text, int from, String lowerCase) {
    for (int i = 0; i < lowerCase.length(); i++) {
      if ((text[from + i] | 0x20) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Where digits with at most one point among them end; -1 where there is no digit. */
  private static int digitsEnd(byte[] text, int from, int end, boolean hexadecimal) {
    int digits = 0;
    boolean point = false;
    int at = from;
    while (at < end) {
      int c = text[at] | 0x20;
      if ((text[at] >= '0' && text[at] <= '9') || (hexadecimal && c >= 'a' && c <= 'f')) {
        digits++;
      } else if (text[at] == '.' && !point) {
        point = true;
      } else {
        break;
      }
      at++;
    }
    return digits == 0 ? -1 : at;
  }

  private static boolean isExponent(byte[] text, int from, int end) {
    int at = from < end && (text[from] == '-' || text[from] == '+') ? from + 1 : from;
    if (at == end) {
      return false;
    }
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at == end;
  }

  /** Whether a value is kept as an integer; -0 is, and comes back as 0. */
  public static boolean isInteger(double value) {
    return Math.abs(value) <= INTEGER_MAX && value == (long) value;
  }

  /** Writes a value that is not NaN; the number of bytes, at most {@link #BYTES_MAX}. */
  public static int write(double value, byte[] target, int at) {
    if (isInteger(value)) {
      return DecimalText.write((long) value, target, at);
    }
    int fraction = writeShortFraction(value, target, at);
    return fraction > 0 ? fraction : writeText(text(value), target, at);
  }

  /** A value of few decimals, without garbage; 0 where it is not such a one. */
  private static int writeShortFraction(double value, byte[] target, int at) {
    double magnitude = Math.abs(value);
    for (int scale = 1; scale <= FRACTION_DIGITS_MAX; scale++) {
      double scaled = Math.rint(magnitude * POWERS[scale]);
      if (scaled >= DIGITS_SAFE_MAX) {
        return 0;
      }
      if (scaled / POWERS[scale] == magnitude) {
        return writeScaled(value < 0, (long) scaled, scale, target, at);
      }
    }
    return 0;
  }

  private static int writeScaled(boolean negative, long digits, int scale, byte[] target, int at) {
    int to = at;
    if (negative) {
      target[to++] = '-';
    }
    long unit = (long) POWERS[scale];
    to += DecimalText.write(digits / unit, target, to);
    target[to++] = '.';
    long rest = digits % unit;
    for (int i = to + scale - 1; i >= to; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return to + scale - at;
  }

  private static int writeText(String text, byte[] target, int at) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, target, at, bytes.length);
    return bytes.length;
  }

  private static String text(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    // Java finds the digits; what is left is where Redis puts the point and the exponent.
    String java = Double.toString(Math.abs(value));
    int e = java.indexOf('E');
    String mantissa = e < 0 ? java : java.substring(0, e);
    int point = mantissa.indexOf('.');
    String fraction = mantissa.substring(point + 1);
    String all = (mantissa.substring(0, point) + (fraction.equals("0") ? "" : fraction));
    String digits = withoutZeros(all);
    int power = e < 0 ? 0 : Integer.parseInt(java.substring(e + 1));
    int first = all.indexOf(digits);
    int exponent = power + point - first - digits.length();
    return (value < 0 ? "-" : "") + placedShortest(Math.abs(value), digits, exponent);
  }

  /** Java writes two digits at least, also where one would do: for the smallest doubles. */
  private static String placedShortest(double value, String digits, int exponent) {
    if (digits.length() == 2) {
      String rounded = Integer.toString((Integer.parseInt(digits) + 5) / 10);
      if (Double.parseDouble(rounded + "e" + (exponent + 1)) == value) {
        return rounded.equals("10") ? placed("1", exponent + 2) : placed(rounded, exponent + 1);
      }
    }
    return placed(digits, exponent);
  }

  private static String withoutZeros(String digits) {
    int from = 0;
    int to = digits.length();
    while (from < to - 1 && digits.charAt(from) == '0') {
      from++;
    }
    while (to > from + 1 && digits.charAt(to - 1) == '0') {
      to--;
    }
    return digits.substring(from, to);
  }

  /** Digits times ten to a power, in Redis's form. */
  private static String placed(String digits, int exponent) {
    int count = digits.length();
    int scientific = Math.abs(exponent + count - 1);
    if (exponent >= 0 && scientific < count + 7) {
      return digits + "0".repeat(exponent);
    }
    if (exponent < 0 && (exponent > -7 || scientific < 4)) {
      int point = count + exponent;
      return point > 0
          ? digits.substring(0, point) + "." + digits.substring(point)
          : "0." + "0".repeat(-point) + digits;
    }
    String fraction = count > 1 ? "." + digits.substring(1) : "";
    String sign = exponent + count - 1 < 0 ? "e-" : "e+";
    return digits.charAt(0) + fraction + sign + scientific;
  }
}
