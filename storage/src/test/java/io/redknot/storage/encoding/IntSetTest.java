package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.Bytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntSetTest {
  private static final int STEPS = 5000;
  private static final int FUZZ_ROUNDS = 60_000;

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 17, 32, 33, 64})
  void behavesAsSortedSet(int bits) {
    SplittableRandom random = new SplittableRandom(bits);
    int at = 5;
    byte[] set = new byte[64];
    IntSet.clear(set, at);
    TreeSet<Long> model = new TreeSet<>();
    for (int step = 0; step < STEPS; step++) {
      long value = random.nextLong() >> (Long.SIZE - (step < 100 ? Math.min(bits, 8) : bits));
      if (bits == 64 && random.nextInt(4) == 0) {
        value = random.nextBoolean() ? Long.MIN_VALUE + value % 3 : Long.MAX_VALUE - value % 3;
      }
      int found = IntSet.find(set, at, value);
      assertEquals(model.contains(value), found >= 0);
      assertEquals(model.headSet(value).size(), found >= 0 ? found : ~found);
      if (found >= 0) {
        IntSet.remove(set, at, found);
        model.remove(value);
      } else if (model.size() < 400) {
        int bytes = IntSet.bytesWith(set, at, value);
        set = at + bytes > set.length ? Arrays.copyOf(set, at + bytes) : set;
        IntSet.insert(set, at, ~found, value);
        assertEquals(bytes, IntSet.bytes(set, at));
        model.add(value);
      } else {
        IntSet.remove(set, at, 200);
        model.remove(model.stream().skip(200).findFirst().orElseThrow());
      }
      check(set, at, model, step);
    }
  }

  private static void check(byte[] set, int at, SortedSet<Long> model, int step) {
    assertEquals(model.size(), IntSet.count(set, at));
    if (step % 50 == 0) {
      int i = 0;
      for (long value : model) {
        assertEquals(value, IntSet.get(set, at, i++));
      }
      assertTrue(IntSet.isValid(set, at, IntSet.bytes(set, at)));
    }
  }

  @Test
  void bytesAreThoseOfRedis() {
    byte[] set = new byte[100];
    IntSet.clear(set, 0);
    for (long value : new long[] {5, -1, 40_000}) {
      IntSet.insert(set, 0, ~IntSet.find(set, 0, value), value);
    }
    assertEquals(
        "0400000003000000" + "ffffffff" + "05000000" + "409c0000",
        HexFormat.of().formatHex(set, 0, IntSet.bytes(set, 0)));
  }

  @Test
  void widerIntegerGoesToTheRightEnd() {
    for (long wide : new long[] {40_000, -40_000, 1L << 40, -(1L << 40)}) {
      byte[] set = new byte[100];
      IntSet.clear(set, 0);
      for (long value : new long[] {-3, 7, wide}) {
        IntSet.insert(set, 0, ~IntSet.find(set, 0, value), value);
      }
      assertEquals(wide, IntSet.get(set, 0, wide < 0 ? 0 : 2));
      assertTrue(IntSet.isValid(set, 0, IntSet.bytes(set, 0)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void hostileBytesAreRefusedOrInOrder(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int accepted = 0;
    for (int round = 0; round < FUZZ_ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(40)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
      }
      if (bytes.length >= IntSet.HEADER_BYTES && random.nextInt(8) > 0) {
        int width = 1 << random.nextInt(5);
        Bytes.putInt(bytes, 0, width);
        Bytes.putInt(
            bytes, 4, random.nextInt(9) == 0 ? random.nextInt() : (bytes.length - 8) / width);
      }
      if (IntSet.isValid(bytes, 0, bytes.length)) {
        accepted++;
        long before = Long.MIN_VALUE;
        for (int i = 0; i < IntSet.count(bytes, 0); i++) {
          long value = IntSet.get(bytes, 0, i);
          assertTrue(i == 0 || value > before, "seed " + seed + " round " + round);
          assertEquals(i, IntSet.find(bytes, 0, value));
          before = value;
        }
      }
    }
    assertTrue(accepted > 100, "some are in order: " + accepted);
  }

  @Test
  void countThatOverflowsIsRefused() {
    byte[] bytes = new byte[16];
    Bytes.putInt(bytes, 0, 8);
    Bytes.putInt(bytes, 4, (1 << 29) + 1);
    assertFalse(IntSet.isValid(bytes, 0, bytes.length));
    Bytes.putInt(bytes, 4, -1);
    assertFalse(IntSet.isValid(bytes, 0, bytes.length));
  }
}
