package io.redknot.storage.rdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdbStreamTest {
  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static byte[] written(byte[] string, boolean compress) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    RdbOutput out = new RdbOutput(bytes::write, compress, true);
    out.string(string, 0, string.length);
    out.flush();
    return bytes.toByteArray();
  }

  @Test
  void checksumIsThatOfJones() {
    assertEquals(0xe9c6d914c4b8d9caL, Crc64.update(0, ascii("123456789"), 0, 9));
    assertEquals(0, Crc64.update(0, ascii("x"), 0, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void checksumOfPartsIsThatOfTheWhole(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = new byte[1000];
    random.nextBytes(bytes);
    long whole = Crc64.update(0, bytes, 0, bytes.length);
    int cut = random.nextInt(bytes.length);
    long first = Crc64.update(0, bytes, 0, cut);
    assertEquals(whole, Crc64.update(first, bytes, cut, bytes.length - cut), "seed " + seed);
  }

  @ParameterizedTest
  @CsvSource({
    "abc, 03616263",
    "0, c000",
    "-128, c080",
    "300, c12c01",
    "-70000, c290eefeff",
    "2147483648, 0a32313437343833363438",
    "007, 03303037"
  })
  void stringsAreWrittenAsRedisWritesThem(String text, String bytes) throws IOException {
    assertArrayEquals(hex(bytes), written(ascii(text), true));
  }

  @Test
  void whatRedisCompressedIsRead() throws IOException {
    byte[] compressed = hex("c3 09 40 64 01 61 61 e0 57 00 01 61 61");
    byte[] text = new RdbInput(compressed, 0, compressed.length).string();
    assertArrayEquals(ascii("a".repeat(100)), text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatIsWrittenIsRead(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    RdbOutput out = new RdbOutput(bytes::write, random.nextBoolean(), true);
    byte[][] strings = new byte[200][];
    long[] lengths = new long[strings.length];
    for (int i = 0; i < strings.length; i++) {
      strings[i] = string(random);
      lengths[i] = random.nextLong() >>> random.nextInt(64);
      out.string(strings[i], 0, strings[i].length);
      out.length(lengths[i]);
      out.i64(lengths[i]);
      out.i64BigEndian(lengths[i]);
      out.string(lengths[i]);
    }
    out.checksum();
    assertEquals(bytes.size(), out.size());
    byte[] all = bytes.toByteArray();
    ByteArrayInputStream stream = new ByteArrayInputStream(all);
    int most = 1 + random.nextInt(100_000);
    check(new RdbInput((to, at, n) -> stream.read(to, at, Math.min(n, most))), strings, lengths);
    byte[] shifted = new byte[all.length + 7];
    System.arraycopy(all, 0, shifted, 7, all.length);
    check(new RdbInput(shifted, 7, all.length), strings, lengths);
  }

  private static void check(RdbInput in, byte[][] strings, long[] lengths) throws IOException {
    for (int i = 0; i < strings.length; i++) {
      assertArrayEquals(strings[i], in.string());
      assertEquals(lengths[i], in.length());
      assertEquals(lengths[i], in.i64());
      assertEquals(lengths[i], in.i64BigEndian());
      assertArrayEquals(ascii(Long.toString(lengths[i])), in.string());
    }
    long checksum = in.checksum();
    assertEquals(checksum, in.i64());
    assertThrows(RdbException.class, in::u8);
  }

  private static byte[] string(SplittableRandom random) {
    int length = random.nextInt(20) == 0 ? random.nextInt(200_000) : random.nextInt(100);
    byte[] bytes = new byte[length];
    switch (random.nextInt(4)) {
      case 0 -> random.nextBytes(bytes);
      case 1 -> Arrays.fill(bytes, (byte) 'x');
      case 2 -> {
        return ascii(Long.toString(random.nextLong() >> random.nextInt(64)));
      }
      default -> {
        for (int i = 0; i < length; i++) {
          bytes[i] = (byte) ('a' + random.nextInt(1 + i % 5));
        }
      }
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hostileBytesEndInAnErrorAndAllocateLittle(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        bytes[0] = (byte) (random.nextInt(4) == 0 ? 0xc3 : 0x80 + random.nextInt(2));
      }
      ByteArrayInputStream stream = new ByteArrayInputStream(bytes);
      readAll(
          random.nextBoolean() ? new RdbInput(bytes, 0, bytes.length) : new RdbInput(stream::read));
    }
  }

  private static void readAll(RdbInput in) {
    try {
      while (true) {
        assertTrue(in.string().length < 10_000);
      }
    } catch (IOException expected) {
      assertTrue(expected instanceof RdbException, expected.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void decompressionOfDamagedBytesNeverLeavesItsArrays(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] text = ascii("abcabcabcabcdabcdabcdaaaaaaaaaaaaaaaaaaaaaaaaaaaa".repeat(20));
    byte[] packed = new byte[text.length];
    int length = new Lzf().compress(text, 0, text.length, packed, text.length);
    assertTrue(length > 0 && length < text.length / 4);
    byte[] back = new byte[text.length];
    assertTrue(Lzf.decompress(packed, 0, length, back));
    assertArrayEquals(text, back);
    assertFalse(Lzf.decompress(packed, 0, length - 1, back));
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = Arrays.copyOf(packed, length);
      damaged[random.nextInt(length)] = (byte) random.nextInt();
      var _ = Lzf.decompress(damaged, 0, random.nextInt(length + 1), back);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void compressionDoesNotDependOnWhatWasCompressedBefore(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    // It begins anew with its table after some of them.
    Lzf used = new Lzf(Integer.MAX_VALUE - 50_000);
    for (int i = 0; i < 300; i++) {
      byte[] text = new byte[1 + random.nextInt(1000)];
      for (int k = 0; k < text.length; k++) {
        text[k] = (byte) random.nextInt(3);
      }
      byte[] packed = new byte[2 * text.length + 8];
      byte[] alone = packed.clone();
      int length = used.compress(text, 0, text.length, packed, packed.length);
      assertEquals(new Lzf().compress(text, 0, text.length, alone, alone.length), length);
      assertArrayEquals(alone, packed);
    }
  }
}
