package io.redknot.storage.encoding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HashTableTest {
  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private final Map<String, byte[]> model = new HashMap<>();
  private SplittableRandom random = new SplittableRandom(0);
  private HashTable table = new HashTable(nodes, new KeyHash(0));

  private void start(long seed, int depthMax) {
    releaseAll(table);
    random = new SplittableRandom(seed);
    table = new HashTable(nodes, new KeyHash(seed), depthMax);
  }

  private void releaseAll(HashTable old) {
    while (old.release(7) == 7) {}
  }

  private void put(String key, byte[] value) {
    byte[] k = key.getBytes(ISO_8859_1);
    boolean isNew = model.put(key, value) == null;
    assertEquals(isNew, table.put(k, 0, k.length, value, 0, value.length), key);
    assertCurrent(key, value);
  }

  private void remove(String key) {
    byte[] k = key.getBytes(ISO_8859_1);
    assertEquals(model.remove(key) != null, table.remove(k, 0, k.length), key);
  }

  private void assertCurrent(String key, byte[] value) {
    assertEquals(
        key, new String(table.keyArray(), table.keyOffset(), table.keyLength(), ISO_8859_1));
    int at = table.valueOffset();
    assertArrayEquals(
        value, Arrays.copyOfRange(table.valueArray(), at, at + table.valueLength()), key);
  }

  private void assertIsModel(HashTable checked, long seed) {
    assertEquals(model.size(), checked.count(), "seed " + seed);
    Map<String, byte[]> seen = new HashMap<>();
    checked.forEach(
        (k, kAt, kLength, v, vAt, vLength) ->
            seen.put(
                new String(k, kAt, kLength, ISO_8859_1),
                Arrays.copyOfRange(v, vAt, vAt + vLength)));
    assertEquals(model.keySet(), seen.keySet(), "seed " + seed);
    model.forEach((key, value) -> assertArrayEquals(value, seen.get(key), "seed " + seed));
    for (String key : model.keySet()) {
      byte[] k = key.getBytes(ISO_8859_1);
      assertTrue(checked.find(k, 0, k.length), "seed " + seed + " " + key);
    }
  }

  private byte[] value(int max) {
    int most = random.nextInt(50) == 0 ? max * 20 : max;
    byte[] value = new byte[random.nextInt(1 + random.nextInt(most))];
    random.nextBytes(value);
    return value;
  }

  private String key(int keys) {
    int i = random.nextInt(keys);
    // Long keys, and among them keys that do not fit into a leaf.
    return i % 50 == 7 ? "k".repeat(40 + i % 2000) + i : i % 10 == 0 ? "" + i : "key" + i;
  }

  @ParameterizedTest(name = "seed {0}, up to {1} keys, values of about {2} bytes, depth {3}")
  @CsvSource({
    "1, 40, 30, 32",
    "2, 5000, 30, 32",
    "3, 5000, 9, 32",
    "4, 900, 3000, 32",
    "5, 2000, 200, 32",
    "6, 9, 8000, 32",
    "7, 3000, 20, 3",
    "8, 700, 900, 0",
    "9, 30000, 10, 32"
  })
  void elementsAreThoseOfAMap(long seed, int keys, int valueMax, int depthMax) {
    start(seed, depthMax);
    for (int i = 0; i < 60_000; i++) {
      boolean grow = (i / 20_000 & 1) == 0;
      if (random.nextInt(10) < (grow ? 7 : 2)) {
        put(key(keys), value(valueMax));
      } else {
        remove(key(keys));
      }
      if (i % 500 == 0) {
        arena.evacuate(0, nodes::relocate);
      }
      if (i % 20_000 == 19_999) {
        assertIsModel(table, seed);
      }
    }
    HashTable copy = table.copyTo(nodes);
    assertIsModel(copy, seed);
    assertEquals(table.count(), copy.count());
    releaseAll(copy);
    assertIsModel(table, seed);
    for (String key : model.keySet().toArray(new String[0])) {
      remove(key);
      arena.evacuate(100_000, nodes::relocate);
    }
    assertEquals(1, nodes.size(), "what is empty is one leaf");
    releaseAll(table);
    assertEquals(0, nodes.size(), "seed " + seed);
    assertEquals(0, arena.usedBytes(), "seed " + seed);
  }

  @ParameterizedTest(name = "seed {0}, {1} keys, values up to {2} bytes, depth at most {3}")
  @CsvSource({"1, 4000, 20, 32", "2, 900, 900, 32", "3, 3000, 20, 3", "4, 12000, 8, 32"})
  void aSnapshotShowsWhatWasThereWhateverChangesMeanwhile(
      long seed, int keys, int valueMax, int depthMax) {
    start(seed, depthMax);
    for (int round = 0; round < 6; round++) {
      boolean grows = round % 2 == 0;
      Map<String, byte[]> expected = new HashMap<>(model);
      Map<String, byte[]> shown = new HashMap<>();
      table.beginSnapshot(
          (k, kAt, kLength, v, vAt, vLength) ->
              assertNull(
                  shown.put(
                      new String(k, kAt, kLength, ISO_8859_1),
                      Arrays.copyOfRange(v, vAt, vAt + vLength)),
                  "shown twice"));
      // Leaves merge before their turn comes.
      for (int i = grows ? 0 : 2 * keys; i > 0; i--) {
        remove(key(keys));
      }
      while (table.hasSnapshot()) {
        for (int i = random.nextInt(100); i > 0; i--) {
          if (random.nextInt(10) < (grows ? 8 : 2)) {
            put(key(keys), value(valueMax));
          } else {
            remove(key(keys));
          }
        }
        arena.evacuate(100, nodes::relocate);
        boolean more = table.snapshotStep();
        assertEquals(more, table.hasSnapshot());
      }
      assertSame(expected, shown, seed);
    }
    assertIsModel(table, seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aSnapshotShowsWhatIsGivenBackMeanwhile(long seed) {
    start(seed, 32);
    for (int i = 0; i < 3000; i++) {
      put(key(10_000), value(300));
    }
    Map<String, byte[]> shown = new HashMap<>();
    table.beginSnapshot(
        (k, kAt, kLength, v, vAt, vLength) ->
            shown.put(
                new String(k, kAt, kLength, ISO_8859_1),
                Arrays.copyOfRange(v, vAt, vAt + vLength)));
    boolean more = true;
    for (int i = random.nextInt(100); i > 0; i--) {
      more = table.snapshotStep();
    }
    boolean given = true;
    while (given || more) {
      given = given && table.release(1 + random.nextInt(20)) > 0;
      for (int i = random.nextInt(3); i > 0 && more; i--) {
        more = table.snapshotStep();
      }
    }
    assertSame(model, shown, seed);
    assertEquals(0, nodes.size());
  }

  private static void assertSame(
      Map<String, byte[]> expected, Map<String, byte[]> shown, long seed) {
    assertEquals(expected.keySet(), shown.keySet(), "seed " + seed);
    expected.forEach((key, value) -> assertArrayEquals(value, shown.get(key), "seed " + seed));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsGivenBackIsAllThatWasTaken(long seed) {
    long before = nodes.heapBytes();
    start(seed, 32);
    for (int i = 0; i < 3000; i++) {
      put(key(10_000), value(300));
    }
    assertTrue(table.usedBytes() >= arena.usedBytes(), "nodes and heap");
    assertTrue(table.usedBytes() < arena.usedBytes() * 1.05);
    releaseAll(table);
    assertEquals(0, arena.usedBytes());
    assertEquals(0, table.release(1));
    assertTrue(nodes.heapBytes() - before < 400_000, "numbers of nodes stay");
  }

  @Test
  void currentElementsValueMayBeEditedInPlace() {
    put("k", new byte[] {1, 2, 3});
    table.valueArray()[table.valueOffset() + 1] = 9;
    assertTrue(table.find(new byte[] {'k'}, 0, 1));
    assertCurrent("k", new byte[] {1, 9, 3});
    assertFalse(table.find(new byte[] {'l'}, 0, 1));
  }

  @ParameterizedTest(name = "seed {0}, {1} steady keys, up to {2} others, {3} wanted")
  @CsvSource({
    "1, 500, 2000, 8", "2, 500, 20000, 8", "3, 2000, 9000, 1", "4, 3, 9000, 100",
    "5, 2000, 9000, 30", "6, 20000, 100, 8", "7, 1, 9000, 8", "8, 40, 30, 8"
  })
  void elementsThatStayAreScannedExactlyOnce(long seed, int steady, int others, int wanted) {
    start(seed, 32);
    for (int i = 0; i < steady; i++) {
      put("steady" + i, new byte[random.nextInt(30)]);
    }
    boolean grow = seed % 2 == 0;
    if (!grow) {
      churn(others, others, true);
    }
    Map<String, Integer> seen = new HashMap<>();
    long position = 0;
    do {
      int[] visited = {0};
      position =
          table.scan(
              position,
              wanted,
              (k, kAt, kLength, v, vAt, vLength) -> {
                visited[0]++;
                seen.merge(new String(k, kAt, kLength, ISO_8859_1), 1, Integer::sum);
              });
      assertTrue(visited[0] <= 3 * wanted + 20, "steps are short: " + visited[0]);
      if (random.nextInt(4) == 0) {
        boolean now = random.nextInt(8) == 0 ? !grow : grow;
        churn(others, 1 + random.nextInt(1 + others / 60), now);
      }
    } while (position != 0);
    for (int i = 0; i < steady; i++) {
      assertEquals(1, seen.getOrDefault("steady" + i, 0), "seed " + seed + " steady" + i);
    }
    assertIsModel(table, seed);
  }

  private void churn(int others, int count, boolean grow) {
    for (int i = 0; i < count; i++) {
      String key = "other" + random.nextInt(others);
      if (random.nextInt(10) == 0 ? !grow : grow) {
        put(key, new byte[random.nextInt(60)]);
      } else {
        remove(key);
      }
    }
    arena.evacuate(10_000, nodes::relocate);
  }

  @Test
  void positionsThatWereNeverGivenEndTheScan() {
    put("k", new byte[0]);
    for (long position : new long[] {-1, Long.MIN_VALUE, 1L << 32, Long.MAX_VALUE}) {
      assertEquals(0, table.scan(position, (k, kAt, kLength, v, vAt, vLength) -> {}));
    }
  }

  @ParameterizedTest(name = "seed {0}, {1} elements, {2} of them removed, depth {3}")
  @CsvSource({
    "1, 500, 0, 32",
    "2, 20000, 0, 32",
    "3, 20000, 19000, 32",
    "4, 1, 0, 32",
    "5, 3000, 0, 2",
    "6, 3000, 2990, 2"
  })
  void everyElementIsDrawnAlikeOften(long seed, int elements, int removed, int depthMax) {
    start(seed, depthMax);
    for (int i = 0; i < elements; i++) {
      put("element" + i, new byte[i % 30]);
    }
    for (int i = 0; i < removed; i++) {
      remove("element" + i);
    }
    Map<String, Integer> counts = new HashMap<>();
    model.keySet().forEach(key -> counts.put(key, 0));
    int left = elements - removed;
    for (int i = 0; i < left * 20; i++) {
      table.random(random::nextLong);
      String key = new String(table.keyArray(), table.keyOffset(), table.keyLength(), ISO_8859_1);
      assertNotNull(counts.merge(key, 1, Integer::sum));
    }
    assertEquals(left, counts.size());
    double chiSquare = 0;
    for (int count : counts.values()) {
      chiSquare += (count - 20) * (count - 20) / 20.0;
    }
    // Five standard deviations above the mean of a chi-square distribution.
    assertTrue(chiSquare < left + 5 * Math.sqrt(2.0 * left), chiSquare + " for " + left);
  }

  @Test
  void drawnElementsCanBeRemovedUntilNoneIsLeft() {
    start(1, 32);
    for (int i = 0; i < 5000; i++) {
      put("e" + i, new byte[i % 7 == 0 ? 2000 : 5]);
    }
    while (table.count() > 0) {
      table.random(random::nextLong);
      model.remove(new String(table.keyArray(), table.keyOffset(), table.keyLength(), ISO_8859_1));
      table.removeCurrent();
      assertEquals(model.size(), table.count());
      if (model.size() % 1000 == 0) {
        assertIsModel(table, 1);
      }
    }
  }

  @Test
  void fieldsOfEightBytesWithValuesOfSixteenTakeLittle() {
    int fields = 100_000;
    byte[] value = new byte[16];
    for (int i = 0; i < fields; i++) {
      byte[] key = String.format("%08d", i).getBytes(ISO_8859_1);
      table.put(key, 0, key.length, value, 0, value.length);
    }
    long bytes = table.usedBytes() / fields;
    assertTrue(bytes < 40, "bytes a field: " + bytes);
  }
}
