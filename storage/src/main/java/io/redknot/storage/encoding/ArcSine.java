package io.redknot.storage.encoding;

/**
 * The arc sine, rounded to the nearest double as far as can be told: distances that are stored show
 * all their digits, and the C library of Redis rounds better than that of Java.
 *
 * <p>One step of Newton's method from Java's value, with a sine of twice the precision: numbers are
 * sums of two doubles, products are split by fused multiplication (T. J. Dekker, "A floating-point
 * technique for extending the available precision", 1971).
 */
final class ArcSine {
  /** The power of the series' last term but one; what follows is below 2^-100. */
  private static final int POWER_MAX = 34;

  private ArcSine() {}

  /** The angle from 0 to pi/2 whose sine is x; NaN where x is not between 0 and 1. */
  static double of(double x) {
    double angle = Math.asin(x);
    return angle + missing(x, angle) / Math.cos(angle);
  }

  /** How much the sine of an angle is less than x. */
  private static double missing(double x, double angle) {
    double square = angle * angle;
    double squareLow = Math.fma(angle, angle, -square);
    // 1 - z/2/3 (1 - z/4/5 (1 - z/6/7 (...))), from the inside out.
    double sum = 1;
    double sumLow = 0;
    for (int n = POWER_MAX; n >= 2; n -= 2) {
      double product = square * sum;
      double productLow = Math.fma(square, sum, -product) + (square * sumLow + squareLow * sum);
      double divisor = (double) n * (n + 1);
      double quotient = product / divisor;
      double rest = Math.fma(-quotient, divisor, product) + productLow;
      sum = 1 - quotient;
      sumLow = 1 - sum - quotient - rest / divisor;
    }
    double sine = angle * sum;
    double sineLow = Math.fma(angle, sum, -sine) + angle * sumLow;
    return x - sine - sineLow;
  }
}
