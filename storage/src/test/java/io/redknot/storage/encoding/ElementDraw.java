package io.redknot.storage.encoding;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Elements of collections at the edges of their encodings, from a seeded generator. */
final class ElementDraw {
  private static final long[] INTEGER_EDGES = {
    0,
    1,
    127,
    128,
    4095,
    4096,
    32767,
    32768,
    8388607,
    8388608,
    Integer.MAX_VALUE,
    1L << 31,
    Long.MAX_VALUE,
    -1,
    -4096,
    -4097,
    -32768,
    -32769,
    -8388608,
    -8388609,
    Integer.MIN_VALUE,
    Integer.MIN_VALUE - 1L,
    Long.MIN_VALUE,
  };
  private static final int[] LENGTH_EDGES = {
    0, 1, 63, 64, 121, 122, 123, 124, 125, 126, 127, 128, 4090, 4095, 4096, 4097,
  };
  private static final String[] ALMOST_INTEGERS = {
    "",
    "-",
    "-0",
    "00",
    "01",
    "+1",
    "1 ",
    " 1",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "99999999999999999999",
    "1.0",
    "-01",
    "--1",
    "1\0",
  };

  private final SplittableRandom random;

  ElementDraw(SplittableRandom random) {
    this.random = random;
  }

  /** Bytes of an element, seldom long. */
  byte[] element() {
    return switch (random.nextInt(10)) {
      case 0 -> text(ALMOST_INTEGERS[random.nextInt(ALMOST_INTEGERS.length)]);
      case 1, 2 -> text(Long.toString(INTEGER_EDGES[random.nextInt(INTEGER_EDGES.length)]));
      case 3 -> text(Long.toString(random.nextLong() >> random.nextInt(64)));
      case 4 -> bytes(LENGTH_EDGES[random.nextInt(random.nextInt(6) == 0 ? 16 : 12)]);
      case 5, 6 -> text(Integer.toString(random.nextInt(20)));
      default -> bytes(random.nextInt(1 + random.nextInt(80)));
    };
  }

  /** Random bytes. */
  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String shown(byte[] element) {
    return new String(element, StandardCharsets.ISO_8859_1);
  }
}
