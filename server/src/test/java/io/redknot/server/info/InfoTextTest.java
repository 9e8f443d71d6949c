package io.redknot.server.info;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class InfoTextTest {
  @Test
  void sizesForPeopleAreWhatRedisPrints() {
    assertEquals("0B", InfoText.human(0));
    assertEquals("1023B", InfoText.human(1023));
    assertEquals("1.00K", InfoText.human(1024));
    assertEquals("894.88K", InfoText.human(916_360));
    assertEquals("23.54G", InfoText.human(25_276_514_304L));
    assertEquals("8192.00P", InfoText.human(Long.MAX_VALUE));
  }

  @Test
  void fractionsAreRoundedAndKeepTheirZeros() {
    assertEquals("0.00", decimal(0, 2));
    assertEquals("1.05", decimal(1.045_1, 2));
    assertEquals("-1.50", decimal(-1.5, 2));
    assertEquals("2.000", decimal(1.9996, 3));
    assertEquals("7", decimal(7.2, 0));
    assertEquals("0.0", decimal(Double.NaN, 1));
    assertEquals("0.0", decimal(Double.POSITIVE_INFINITY, 1));
  }

  private static String decimal(double value, int digits) {
    StringBuilder out = new StringBuilder();
    InfoText.decimal(out, value, digits);
    return out.toString();
  }

  @Test
  void sectionsAreSeparatedByAnEmptyLine() {
    String text =
        new InfoText().section("A").field("x", 1).section("B").field("y", true).toString();
    assertEquals("# A\r\nx:1\r\n\r\n# B\r\ny:1\r\n", text);
  }
}
