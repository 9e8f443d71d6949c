package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums are those of INCRBYFLOAT on x86; the expected texts come from a real redis-server. */
class LongDoubleTest {
  private static @Nullable LongDouble parse(String text) {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.ISO_8859_1);
    return LongDouble.parse(bytes, 1, bytes.length - 2);
  }

  private static LongDouble number(String text) {
    return Objects.requireNonNull(parse(text), text);
  }

  @ParameterizedTest
  @CsvSource({
    "3.0e3, 1.5, 3001.5",
    "0.1, 0.2, 0.3",
    "17179869184, 0.1, 17179869184.09999999962747097",
    "3, 1e-17, 3.00000000000000001",
    "3, 1e-18, 3",
    "100000.3, 0, 100000.29999999999999716",
    "9223372036854775807, 1, 9223372036854775808",
    "18446744073709551615, 1, 18446744073709551616",
    "18446744073709551616, 1, 18446744073709551616",
    "-0.00000000000000000001, 0, 0",
    "1, -1, 0",
    "0x1.8p-3, 0, 0.1875",
    "-0x.8, 0, -0.5",
    "0X1P+4, .5, 16.5",
    "5., 1e2, 105",
  })
  void sumIsRoundedTo64BitsAndShownWith17Decimals(String a, String b, String sum) {
    assertEquals(sum, number(a).plus(number(b)).text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "abc",
        " 1",
        "1 ",
        "1.2.3",
        "1e",
        "1e+",
        "0x",
        "0x.p1",
        "0x1p",
        "nan",
        "nan(1)",
        ".",
        "-",
        "--1",
        "1,5",
        "1\0",
        "1e4940",
        "-1e5000",
        "1e-4960",
        "1.8e-4951",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "infinit",
        "0b1",
        "\u00b2"
      })
  void otherTextAndNumbersOutOfRangeAreNone(String text) {
    assertNull(parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"inf", "-inf", "+INF", "Infinity", "-iNfInItY"})
  void infinityIsReadAndStaysInSums(String text) {
    assertSame(LongDouble.INFINITE, parse(text));
    assertSame(LongDouble.INFINITE, number("1").plus(number(text)));
  }

  @Test
  void smallestAndLargestNumbersAreRead() {
    assertNotNull(parse("1.9e-4951"));
    assertNotNull(parse("1.18973149535723176502e+4932"));
    assertNull(parse("1.18973149535723176509e+4932"));
    assertSame(LongDouble.INFINITE, number("1.18e4932").plus(number("1.18e4932")));
  }

  @Test
  void zeroMayHaveAnyExponent() {
    assertEquals("0", number("0e99999999999").text());
    assertEquals("0", number("-0x0p-99999999999").text());
  }

  @Test
  void textOf5KiBIsTooLong() {
    assertEquals("1", number("0".repeat(5118) + "1").text());
    assertNull(parse("0".repeat(5119) + "1"));
  }

  @Test
  void tieGoesToTheEvenMantissa() {
    // 2^64 + 1 lies between 2^64 and 2^64 + 2, 2^64 + 3 between 2^64 + 2 and 2^64 + 4.
    assertEquals("18446744073709551616", number("18446744073709551617").text());
    assertEquals("18446744073709551620", number("18446744073709551619").text());
    assertEquals("18446744073709551618", number("18446744073709551617.00001").text());
  }
}
