package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Eight bytes at a time give what one bit at a time gives. */
class BitsTest {
  private static final int ROUNDS = 20_000;

  private static boolean bit(StringSlice string, long position) {
    return (string.at((int) (position >>> 3)) >>> (7 - position % 8) & 1) != 0;
  }

  private static StringSlice string(SplittableRandom random) {
    byte[] bytes = new byte[1 + random.nextInt(40)];
    Arrays.fill(bytes, (byte) (random.nextBoolean() ? 0 : 0xff));
    for (int i = random.nextInt(3); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    int offset = random.nextInt(3);
    byte[] array = new byte[offset + bytes.length + random.nextInt(9)];
    random.nextBytes(array);
    System.arraycopy(bytes, 0, array, offset, bytes.length);
    return StringSlice.of(array, offset, bytes.length);
  }

  private static IndexRange range(SplittableRandom random, StringSlice string) {
    int bits = string.length() * 8;
    int first = random.nextInt(bits);
    return new IndexRange(first, first + random.nextLong(bits - first));
  }

  @Test
  void countIsThatOfSingleBits() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      StringSlice string = string(random);
      IndexRange range = range(random, string);
      long expected = 0;
      for (long i = range.first(); i <= range.last(); i++) {
        expected += bit(string, i) ? 1 : 0;
      }
      assertEquals(expected, Bits.count(string, range), "seed " + seed + " " + range);
    }
  }

  @Test
  void firstBitFoundIsThatOfSingleBits() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      StringSlice string = string(random);
      IndexRange range = range(random, string);
      boolean set = random.nextBoolean();
      long expected = range.first();
      while (expected <= range.last() && bit(string, expected) != set) {
        expected++;
      }
      long found = Bits.find(string, range, set);
      assertEquals(
          expected > range.last() ? -1 : expected, found, "seed " + seed + " " + set + range);
    }
  }

  @Test
  void fieldIsReadAndWrittenWithoutTouchingOtherBits() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = new byte[16];
      random.nextBytes(bytes);
      int width = 1 + random.nextInt(64);
      int first = random.nextInt(128 - width + 1);
      long value = random.nextLong() >>> (64 - width);
      BigInteger mask = BigInteger.ONE.shiftLeft(width).subtract(BigInteger.ONE);
      int behind = 128 - width - first;
      BigInteger written = new BigInteger(Long.toUnsignedString(value)).and(mask).shiftLeft(behind);
      BigInteger expected = new BigInteger(1, bytes).andNot(mask.shiftLeft(behind)).or(written);
      StringSlice string = StringSlice.of(bytes, 0, bytes.length);
      Bits.setField(string, first, width, value);
      assertEquals(expected, new BigInteger(1, bytes), "seed " + seed);
      assertEquals(value, Bits.field(string, first, width), "seed " + seed);
    }
  }

  @Test
  void fieldBehindTheEndIsZeros() {
    StringSlice string = StringSlice.of(new byte[] {-1, -1, -1}, 1, 1);
    assertEquals(0b1111_0000, Bits.field(string, 4, 8));
    assertEquals(0, Bits.field(string, 8, 64));
    assertEquals(0, Bits.field(string, 1L << 35, 5));
  }
}
