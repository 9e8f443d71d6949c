package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distances, shapes and the cells that are searched for them. */
class GeoAreaTest {
  private static final int SHAPES = 300;
  private static final int PLACES = 400;

  /** Away from the edges of the map, where Redis misses places beyond them. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyPlaceOfShapeIsInRangeOfItsArea(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int inside = 0;
    for (int i = 0; i < SHAPES; i++) {
      double spread = Math.pow(10, random.nextDouble(-4, 0.7));
      GeoShape shape = shape(random, spread * 111_000);
      GeoArea area = new GeoArea(shape);
      for (int k = 0; k < PLACES; k++) {
        double score =
            GeoHash.encode(
                shape.longitude() + random.nextDouble(-spread, spread),
                shape.latitude() + random.nextDouble(-spread, spread));
        double distance = shape.distance(GeoHash.longitude(score), GeoHash.latitude(score));
        if (distance != GeoShape.OUTSIDE) {
          inside++;
          assertTrue(isIn(area, score), "seed " + seed + " " + shape + " " + score + " " + area);
        }
      }
    }
    assertTrue(inside > SHAPES * PLACES / 10, "inside: " + inside);
  }

  private static GeoShape shape(SplittableRandom random, double meters) {
    double longitude = random.nextDouble(-170, 170);
    double latitude = random.nextDouble(-70, 70);
    double unit = random.nextBoolean() ? 1 : 1000;
    double length = meters * random.nextDouble(0.3, 1.5) / unit;
    return random.nextBoolean()
        ? GeoShape.circle(longitude, latitude, length, unit)
        : GeoShape.box(longitude, latitude, length * random.nextDouble(0.1, 2), length, unit);
  }

  private static boolean isIn(GeoArea area, double score) {
    for (int i = 0; i < area.count(); i++) {
      if (score >= area.from(i) && score < area.to(i)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void rangesOfHugeAndEmptyShapesAreFew() {
    assertTrue(new GeoArea(GeoShape.circle(0, 0, Double.POSITIVE_INFINITY, 1000)).count() <= 9);
    GeoArea point = new GeoArea(GeoShape.circle(2, 3, 0, 1));
    double score = GeoHash.encode(2, 3);
    assertEquals(score, point.from(0));
    assertEquals(score + 1, point.to(0));
  }

  @Test
  void distancesAreThoseOfRedis() {
    double palermo = 3479099956230698.0;
    double catania = 3479447370796909.0;
    double meters =
        GeoDistance.between(
            GeoHash.longitude(palermo),
            GeoHash.latitude(palermo),
            GeoHash.longitude(catania),
            GeoHash.latitude(catania));
    assertEquals(166274.1516, meters, 0.00005);
    assertEquals(0, GeoDistance.between(1, 2, 1, 2));
    assertEquals(GeoDistance.ofLatitudes(2, -3), GeoDistance.between(1, 2, 1, -3));
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void arcSineIsTheNearestDouble(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      double x = i == 0 ? 0 : i == 1 ? 1 : random.nextDouble();
      double angle = ArcSine.of(x);
      // The sine of what is half a digit more or less lies on the other side.
      BigDecimal half = new BigDecimal(Math.ulp(angle)).divide(BigDecimal.TWO);
      BigDecimal exact = new BigDecimal(angle);
      BigDecimal wanted = new BigDecimal(x);
      assertTrue(sine(exact.subtract(half)).compareTo(wanted) <= 0, "seed " + seed + " " + x);
      if (x < 1) {
        assertTrue(sine(exact.add(half)).compareTo(wanted) >= 0, "seed " + seed + " " + x);
      }
    }
    assertTrue(Double.isNaN(ArcSine.of(Math.nextUp(1.0))));
  }

  private static BigDecimal sine(BigDecimal angle) {
    MathContext precision = new MathContext(60);
    BigDecimal square = angle.multiply(angle, precision);
    BigDecimal term = angle;
    BigDecimal sum = angle;
    for (int n = 2; n < 60; n += 2) {
      term = term.multiply(square, precision).negate();
      term = term.divide(BigDecimal.valueOf((long) n * (n + 1)), precision);
      sum = sum.add(term, precision);
    }
    return sum;
  }
}
