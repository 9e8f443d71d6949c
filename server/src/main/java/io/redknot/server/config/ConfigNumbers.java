package io.redknot.server.config;

/** Reads and prints the numbers of redis.conf: strict integers and sizes with a unit. */
public final class ConfigNumbers {
  static final long KIB = 1024;
  static final long MIB = KIB * KIB;
  static final long GIB = KIB * MIB;

  /** More digits than this cannot be a size, whatever the unit. */
  private static final int SIZE_DIGITS_MAX = 127;

  private ConfigNumbers() {}

  /** Reads a signed 64-bit integer without plus sign, leading zeros or blanks. */
  static long integer(String text) throws BadValueException {
    try {
      long value = Long.parseLong(text);
      if (Long.toString(value).equals(text)) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // Same answer as for a number in a form that Redis does not take.
    }
    throw new BadValueException("argument couldn't be parsed into an integer");
  }

  /**
   * Reads a size in bytes: digits, then one of b, k, kb, m, mb, g, gb in any case (k, m and g count
   * by thousands). No digits at all are zero, as in Redis.
   *
   * @return the size, or -1 if the text is no size or does not fit a signed 64-bit integer
   */
  public static long sizeBytes(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    long unit = unitBytes(text.substring(digits));
    if (unit < 0 || digits > SIZE_DIGITS_MAX) {
      return -1;
    }
    try {
      return digits == 0 ? 0 : Math.multiplyExact(Long.parseLong(text, 0, digits, 10), unit);
    } catch (ArithmeticException | NumberFormatException tooLarge) {
      return -1;
    }
  }

  private static long unitBytes(String unit) {
    return switch (ConfigTable.lowerCase(unit)) {
      case "", "b" -> 1;
      case "k" -> 1000;
      case "kb" -> KIB;
      case "m" -> 1000 * 1000;
      case "mb" -> MIB;
      case "g" -> 1000L * 1000 * 1000;
      case "gb" -> GIB;
      default -> -1;
    };
  }

  /** Prints a size in the largest binary unit that divides it, as CONFIG REWRITE does. */
  static String sizeText(long bytes) {
    if (bytes != 0 && bytes % GIB == 0) {
      return bytes / GIB + "gb";
    }
    if (bytes != 0 && bytes % MIB == 0) {
      return bytes / MIB + "mb";
    }
    return bytes != 0 && bytes % KIB == 0 ? bytes / KIB + "kb" : Long.toString(bytes);
  }
}
