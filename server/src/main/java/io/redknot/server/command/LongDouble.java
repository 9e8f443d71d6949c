package io.redknot.server.command;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * The 80-bit floating-point numbers of x86 ({@code long double}), in which Redis adds: a mantissa
 * of 64 bits, exponents down to -16445, the result of every operation rounded to the nearest, ties
 * to even.
 *
 * <p>The arithmetic is exact on integers of any size and rounds once.
 */
final class LongDouble {
  /** Zero. */
  static final LongDouble ZERO = new LongDouble(BigInteger.ZERO, 0);

  /** What is too large for a number, of either sign. */
  static final LongDouble INFINITE = new LongDouble(BigInteger.ZERO, 0);

  private static final int MANTISSA_BITS = 64;

  /** Exponent of the smallest number's last bit. */
  private static final int EXPONENT_MIN = -16445;

  /** Numbers with more bits before the point are infinite. */
  private static final int INTEGER_BITS_MAX = 16384;

  private static final int DECIMALS = 17;
  private static final BigInteger TEN_TO_DECIMALS = BigInteger.TEN.pow(DECIMALS);

  /** The value is {@code mantissa * 2^exponent}. */
  private final BigInteger mantissa;

  private final int exponent;

  private LongDouble(BigInteger mantissa, int exponent) {
    this.mantissa = mantissa;
    this.exponent = exponent;
  }

  /** The number that is an integer. */
  static LongDouble of(long value) {
    return new LongDouble(BigInteger.valueOf(value), 0);
  }

  /** The number nearest to {@code mantissa * 2^exponent}. */
  static LongDouble ofBinary(BigInteger mantissa, int exponent) {
    return rounded(mantissa, exponent, false);
  }

  /** The number nearest to {@code digits * 10^exponent}. */
  static LongDouble ofDecimal(BigInteger digits, int exponent) {
    if (exponent >= 0) {
      return rounded(digits.multiply(BigInteger.TEN.pow(exponent)), 0, false);
    }
    BigInteger divisor = BigInteger.TEN.pow(-exponent);
    // Two bits more than the mantissa has, so that the remainder only decides ties.
    int missing = MANTISSA_BITS + 2 + divisor.bitLength() - digits.bitLength();
    int shift = Math.max(0, missing);
    BigInteger[] parts = digits.shiftLeft(shift).divideAndRemainder(divisor);
    return rounded(parts[0], -shift, parts[1].signum() != 0);
  }

  /**
   * Rounds to the nearest number.
   *
   * @param inexact whether the true magnitude is a little larger than the given one
   */
  private static LongDouble rounded(BigInteger exact, int exponent, boolean inexact) {
    int excess = Math.max(exact.bitLength() - MANTISSA_BITS, EXPONENT_MIN - exponent);
    BigInteger magnitude = excess > 0 ? shiftedRight(exact.abs(), excess, inexact) : exact.abs();
    int scale = excess > 0 ? exponent + excess : exponent;
    if (magnitude.signum() == 0) {
      return ZERO;
    }
    if ((long) magnitude.bitLength() + scale > INTEGER_BITS_MAX) {
      return INFINITE;
    }
    return new LongDouble(exact.signum() < 0 ? magnitude.negate() : magnitude, scale);
  }

  /** Divides by a power of two, to the nearest, ties to even. */
  private static BigInteger shiftedRight(BigInteger magnitude, int bits, boolean inexact) {
    BigInteger floor = magnitude.shiftRight(bits);
    if (!magnitude.testBit(bits - 1)) {
      return floor;
    }
    boolean aboveHalf = inexact || magnitude.getLowestSetBit() < bits - 1;
    return aboveHalf || floor.testBit(0) ? floor.add(BigInteger.ONE) : floor;
  }

  /** Whether this is a number. */
  boolean isFinite() {
    return this != INFINITE;
  }

  /** Whether this is zero. */
  boolean isZero() {
    return isFinite() && mantissa.signum() == 0;
  }

  /** The sum, rounded; infinite where one of the two is. */
  LongDouble plus(LongDouble other) {
    if (!isFinite() || !other.isFinite()) {
      return INFINITE;
    }
    int common = Math.min(exponent, other.exponent);
    BigInteger sum =
        mantissa
            .shiftLeft(exponent - common)
            .add(other.mantissa.shiftLeft(other.exponent - common));
    return rounded(sum, common, false);
  }

  /** The decimal text with at most 17 digits behind the point, without an exponent. */
  String text() {
    BigInteger scaled = mantissa.abs().multiply(TEN_TO_DECIMALS);
    BigInteger digits =
        exponent >= 0 ? scaled.shiftLeft(exponent) : shiftedRight(scaled, -exponent, false);
    if (digits.signum() == 0) {
      return "0";
    }
    BigInteger signed = mantissa.signum() < 0 ? digits.negate() : digits;
    return new BigDecimal(signed, DECIMALS).stripTrailingZeros().toPlainString();
  }

  /**
   * Reads a number as C's {@code strtold} does, and nothing but a number: decimal or hexadecimal,
   * with or without point and exponent, or infinity.
   *
   * @return null for other text, and for numbers that are too large or too close to zero
   */
  static @Nullable LongDouble parse(byte[] bytes, int offset, int length) {
    return new LongDoubleReader(bytes, offset, length).read();
  }
}
