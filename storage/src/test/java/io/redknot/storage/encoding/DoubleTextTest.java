package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoubleTextTest {
  private static double read(String text) {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.ISO_8859_1);
    return DoubleText.read(bytes, 1, bytes.length - 2);
  }

  private static double readInRange(String text) {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.ISO_8859_1);
    return DoubleText.readInRange(bytes, 1, bytes.length - 2);
  }

  private static String write(double value) {
    byte[] target = new byte[DoubleText.BYTES_MAX + 1];
    return new String(target, 1, DoubleText.write(value, target, 1), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, -0.0",
    "1, 1",
    "+1, 1",
    "-1.5, -1.5",
    ".5, 0.5",
    "5., 5",
    "0.1, 0.1",
    "1e3, 1000",
    "1E-3, 0.001",
    "1e+3, 1000",
    "0x10, 16",
    "0X1P4, 16",
    "-0x.8, -0.5",
    "0x1.8p1, 3",
    "9007199254740993, 9007199254740992",
    "123456789012345678901, 1.2345678901234568e20",
    "0.30000000000000004, 0.30000000000000004",
    "4.9e-324, 4.9e-324",
    "000001, 1",
    "1e0400, Infinity",
    "1e400, Infinity",
    "1e-400, 0",
    "inf, Infinity",
    "-InF, -Infinity",
    "+infinity, Infinity",
    "1.7976931348623157e308, 1.7976931348623157e308"
  })
  void readsWhatC(String text, double expected) {
    assertEquals(expected, read(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        "1e",
        "1e+",
        "1e5.",
        "0x",
        "0xg",
        "0x1p",
        "--1",
        "+-1",
        "1 ",
        " 1",
        "1..2",
        "1.2.3",
        "nan",
        "NaN",
        "in",
        "infi",
        "infinityx",
        "1f",
        "1d",
        "1,5",
        "0x1p1x",
        "\u00e9",
        "1\0"
      })
  void refusesWhatIsNotANumberAsAWhole(String text) {
    assertTrue(Double.isNaN(read(text)), text);
    assertTrue(Double.isNaN(readInRange(text)), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e309", "-1e400", "1e-400", "-0.1e-999", "0x1p2000", "0x1p-2000"})
  void knowsWhatIsOutOfRange(String text) {
    assertTrue(Double.isNaN(readInRange(text)), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-0.000", "0e500", "0x0p9", "inf", "-infinity", "5e-324", "0x0"})
  void zerosAndInfinitiesAreInRange(String text) {
    assertEquals(read(text), readInRange(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "-17, -17",
    "0.1, 0.1",
    "-2.25, -2.25",
    "0.000001, 0.000001",
    "1e-7, 1e-7",
    "1.5e-6, 1.5e-6",
    "0.000123, 0.000123",
    "1.2345678e-4, 1.2345678e-4",
    "100000.123456, 100000.123456",
    "12345.678901234, 1.2345678901234e+4",
    "1234.56789012345, 1234.56789012345",
    "3.141592653589793, 3.141592653589793",
    "123456789.125, 123456789.125",
    "5e18, 5e+18",
    "3e18, 3000000000000000000",
    "9.223372036854775807e18, 9223372036854776000",
    "1e21, 1e+21",
    "5e-324, 5e-324",
    "4611686018427387904, 4611686018427387904",
    "Infinity, inf",
    "-Infinity, -inf",
    "1e17, 100000000000000000",
    "-1.7976931348623157e308, -1.7976931348623157e+308"
  })
  void writesTheTextOfRedis(double value, String expected) {
    assertEquals(expected, write(value));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatIsWrittenReadsBack(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 50_000; i++) {
      double value =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(2_000_000) / 1000.0 - 1000;
            case 1 -> random.nextDouble();
            case 2 -> random.nextLong() / 100.0;
            default -> Double.longBitsToDouble(random.nextLong());
          };
      if (!Double.isNaN(value) && value != 0) {
        assertEquals(value, read(write(value)), "seed " + seed);
        assertTrue(write(value).length() <= Double.toString(value).length() + 8);
      }
    }
  }

  @Test
  void fewDecimalsAreTheShortestText() {
    for (int i = -20_000; i < 20_000; i++) {
      String expected =
          new java.math.BigDecimal(i).movePointLeft(3).stripTrailingZeros().toPlainString();
      assertEquals(expected, write(i / 1000.0));
    }
  }
}
