package io.redknot.storage.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashValueTest {
  private static final byte[] KEY = {'k'};

  private final Map<String, String> model = new HashMap<>();
  private SplittableRandom random = new SplittableRandom(0);
  private Keyspace keys = new Shards(1, 1, random::nextLong).shard(0).keyspace(0);
  private long entriesMax = 128;
  private long bytesMax = 64;

  private void start(long seed) {
    random = new SplittableRandom(seed);
    keys = new Shards(1, 1, random::nextLong).shard(0).keyspace(0);
  }

  private long find() {
    return keys.find(KEY, 0, 1, keys.slotOf(KEY, 0, 1));
  }

  private void set(String field, String value) {
    long found = find();
    long ref = found != 0 ? found : HashValue.create(keys, KEY, 0, 1);
    byte[] f = field.getBytes(ISO_8859_1);
    byte[] v = value.getBytes(ISO_8859_1);
    int before = HashValue.count(keys, ref);
    ref = HashValue.set(keys, ref, f, 0, f.length, v, 0, v.length, entriesMax, bytesMax);
    assertEquals(ref, find());
    int added = model.put(field, value) == null ? 1 : 0;
    assertEquals(before + added, HashValue.count(keys, ref));
  }

  private void remove(String field) {
    long ref = find();
    byte[] f = field.getBytes(ISO_8859_1);
    int found = ref == 0 ? HashValue.NONE : HashValue.find(keys, ref, f, 0, f.length);
    assertEquals(model.remove(field) != null, found != HashValue.NONE);
    if (found != HashValue.NONE) {
      long now = HashValue.removeFound(keys, ref, found);
      assertEquals(now, find());
      if (HashValue.count(keys, now) == 0) {
        keys.remove(now);
      }
    }
  }

  private String value(long ref, int found) {
    if (HashValue.isInteger(keys, ref, found)) {
      String text = Long.toString(HashValue.integer(keys, ref, found));
      assertEquals(text.length(), HashValue.textLength(keys, ref, found));
      return text;
    }
    return new String(
        HashValue.textArray(keys, ref),
        HashValue.textOffset(keys, ref, found),
        HashValue.textLength(keys, ref, found),
        ISO_8859_1);
  }

  private void assertIsModel(long seed) {
    long ref = find();
    if (ref == 0) {
      assertTrue(model.isEmpty());
      return;
    }
    Map<String, String> seen = new HashMap<>();
    HashValue.forEach(
        keys,
        ref,
        (field, at, length, value, valueAt, valueLength) ->
            seen.put(
                new String(field, at, length, ISO_8859_1),
                new String(value, valueAt, valueLength, ISO_8859_1)));
    assertEquals(model, seen, "seed " + seed);
    model.forEach(
        (field, value) -> {
          byte[] f = field.getBytes(ISO_8859_1);
          int found = HashValue.find(keys, ref, f, 0, f.length);
          assertEquals(value, value(ref, found), "seed " + seed);
        });
  }

  private String text() {
    return switch (random.nextInt(8)) {
      case 0 -> "";
      case 1 -> Long.toString(random.nextLong());
      case 2, 3 -> Integer.toString(random.nextInt(400) - 200);
      case 4 -> "x".repeat(random.nextInt(90));
      default -> "value" + random.nextInt(1000);
    };
  }

  @ParameterizedTest(name = "seed {0}, {1} fields, {2} in a listpack")
  @CsvSource({"1, 30, 1000", "2, 30, 20", "3, 400, 128", "4, 3, 512", "5, 2000, 0"})
  void hashesAreThoseOfAMap(long seed, int fields, long listpackEntries) {
    start(seed);
    entriesMax = listpackEntries;
    bytesMax = seed == 1 ? 1000 : 64;
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(10) < (i % 6000 < 3000 ? 7 : 2)) {
        set("f" + random.nextInt(fields), text());
      } else {
        remove("f" + random.nextInt(fields));
      }
      if (i % 500 == 0) {
        keys.memory().compact(100_000, 0);
      }
      if (i % 1000 == 999) {
        assertIsModel(seed);
      }
    }
  }

  private String encoding() {
    return ValueType.HASH.encodingName(keys, find());
  }

  @Test
  void hashIsAListpackUpToTheLimitsAndNeverAgain() {
    for (int i = 0; i < 128; i++) {
      set("f" + i, "" + i);
    }
    assertEquals("listpack", encoding());
    set("f128", "");
    assertEquals("hashtable", encoding());
    for (int i = 1; i <= 128; i++) {
      remove("f" + i);
    }
    assertEquals("hashtable", encoding());
    remove("f0");
    set("f", "x".repeat(64));
    set("y".repeat(64), "");
    assertEquals("listpack", encoding());
    set("f", "x".repeat(65));
    assertEquals("hashtable", encoding());
    remove("f");
    remove("y".repeat(64));
    set("y".repeat(65), "");
    assertEquals("hashtable", encoding());
  }

  @ParameterizedTest(name = "{0} fields, {1} picks")
  @CsvSource({"10, 1", "10, 3", "10, 7", "300, 1", "300, 20", "300, 200"})
  void fieldsArePickedAlikeOften(int fields, int picks) {
    start(fields + picks);
    for (int i = 0; i < fields; i++) {
      set("field" + i, "" + i);
    }
    Map<String, Integer> distinct = new HashMap<>();
    Map<String, Integer> repeated = new HashMap<>();
    int rounds = 40 * fields / picks;
    for (int i = 0; i < rounds; i++) {
      Map<String, String> seen = new HashMap<>();
      RandomElements.distinct(
          keys,
          find(),
          picks,
          (field, at, length, value, valueAt, valueLength) -> {
            String name = new String(field, at, length, ISO_8859_1);
            seen.put(name, new String(value, valueAt, valueLength, ISO_8859_1));
            distinct.merge(name, 1, Integer::sum);
          });
      assertEquals(picks, seen.size());
      seen.forEach((field, value) -> assertEquals(model.get(field), value));
      RandomElements.repeated(
          keys,
          find(),
          picks,
          (field, at, length, value, valueAt, valueLength) ->
              repeated.merge(new String(field, at, length, ISO_8859_1), 1, Integer::sum));
    }
    SetValueTest.assertUniform(distinct, fields, (double) rounds * picks / fields);
    SetValueTest.assertUniform(repeated, fields, (double) rounds * picks / fields);
  }
}
