package io.redknot.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AsciiNumbersTest {
  private static final int ROUNDS = 20_000;

  private static boolean isLong(String text) {
    byte[] bytes = ("x" + text + "9").getBytes(StandardCharsets.ISO_8859_1);
    return AsciiNumbers.isLong(bytes, 1, text.length());
  }

  private static long toLong(String text) {
    byte[] bytes = ("x" + text + "9").getBytes(StandardCharsets.ISO_8859_1);
    return AsciiNumbers.toLong(bytes, 1, text.length());
  }

  private static String write(long value) {
    byte[] target = new byte[24];
    int length = AsciiNumbers.write(value, target, 2);
    assertEquals(length, AsciiNumbers.textLength(value), "length of " + value);
    return new String(target, 2, length, StandardCharsets.US_ASCII);
  }

  @Test
  void onlyCanonicalIntegersAreIntegers() {
    for (String good :
        List.of("0", "1", "-1", "10", "9223372036854775807", "-9223372036854775808")) {
      assertTrue(isLong(good), good);
      assertEquals(Long.parseLong(good), toLong(good));
    }
    List<String> bad =
        List.of(
            "",
            "-",
            "+1",
            "01",
            "-0",
            "00",
            " 1",
            "1 ",
            "1.0",
            "0x1",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
            "1e5",
            "--1");
    for (String text : bad) {
      assertFalse(isLong(text), text);
    }
  }

  @Test
  void integersAreWrittenAsJavaWritesThem() {
    Random random = new Random(7);
    for (int i = 0; i < ROUNDS; i++) {
      long value = random.nextLong() >> random.nextInt(64);
      assertEquals(Long.toString(value), write(value), "seed 7");
      assertTrue(isLong(Long.toString(value)));
      assertEquals(value, toLong(Long.toString(value)));
    }
    for (long edge : new long[] {0, 9, 10, 99, 100, Long.MAX_VALUE, Long.MIN_VALUE, -1, -10}) {
      assertEquals(Long.toString(edge), write(edge));
    }
  }

  @Test
  void doublesArePrintedAsRedisPrintsThem() {
    assertEquals("3", AsciiNumbers.text(3.0));
    assertEquals("-0", AsciiNumbers.text(-0.0));
    assertEquals("0.1", AsciiNumbers.text(0.1));
    assertEquals("1e-7", AsciiNumbers.text(1e-7));
    assertEquals("1.7976931348623157e+308", AsciiNumbers.text(Double.MAX_VALUE));
    assertEquals("inf", AsciiNumbers.text(Double.POSITIVE_INFINITY));
    assertEquals("-inf", AsciiNumbers.text(Double.NEGATIVE_INFINITY));
    assertEquals("nan", AsciiNumbers.text(Double.NaN));
  }

  @Test
  void printedDoublesReadBackAsTheSameValue() {
    Random random = new Random(11);
    for (int i = 0; i < ROUNDS; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (!Double.isNaN(value) && !Double.isInfinite(value)) {
        assertEquals(value, Double.parseDouble(AsciiNumbers.text(value)), "seed 11, round " + i);
      }
    }
  }

  @Test
  void doublesAreWrittenAsTheirText() {
    SplittableRandom random = new SplittableRandom(1);
    byte[] target = new byte[AsciiNumbers.DOUBLE_TEXT_MAX];
    for (int i = 0; i < 20_000; i++) {
      double value =
          switch (random.nextInt(5)) {
            case 0 -> random.nextInt(2_000_000) / 1000.0 - 1000;
            case 1 -> random.nextLong() / 64.0;
            case 2 -> random.nextInt(1000) * Double.MIN_VALUE;
            case 3 -> random.nextInt();
            default -> Double.longBitsToDouble(random.nextLong());
          };
      int length = AsciiNumbers.write(value, target, 0);
      String written = new String(target, 0, length, StandardCharsets.US_ASCII);
      assertEquals(AsciiNumbers.text(value), written);
    }
    int length = AsciiNumbers.write(Double.MIN_VALUE, target, 0);
    assertEquals("5e-324", new String(target, 0, length, StandardCharsets.US_ASCII));
    assertEquals(2, AsciiNumbers.write(-0.0, target, 0));
  }
}
