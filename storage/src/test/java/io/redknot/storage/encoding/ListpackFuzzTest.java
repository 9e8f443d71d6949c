package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.Bytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes from anywhere are told apart: what is taken for a listpack can be walked, and nothing
 * throws.
 */
class ListpackFuzzTest {
  private static final int ROUNDS = 60_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damagedListpackIsRefusedOrCanBeWalked(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ElementDraw draw = new ElementDraw(random);
    int accepted = 0;
    byte[] whole = {};
    for (int round = 0; round < ROUNDS; round++) {
      if (round % 50 == 0) {
        whole = listpack(random, draw);
      }
      byte[] damaged = damaged(random, whole);
      if (Listpack.isValid(damaged, 0, damaged.length)) {
        accepted++;
        walk(damaged, "seed " + seed + " round " + round);
      }
    }
    assertTrue(accepted > ROUNDS / 100, "some damage only changes values: " + accepted);
    assertTrue(accepted < ROUNDS / 2, "most damage is found: " + accepted);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void noiseIsRefusedOrCanBeWalked(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] noise = new byte[random.nextInt(30)];
      for (int i = 0; i < noise.length; i++) {
        // Few different bytes: heads of encodings, short lengths, the end.
        noise[i] = (byte) (random.nextBoolean() ? random.nextInt(6) : 0xe0 | random.nextInt(32));
      }
      if (noise.length >= Listpack.HEADER_BYTES && random.nextInt(10) > 0) {
        Bytes.putInt(noise, 0, noise.length);
        Bytes.putShort(noise, 4, random.nextBoolean() ? 0xffff : random.nextInt(8));
      }
      if (Listpack.isValid(noise, 0, noise.length)) {
        walk(noise, "seed " + seed + " round " + round);
      }
    }
  }

  /** A length of 32 bits that overflows must not make an element of none or fewer bytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0c000000 0100 f0ffffffff ff",
        "0c000000 0100 f0fcffffff ff",
        "0d000000 0100 f0fbffffff 00 ff",
        "0d000000 0100 f0ffffff7f 00 ff",
        "0d000000 0100 f0faffff7f 00 ff",
        "09000000 0100 f000 ff",
        "08000000 0100 f0 ff",
        "08000000 0100 e0 ff",
        "08000000 0100 bf ff",
        "09000000 0100 f5 01 ff",
        "08000000 0100 ff ff",
        "09000000 0100 0002 ff",
        "09000000 0200 0001 ff",
        "09000000 0000 0001 ff",
        "07000000 0100 ff",
        "07000000 0000 fe",
        "08000000 0000 ff",
        "00000000 0000 ff",
        "ffffffff 0000 ff",
        "",
        "ff",
      })
  void brokenListpackIsRefused(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertFalse(Listpack.isValid(bytes, 0, bytes.length));
  }

  private static byte[] listpack(SplittableRandom random, ElementDraw draw) {
    byte[] lp = new byte[20_000];
    Listpack.clear(lp, 0);
    for (int i = random.nextInt(12); i > 0; i--) {
      byte[] element = draw.element();
      if (element.length < 1000 || random.nextInt(4) == 0) {
        int bytes = Listpack.bytes(lp, 0);
        if (bytes + element.length + Listpack.ELEMENT_OVERHEAD_MAX < lp.length) {
          Listpack.insert(lp, 0, Listpack.end(lp, 0), element, 0, element.length);
        }
      }
    }
    if (random.nextInt(10) == 0) {
      Bytes.putShort(lp, 4, 0xffff);
    }
    return Arrays.copyOf(lp, Listpack.bytes(lp, 0));
  }

  private static byte[] damaged(SplittableRandom random, byte[] whole) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(5)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 4));
      case 1 -> {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 4));
        if (bytes.length >= Integer.BYTES) {
          Bytes.putInt(bytes, 0, bytes.length);
        }
      }
      case 2 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      default -> {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return bytes;
  }

  private static void walk(byte[] lp, String where) {
    int forwards = 0;
    int sum = 0;
    for (int p = Listpack.first(lp, 0); p != Listpack.NONE; p = Listpack.next(lp, 0, p)) {
      byte[] text = new byte[Listpack.length(lp, 0, p)];
      Listpack.copy(lp, 0, p, text, 0);
      assertTrue(Listpack.is(lp, 0, p, text, 0, text.length), where);
      sum += p;
      forwards++;
    }
    int backwards = 0;
    for (int p = Listpack.last(lp, 0); p != Listpack.NONE; p = Listpack.previous(lp, 0, p)) {
      sum -= p;
      backwards++;
    }
    assertEquals(forwards, backwards, where);
    assertEquals(0, sum, where);
    assertEquals(forwards, Listpack.count(lp, 0), where);
  }
}
