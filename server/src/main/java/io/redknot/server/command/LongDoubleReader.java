package io.redknot.server.command;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The grammar of a {@link LongDouble}'s text; one for each text. */
final class LongDoubleReader {
  /** Redis reads no text of so many bytes. */
  private static final int TEXT_BYTES_END = 5 * 1024;

  /** Decimal numbers of this magnitude or above are infinite, and likewise close to zero. */
  private static final int DECIMAL_EXPONENT_END = 5000;

  /** As above for powers of two. */
  private static final int BINARY_EXPONENT_END = 17_000;

  /** Exponents are not counted further. */
  private static final int EXPONENT_COUNTED_MAX = 100_000_000;

  private final String text;
  private int at;

  LongDoubleReader(byte[] bytes, int offset, int length) {
    text =
        length < TEXT_BYTES_END
            ? new String(bytes, offset, length, StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT)
            : "";
  }

  @Nullable LongDouble read() {
    boolean negative = next('-');
    if (!negative) {
      next('+');
    }
    String rest = text.substring(at);
    if (rest.equals("inf") || rest.equals("infinity")) {
      return LongDouble.INFINITE;
    }
    boolean hexadecimal = rest.startsWith("0x");
    if (hexadecimal) {
      at += 2;
    }
    return number(negative, hexadecimal);
  }

  private boolean next(char wanted) {
    boolean found = at < text.length() && text.charAt(at) == wanted;
    if (found) {
      at++;
    }
    return found;
  }

  private @Nullable LongDouble number(boolean negative, boolean hexadecimal) {
    int radix = hexadecimal ? 16 : 10;
    String whole = digits(radix);
    String fraction = next('.') ? digits(radix) : "";
    String all = whole + fraction;
    long exponent = 0;
    if (!all.isEmpty() && next(hexadecimal ? 'p' : 'e')) {
      boolean down = next('-');
      if (!down) {
        next('+');
      }
      String power = digits(10);
      if (power.isEmpty()) {
        return null;
      }
      exponent = down ? -counted(power) : counted(power);
    }
    if (all.isEmpty() || at < text.length()) {
      return null;
    }
    BigInteger magnitude = new BigInteger(all, radix);
    BigInteger signed = negative ? magnitude.negate() : magnitude;
    return hexadecimal
        ? binary(signed, exponent - 4L * fraction.length())
        : decimal(signed, exponent - fraction.length());
  }

  private String digits(int radix) {
    int from = at;
    while (at < text.length()
        && text.charAt(at) < 128
        && Character.digit(text.charAt(at), radix) >= 0) {
      at++;
    }
    return text.substring(from, at);
  }

  private static long counted(String power) {
    long value = 0;
    for (int i = 0; i < power.length() && value < EXPONENT_COUNTED_MAX; i++) {
      value = value * 10 + (power.charAt(i) - '0');
    }
    return value;
  }

  private static @Nullable LongDouble binary(BigInteger mantissa, long exponent) {
    if (mantissa.signum() == 0) {
      return LongDouble.ZERO;
    }
    boolean near = Math.abs(exponent + mantissa.bitLength()) < BINARY_EXPONENT_END;
    return near ? proper(LongDouble.ofBinary(mantissa, (int) exponent)) : null;
  }

  private static @Nullable LongDouble decimal(BigInteger digits, long exponent) {
    if (digits.signum() == 0) {
      return LongDouble.ZERO;
    }
    // Of n bits there are at least 3 n / 10 decimal digits.
    boolean near = Math.abs(exponent + digits.bitLength() * 3L / 10) < DECIMAL_EXPONENT_END;
    return near ? proper(LongDouble.ofDecimal(digits, (int) exponent)) : null;
  }

  /** Text that is not infinity or zero itself must not become it. */
  private static @Nullable LongDouble proper(LongDouble value) {
    return value.isFinite() && !value.isZero() ? value : null;
  }
}
