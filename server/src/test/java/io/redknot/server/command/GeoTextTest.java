package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Coordinates and distances have the digits that C prints. */
class GeoTextTest {
  private static String exactly(double degrees) {
    String text =
        new BigDecimal(degrees)
            .setScale(17, RoundingMode.HALF_EVEN)
            .stripTrailingZeros()
            .toPlainString();
    return text.equals("0") ? "0" : text;
  }

  @Test
  void coordinatesAreExactToSeventeenDecimals() {
    SplittableRandom random = new SplittableRandom(1);
    double[] edges = {
      0,
      -0.0,
      180,
      -180,
      1,
      85.05112878,
      0x1p-18,
      0x1p-60,
      1e-17,
      5e-18,
      Math.nextUp(5e-18),
      Math.nextDown(5e-18),
      0x1p-57,
      0x1p-58,
      1e-300,
      Double.MIN_VALUE,
      179.99999999999997,
      128
    };
    for (double edge : edges) {
      assertEquals(exactly(edge), GeoText.coordinate(edge));
    }
    for (int i = 0; i < 100_000; i++) {
      double degrees = random.nextDouble(-180, 180) * Math.pow(2, -random.nextInt(70));
      assertEquals(exactly(degrees), GeoText.coordinate(degrees), "" + degrees);
      // Multiples of a power of two are ties where they have a digit more.
      double tie = random.nextInt(-1 << 20, 1 << 20) * Math.pow(2, -18);
      assertEquals(exactly(tie), GeoText.coordinate(tie), "" + tie);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0000",
    "0.00004, 0.0000",
    "0.00005, 0.0000",
    "0.00025, 0.0002",
    "166274.15156960033, 166274.1516",
    "20015086.79602057, 20015086.7960",
    "NaN, -922337203685477.5808",
  })
  void distancesHaveFourDecimals(double distance, String text) {
    assertEquals(text, GeoText.distance(distance));
  }

  @ParameterizedTest
  @CsvSource({
    "200, 200.000000",
    "-0.0, -0.000000",
    "-1e-9, -0.000000",
    "Infinity, inf",
    "-Infinity, -inf",
    "0.0000005, 0.000000",
    "1e21, 1000000000000000000000.000000",
  })
  void refusedCoordinatesAreShownWithSixDecimals(double value, String text) {
    assertEquals(text, GeoText.plain(value));
  }
}
