package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.KeyHash;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {
  private static final long NOW = 1_700_000_000_000L;

  /** Five standard deviations above the mean of a chi-square distribution. */
  private static double bound(int bins) {
    return bins + 5 * Math.sqrt(2.0 * bins);
  }

  private static double chiSquare(Iterable<Integer> counts, double expected) {
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  @ParameterizedTest(name = "seed {0}, {1} keys spread, {2} in one slot")
  @CsvSource({"1, 500, 0", "2, 20, 480", "3, 0, 500", "4, 100, 20000", "5, 0, 20000", "6, 1, 0"})
  void everyEntryIsDrawnAlikeOften(long seed, int spread, int inOneSlot) {
    CheckedKeyspace checked = new CheckedKeyspace(seed, NOW);
    for (int i = 0; i < spread; i++) {
      checked.put("k" + i, new byte[0]);
    }
    for (int i = 0; i < inOneSlot; i++) {
      checked.put("{t}" + i, new byte[0]);
    }
    int keys = spread + inOneSlot;
    int draws = keys * 20;
    Map<String, Integer> counts = new HashMap<>();
    checked.model.keySet().forEach(key -> counts.put(key, 0));
    for (int i = 0; i < draws; i++) {
      byte[] key = checked.keys.keyCopy(checked.keys.randomEntry());
      counts.merge(new String(key, ISO_8859_1), 1, Integer::sum);
    }
    assertEquals(keys, counts.size());
    double chiSquare = chiSquare(counts.values(), 20);
    assertTrue(chiSquare < bound(keys), () -> chiSquare + " for " + keys);
  }

  @ParameterizedTest(name = "seed {0}, {1} shards")
  @CsvSource({"8, 1", "9, 2", "10, 8"})
  void everyKeyOfAllShardsIsDrawnAlikeOftenAndNoExpiredOne(long seed, int count) {
    Shards shards = new Shards(count, 1, new SplittableRandom(seed)::nextLong);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      // Most keys are in one slot, and so in one shard.
      String key = i % 4 == 0 ? "k" + i : "{t}" + i;
      addKey(shards, key, i % 8 == 7 ? NOW - 1 : NOW + 60_000);
      if (i % 8 != 7) {
        counts.put(key, 0);
      }
    }
    int keys = counts.size();
    Database database = shards.database(0);
    for (int i = 0; i < keys * 20; i++) {
      byte[] key = Objects.requireNonNull(database.randomKey(NOW));
      counts.merge(new String(key, ISO_8859_1), 1, Integer::sum);
    }
    assertEquals(keys, counts.size());
    double chiSquare = chiSquare(counts.values(), 20);
    assertTrue(chiSquare < bound(keys), () -> chiSquare + " for " + keys);
  }

  private static void addKey(Shards shards, String name, long expiryMs) {
    byte[] key = name.getBytes(ISO_8859_1);
    int slot = HashSlot.of(key, 0, key.length);
    Keyspace keys = shards.ofSlot(slot).keyspace(0);
    keys.time(NOW - 2);
    long ref = keys.put(keys.find(key, 0, key.length, slot), key, 0, key.length, 0, 0, 0);
    keys.expireAt(ref, expiryMs);
  }

  @Test
  void drawingFromWhatIsLeftOfManyKeysIsQuick() {
    CheckedKeyspace checked = new CheckedKeyspace(7, NOW);
    assertEquals(0, checked.keys.randomEntry());
    for (int i = 0; i < 50_000; i++) {
      checked.put("{t}" + i, new byte[0]);
    }
    for (int i = 1; i < 50_000; i++) {
      checked.remove("{t}" + i);
    }
    long only = checked.find("{t}0");
    for (int i = 0; i < 100_000; i++) {
      assertEquals(only, checked.keys.randomEntry());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"key:%012d", "%d", "user:%d:name", "%064d"})
  void tagsOfSequentialKeysAreUniform(String format) {
    for (int seed = 0; seed < 5; seed++) {
      assertUniform(new KeyHash(seed), format);
    }
  }

  private static void assertUniform(KeyHash hash, String format) {
    int keys = 50_000;
    int bins = 1024;
    for (int shift : new int[] {0, 18, 36, 44, 54}) {
      Map<Integer, Integer> counts = new HashMap<>();
      for (int i = 0; i < keys; i++) {
        byte[] key = String.format(format, i).getBytes(ISO_8859_1);
        int bin = (int) (hash.of(key, 0, key.length) >>> shift) & (bins - 1);
        counts.merge(bin, 1, Integer::sum);
      }
      assertEquals(bins, counts.size());
      double chiSquare = chiSquare(counts.values(), (double) keys / bins);
      assertTrue(chiSquare < bound(bins), () -> chiSquare + " with the hash shifted by " + shift);
    }
  }

  @Test
  void hashesDependOnTheSeedAndOnTheLength() {
    byte[] zeros = new byte[40];
    Map<Long, String> seen = new HashMap<>();
    for (int seed = 0; seed < 50; seed++) {
      KeyHash hash = new KeyHash(seed);
      for (int length = 0; length <= zeros.length; length++) {
        String before = seen.put(hash.of(zeros, 0, length), seed + "/" + length);
        assertEquals(null, before, "seed " + seed + " length " + length);
      }
    }
  }
}
