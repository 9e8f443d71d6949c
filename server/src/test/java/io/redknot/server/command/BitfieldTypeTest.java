package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import io.redknot.server.command.BitfieldType.Overflow;
import io.redknot.server.dispatch.CommandError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BitfieldTypeTest {
  private static BitfieldType type(String text) {
    return BitfieldType.parse(Args.ofText(text), 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "i", "u", "i0", "u0", "i65", "u64", "I8", "i08", "i-1", "8", "x8"})
  void otherTextIsNoType(String text) {
    assertThrows(CommandError.class, () -> type(text));
  }

  @ParameterizedTest
  @CsvSource({
    "u8, 255, 1, 0, 255",
    "u8, 0, -1, 255, 0",
    "u8, 250, 10, 4, 255",
    "i8, 127, 1, -128, 127",
    "i8, -128, -1, 127, -128",
    "i64, 9223372036854775807, 1, -9223372036854775808, 9223372036854775807",
    "i64, -9223372036854775808, -1, 9223372036854775807, -9223372036854775808",
    "u63, 9223372036854775807, 1, 0, 9223372036854775807",
    "u8, -1, 0, 255, 255",
    "i8, 300, 0, 44, 127",
    // Far below the range counts as above it, as it does in Redis.
    "i8, -9223372036854775808, 0, 0, 127",
  })
  void whatDoesNotFitIsWrappedOrCutOff(
      String type, long number, long increment, long wrapped, long saturated) {
    assertTrue(type(type).overflows(number, increment));
    assertEquals(wrapped, type(type).replacement(number, increment, Overflow.WRAP));
    assertEquals(saturated, type(type).replacement(number, increment, Overflow.SATURATE));
  }

  @ParameterizedTest
  @CsvSource({
    "u8, 254, 1",
    "u8, 1, -1",
    "i8, 126, 1",
    "i8, -127, -1",
    "i8, 127, -255",
    "i1, 0, -1",
    "i64, -9223372036854775808, 9223372036854775807",
    "u63, 0, 9223372036854775807"
  })
  void whatFitsIsLeftAlone(String type, long number, long increment) {
    assertFalse(type(type).overflows(number, increment));
  }

  @Test
  void bitsAreReadWithTheSignOfTheType() {
    assertEquals(-1, type("i4").number(0b1111));
    assertEquals(15, type("u4").number(0b1111));
    assertEquals(-1, type("i64").number(-1));
  }
}
