package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashSlotTest {
  private static int slot(String key) {
    byte[] bytes = ("xy" + key).getBytes(ISO_8859_1);
    return HashSlot.of(bytes, 2, bytes.length - 2);
  }

  @Test
  void theCheckValueOfTheStandardComesOut() {
    assertEquals(0x31c3, HashSlot.crc16("123456789".getBytes(ISO_8859_1), 0, 9));
  }

  @ParameterizedTest
  @CsvSource({
    "foo, 12182",
    "bar, 5061",
    "hello, 866",
    "'', 0",
    "somekey, 11058",
    "{user1000}.following, 3443"
  })
  void slotsAreThoseOfRedis(String key, int slot) {
    assertEquals(slot, slot(key));
  }

  @ParameterizedTest
  @CsvSource({
    "{a}b, a",
    "x{a}b, a",
    "a{b}{c}, b",
    "foo{{bar}}zap, {bar",
    "foo{bar}{zap}, bar",
    "{a}, a",
    "{a}}, a"
  })
  void theHashTagAloneCounts(String key, String hashed) {
    assertEquals(bitwise(hashed), slot(key));
  }

  @ParameterizedTest
  @CsvSource({"{}", "a{}b", "foo{}{bar}", "{a", "a}", "}a{", "{", "}{", "a{b"})
  void withoutATagTheWholeKeyCounts(String key) {
    assertEquals(bitwise(key), slot(key));
  }

  @Test
  void allLengthsAgreeWithTheDefinition() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextInt(70)];
      random.nextBytes(bytes);
      int from = random.nextInt(bytes.length + 1);
      int crc = bitwise(bytes, from);
      assertEquals(crc, HashSlot.crc16(bytes, from, bytes.length - from), "step " + i);
    }
  }

  private static int bitwise(String text) {
    return bitwise(text.getBytes(ISO_8859_1), 0) % HashSlot.COUNT;
  }

  private static int bitwise(byte[] bytes, int from) {
    int crc = 0;
    for (int i = from; i < bytes.length; i++) {
      for (int bit = 7; bit >= 0; bit--) {
        int top = crc >>> 15 ^ (bytes[i] >>> bit & 1);
        crc = (crc << 1 & 0xffff) ^ (top * 0x1021);
      }
    }
    return crc;
  }
}
