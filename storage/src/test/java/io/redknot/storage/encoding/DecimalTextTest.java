package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTextTest {
  private static void comesBack(long value) {
    byte[] text = (" " + value + "x").getBytes(StandardCharsets.ISO_8859_1);
    int length = text.length - 2;
    assertTrue(DecimalText.isLong(text, 1, length), () -> "value " + value);
    assertEquals(value, DecimalText.toLong(text, 1, length));
    assertEquals(length, DecimalText.length(value));
    byte[] written = new byte[length + 2];
    assertEquals(length, DecimalText.write(value, written, 2));
    assertEquals(Long.toString(value), new String(written, 2, length, StandardCharsets.ISO_8859_1));
  }

  private static void eachEdge(LongConsumer test) {
    for (int bit = 0; bit < Long.SIZE; bit++) {
      for (long near = -2; near <= 2; near++) {
        test.accept((1L << bit) + near);
        test.accept(-(1L << bit) + near);
      }
    }
    for (long power = 1; power > 0 && power < Long.MAX_VALUE / 10; power *= 10) {
      test.accept(power);
      test.accept(power - 1);
      test.accept(-power);
      test.accept(1 - power);
    }
  }

  @Test
  void everyIntegerComesBack() {
    eachEdge(DecimalTextTest::comesBack);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 100_000; i++) {
      comesBack(random.nextLong() >> random.nextInt(Long.SIZE));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "-0",
        "00",
        "01",
        "-01",
        "+1",
        " 1",
        "1 ",
        "1x",
        "x",
        "--1",
        "1-",
        "9223372036854775808",
        "-9223372036854775809",
        "9223372036854775810",
        "10000000000000000000",
        "99999999999999999999",
        "-99999999999999999999",
        "18446744073709551616",
        "18446744073709551617",
        "123456789012345678901",
        "/",
        ":",
        "1.0",
        "\u00b1",
      })
  void otherTextsAreNoIntegers(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    assertFalse(DecimalText.isLong(bytes, 0, bytes.length));
  }

  @Test
  void digitsOfAnyKindAreIntegersExactlyWhereTheyComeBack() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "-" : "");
      for (int digits = random.nextInt(22); digits > 0; digits--) {
        text.append((char) ('0' + random.nextInt(random.nextInt(40) == 0 ? 12 : 10)));
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
      assertEquals(comesBack(text.toString()), DecimalText.isLong(bytes, 0, bytes.length));
    }
  }

  private static boolean comesBack(String text) {
    try {
      return Long.toString(Long.parseLong(text)).equals(text);
    } catch (NumberFormatException none) {
      return false;
    }
  }
}
