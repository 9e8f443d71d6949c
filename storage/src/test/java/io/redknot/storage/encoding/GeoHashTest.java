package io.redknot.storage.encoding;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scores of places beside those of redis-server, and what they are good for. */
class GeoHashTest {
  private static String text(double score) {
    byte[] text = new byte[GeoHash.TEXT_LETTERS];
    GeoHash.text(score, text, 0);
    return new String(text, US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "13.361389, 38.115556, 3479099956230698, sqc8b49rny0, 13.361389338970184, 38.1155563954963",
    "180, 85.05112878, 13510798882111488, bp05b5048p0, 180, 85.05112878",
    "-180, -85.05112878, 0, 00bh0hbj200, -179.9999973177910, -85.05112751263943",
  })
  void scoresAndTextsAreThoseOfRedis(
      double longitude, double latitude, long score, String text, double x, double y) {
    assertEquals(score, GeoHash.encode(longitude, latitude));
    assertEquals(text, text((double) score));
    assertEquals(x, GeoHash.longitude((double) score), 1e-13);
    assertEquals(y, GeoHash.latitude((double) score), 1e-13);
  }

  @Test
  void placeIsInTheCellOfItsScore() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      double longitude = random.nextDouble(-180, 180);
      double latitude = random.nextDouble(-GeoHash.LATITUDE_MAX, GeoHash.LATITUDE_MAX);
      double score = GeoHash.encode(longitude, latitude);
      assertTrue(score < 1L << 52);
      assertEquals(longitude, GeoHash.longitude(score), 180.0 / (1 << 26) + 1e-12);
      assertEquals(latitude, GeoHash.latitude(score), 85.1 / (1 << 26) + 1e-12);
      double again = GeoHash.encode(GeoHash.longitude(score), GeoHash.latitude(score));
      assertEquals(score, again, "the middle of a cell is in it");
    }
  }

  @Test
  void placesOffTheMapAreNotValid() {
    assertTrue(GeoHash.isValid(-180, GeoHash.LATITUDE_MAX));
    assertFalse(GeoHash.isValid(Math.nextUp(180.0), 0));
    assertFalse(GeoHash.isValid(0, Math.nextDown(-GeoHash.LATITUDE_MAX)));
    assertFalse(GeoHash.isValid(Double.NaN, 0));
    assertFalse(GeoHash.isValid(0, Double.NaN));
  }

  @Test
  void scoresThatNoPlaceHasAreOnTheMapToo() {
    double[] scores = {
      -1, -1e300, 1e300, 0x1p63, 0x1p64, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0.5
    };
    for (double score : scores) {
      assertTrue(GeoHash.isValid(GeoHash.longitude(score), GeoHash.latitude(score)), "" + score);
      assertEquals(GeoHash.TEXT_LETTERS, text(score).length());
    }
  }

  @Test
  void neighborsAreOneCellAwayAndGoAroundTheMap() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 10_000; i++) {
      int steps = random.nextInt(1, GeoHash.STEPS_MAX + 1);
      long cell = random.nextLong(1L << (2 * steps));
      int dx = random.nextInt(-1, 2);
      int dy = random.nextInt(-1, 2);
      long neighbor = GeoHash.neighbor(cell, dx, dy, steps);
      assertEquals(cell, GeoHash.neighbor(neighbor, -dx, -dy, steps));
      double width = 360.0 / (1L << steps);
      double moved = GeoHash.west(neighbor, steps) - GeoHash.west(cell, steps) - dx * width;
      assertEquals(0, Math.IEEEremainder(moved, 360), 1e-9);
      double height = 2 * GeoHash.LATITUDE_MAX / (1L << steps);
      moved = GeoHash.south(neighbor, steps) - GeoHash.south(cell, steps) - dy * height;
      assertEquals(0, Math.IEEEremainder(moved, 2 * GeoHash.LATITUDE_MAX), 1e-9);
    }
  }
}
