package io.redknot.storage.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.value.ValueType;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values with bytes changed anywhere are refused, or are good values; nothing else happens. */
class ValueFuzzTest {
  private static final int ROUNDS = 4000;
  private static final byte[] KEY = {'k'};
  private static final int SLOT = HashSlot.of(KEY, 0, 1);
  private static final EncodingLimits LIMITS =
      new EncodingLimits(8, 16, 8, 8, 16, 8, 16, ListLimits.of(-1));

  /** Values of every type, as redis-server 7.0.15 and 7.2.6 gave them out, without footers. */
  private static final List<String> SAMPLES =
      List.of(
          "00 03 61 62 63",
          "00 c3 09 40 64 01 61 61 e0 57 00 01 61 61",
          "12 01 02 17 17 00 00 00 05 00 81 61 02 01 01 df fb 02 c1 2c 02 f2 70 11 01 04 ff",
          "12 03 02 0a 0a 00 00 00 01 00 81 61 02 ff 01 10 30 31 32 33 34 35 36 37 38 39 61 62 63"
              + "64 65 66 02 0a 0a 00 00 00 01 00 81 62 02 ff",
          "0b 18 04 00 00 00 04 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 70 11 01 00",
          "02 02 c0 01 01 61",
          "14 0c 0c 00 00 00 02 00 81 61 02 01 01 ff",
          "11 1d 1d 00 00 00 06 00 81 63 02 84 2d 69 6e 66 05 81 61 02 01 01 81 62 02 83 32 2e 35"
              + "04 ff",
          "05 03 01 63 00 00 00 00 00 00 f0 7f 01 62 00 00 00 00 00 00 04 40 01 61 00 00 00 00 00"
              + "00 f0 3f",
          "10 12 12 00 00 00 04 00 81 66 02 81 76 02 81 6e 02 0c 01 ff",
          "04 02 01 66 01 76 01 6e c0 0c",
          "01 02 01 61 c0 05",
          "03 03 01 61 03 31 2e 35 01 62 fe 01 63 ff",
          "13 01 10 00000000000000010000000000000001 3f 3f000000 1800 03010001010181660200010201000"
              + "100018176020401020100010101827632030401000104 01dfff020201816702817702816802070108"
              + "01 ff"
              + "03 05 00 01 01 00 00 03 00",
          "09 18 02 03 66 6f 6f 03 00 62 61 72 05 68 65 6c 6c 6f 05 00 77 6f 72 6c 64 ff",
          "0a 0f 0f000000 0c000000 0200 00f3 02f6 ff",
          "0c 0f 0f000000 0c000000 0200 00f3 02f6 ff",
          "0d 20 20000000 15000000 0400 0001 61 03 c0 10 27 04 02 62 63 04 e0 0000000000000080 ff",
          "0e 02 0f 0f000000 0c000000 0200 00f3 02f6 ff 0f 0f000000 0c000000 0200 00f3 02f6 ff");

  private final Shards shards = new Shards(1, 1, () -> 42);
  private final Keyspace keys = shards.shard(0).keyspace(0);

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private long store(byte[] value) throws IOException {
    RdbInput in = new RdbInput(value, 0, value.length);
    return ValueReader.store(in.u8(), in, keys, new ValueReader.Target(KEY, 0, 1, SLOT), LIMITS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damagedValuesAreRefusedOrGood(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (String sample : SAMPLES) {
      byte[] good = hex(sample);
      check(store(good));
      for (int i = 0; i < ROUNDS; i++) {
        byte[] damaged = damage(good, random);
        long sizeBefore = keys.size();
        try {
          check(store(damaged));
        } catch (RdbException refused) {
          assertEquals(sizeBefore, keys.size());
        } catch (RuntimeException failure) {
          String shown = HexFormat.of().formatHex(damaged);
          throw new AssertionError("seed " + seed + ", value " + shown, failure);
        }
      }
    }
    keys.remove(KEY, 0, 1, SLOT);
    while (keys.memory().releaseDropped(1000) > 0) {
      // until nothing is left
    }
    assertEquals(0, keys.nodes().size(), "seed " + seed + ": no node is lost");
  }

  private static byte[] damage(byte[] good, SplittableRandom random) {
    byte[] bytes = Arrays.copyOf(good, good.length - (random.nextInt(4) == 0 ? 1 : 0));
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      // The type stays, so that each round is about the sample's own.
      int at = 1 + random.nextInt(bytes.length - 1);
      bytes[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
    }
    return bytes;
  }

  /** A value that was accepted can be written, and is read again as the same. */
  private void check(long ref) throws IOException {
    assertTrue(ref != 0);
    for (int version : new int[] {RdbFormat.VERSION_DEFAULT, RdbFormat.VERSION_MAX}) {
      byte[] payload = DumpPayload.of(keys, keys.find(KEY, 0, 1, SLOT), version, true);
      DumpPayload checked = DumpPayload.checked(payload, 0, payload.length);
      assertTrue(checked != null);
      String encoding = encoding();
      checked.store(keys, new ValueReader.Target(KEY, 0, 1, SLOT), LIMITS);
      // A list from a single ziplist is kept in nodes, however short, until it is written anew.
      assertTrue(encoding().equals(encoding) || encoding.equals("quicklist"));
    }
  }

  private String encoding() {
    long ref = keys.find(KEY, 0, 1, SLOT);
    ValueType type = ValueType.of(keys, ref);
    return type == ValueType.STRING ? "string" : type.encodingName(keys, ref);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatDumpGivesOutIsCheckedBeforeAnythingElse(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    store(("\0\7" + "abcdefg").getBytes(ISO_8859_1));
    byte[] payload = DumpPayload.of(keys, keys.find(KEY, 0, 1, SLOT), 10, true);
    assertTrue(DumpPayload.checked(payload, 0, payload.length) != null);
    for (int i = 0; i < payload.length; i++) {
      byte[] changed = payload.clone();
      changed[i] ^= (byte) (1 << random.nextInt(8));
      assertTrue(DumpPayload.checked(changed, 0, changed.length) == null, "byte " + i);
    }
  }
}
