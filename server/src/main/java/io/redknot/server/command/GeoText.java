package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Coordinates and distances as replies show them. */
final class GeoText {
  private static final long COORDINATE_ONE = 100_000_000_000_000_000L;
  private static final int COORDINATE_DECIMALS = 17;
  private static final int DISTANCE_DECIMALS = 4;
  private static final long DISTANCE_ONE = 10_000;
  private static final int ERROR_DECIMALS = 6;

  /** Bits of a double's mantissa below its first one, and of a {@code long}. */
  private static final int MANTISSA_BITS = 52;

  private GeoText() {}

  /** Writes a longitude and a latitude. */
  static void writePlace(RespWriter out, double longitude, double latitude) {
    out.array(2);
    out.real(coordinate(longitude));
    out.real(coordinate(latitude));
  }

  /**
   * A coordinate with as many of 17 decimals as are not zeros: the exact value of the double,
   * rounded to the nearest, ties to even.
   *
   * @param degrees from -180 to 180
   */
  static String coordinate(double degrees) {
    long scaled = scaled(Math.abs(degrees));
    if (scaled == 0) {
      return "0";
    }
    StringBuilder text = new StringBuilder(COORDINATE_DECIMALS + 5);
    if (degrees < 0) {
      text.append('-');
    }
    text.append(Long.divideUnsigned(scaled, COORDINATE_ONE));
    long fraction = Long.remainderUnsigned(scaled, COORDINATE_ONE);
    if (fraction > 0) {
      text.append('.');
      String digits = Long.toString(fraction);
      text.repeat('0', COORDINATE_DECIMALS - digits.length());
      int end = digits.length();
      while (digits.charAt(end - 1) == '0') {
        end--;
      }
      text.append(digits, 0, end);
    }
    return text.toString();
  }

  /** A number from 0 to 180 times {@link #COORDINATE_ONE}, rounded; unsigned. */
  private static long scaled(double value) {
    int exponent = Math.getExponent(value) - MANTISSA_BITS;
    long mantissa =
        (Double.doubleToRawLongBits(value) & ((1L << MANTISSA_BITS) - 1)) | (1L << MANTISSA_BITS);
    // The product has 53 + 57 bits at most; the mantissa of a coordinate has bits behind the point.
    int shift = -exponent;
    if (shift >= 2 * Long.SIZE - 1) {
      return 0;
    }
    long high = Math.multiplyHigh(mantissa, COORDINATE_ONE);
    long low = mantissa * COORDINATE_ONE;
    long floor = shift < Long.SIZE ? shifted(high, low, shift) : high >>> (shift - Long.SIZE);
    // What is cut off, as a number of 128 bits with the point before it.
    int left = 2 * Long.SIZE - shift;
    long cut =
        left < Long.SIZE ? (high << left) | (low >>> (Long.SIZE - left)) : low << (left - 64);
    boolean more = left < Long.SIZE && low << left != 0;
    boolean up = cut < 0 && (cut != Long.MIN_VALUE || more || (floor & 1) != 0);
    return up ? floor + 1 : floor;
  }

  /** The low 64 bits of a number of 128 that is shifted to the right by 1 to 63. */
  private static long shifted(long high, long low, int shift) {
    return (high << (Long.SIZE - shift)) | (low >>> shift);
  }

  /**
   * A distance with four decimals. One that is no number is shown as C shows it.
   *
   * @param distance at least 0, in any unit
   */
  static String distance(double distance) {
    double scaled = Math.rint(distance * DISTANCE_ONE);
    long ticks = scaled < Long.MAX_VALUE ? (long) scaled : Long.MIN_VALUE;
    return BigDecimal.valueOf(ticks, DISTANCE_DECIMALS).toPlainString();
  }

  /** A number as C's {@code %f} shows it. */
  static String plain(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    BigDecimal rounded = new BigDecimal(value).setScale(ERROR_DECIMALS, RoundingMode.HALF_EVEN);
    boolean lostSign = rounded.signum() == 0 && Double.doubleToRawLongBits(value) < 0;
    return lostSign ? "-" + rounded.toPlainString() : rounded.toPlainString();
  }
}
