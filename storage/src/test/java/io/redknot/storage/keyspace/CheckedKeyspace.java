package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.value.StringValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** A keyspace beside a model: each verb acts on both, and what it tells is compared. */
final class CheckedKeyspace {
  /** What the model knows of a key. */
  static final class Known {
    private final byte[] value;
    private final long expiryMs;

    Known(byte[] value, long expiryMs) {
      this.value = value;
      this.expiryMs = expiryMs;
    }

    byte[] value() {
      return value;
    }

    long expiryMs() {
      return expiryMs;
    }
  }

  final Keyspace keys;
  final Map<String, Known> model = new HashMap<>();
  final SplittableRandom random;
  private long nowMs;

  CheckedKeyspace(long seed, long nowMs) {
    this.random = new SplittableRandom(seed);
    this.keys = new Shards(1, 1, random::nextLong).shard(0).keyspace(0);
    time(nowMs);
  }

  void time(long unixMs) {
    nowMs = unixMs;
    keys.time(unixMs);
  }

  long nowMs() {
    return nowMs;
  }

  static byte[] bytes(String key) {
    return key.getBytes(ISO_8859_1);
  }

  static int slot(byte[] key) {
    return HashSlot.of(key, 0, key.length);
  }

  long find(String key) {
    byte[] bytes = bytes(key);
    return keys.find(bytes, 0, bytes.length, slot(bytes));
  }

  private boolean isThere(String key) {
    Known inModel = model.get(key);
    return inModel != null && !isExpired(inModel);
  }

  private boolean isExpired(Known known) {
    return known.expiryMs() != Keyspace.NO_EXPIRY && known.expiryMs() < nowMs;
  }

  private Known known(String key) {
    return Objects.requireNonNull(model.get(key), key);
  }

  byte[] randomValue(int length) {
    byte[] value = new byte[length];
    random.nextBytes(value);
    return value;
  }

  void put(String key, byte[] value) {
    byte[] bytes = bytes(key);
    long ref = find(key);
    boolean there = isThere(key);
    assertEquals(there, ref != 0, key);
    long expiry = there ? known(key).expiryMs() : Keyspace.NO_EXPIRY;
    StringValue.set(keys, ref, bytes, 0, bytes.length, value, 0, value.length);
    model.put(key, new Known(value, expiry));
  }

  void resize(String key, int length) {
    long ref = find(key);
    if (ref != 0) {
      keys.resize(ref, length);
      Known known = known(key);
      model.put(key, new Known(Arrays.copyOf(known.value(), length), known.expiryMs()));
    }
  }

  /** Appends as APPEND does. */
  void append(String key, byte[] more) {
    long ref = find(key);
    int old = keys.valueLength(ref);
    long now = keys.resize(ref, old + more.length);
    System.arraycopy(more, 0, keys.valueArray(now), keys.valueOffset(now) + old, more.length);
    Known known = known(key);
    byte[] value = Arrays.copyOf(known.value(), old + more.length);
    System.arraycopy(more, 0, value, old, more.length);
    model.put(key, new Known(value, known.expiryMs()));
  }

  void expireAt(String key, long expiryMs) {
    long ref = find(key);
    if (ref != 0) {
      long now = keys.expireAt(ref, expiryMs);
      assertEquals(expiryMs, keys.expiry(now));
      model.put(key, new Known(known(key).value(), expiryMs));
    }
  }

  void remove(String key) {
    byte[] bytes = bytes(key);
    assertEquals(isThere(key), keys.remove(bytes, 0, bytes.length, slot(bytes)), key);
    model.remove(key);
  }

  void rename(String from, String to) {
    long ref = find(from);
    if (ref == 0 || from.equals(to)) {
      return;
    }
    Known known = known(from);
    remove(to);
    byte[] target = bytes(to);
    keys.copyFrom(keys, find(from), target, 0, target.length, slot(target));
    model.put(to, known);
    remove(from);
  }

  void assertSame(String key) {
    long ref = find(key);
    assertEquals(isThere(key), ref != 0, key);
    if (ref != 0) {
      assertSame(ref, key, known(key));
    }
  }

  private void assertSame(long ref, String key, Known known) {
    assertArrayEquals(bytes(key), keys.keyCopy(ref));
    assertEquals(known.value().length, keys.valueLength(ref), key);
    int from = keys.valueOffset(ref);
    byte[] array = keys.valueArray(ref);
    int end = from + known.value().length;
    assertTrue(Arrays.equals(array, from, end, known.value(), 0, known.value().length), key);
    assertEquals(known.expiryMs(), keys.expiry(ref), key);
  }

  /** Compares everything and checks the tables. */
  void assertSame() {
    for (String key : model.keySet().toArray(String[]::new)) {
      assertSame(key);
    }
    model.keySet().removeIf(key -> !isThere(key));
    int[] visited = new int[1];
    for (int slot = 0; slot < keys.walk().slots(); slot++) {
      long end = keys.walk().visitSlot(slot, 0, ref -> ++visited[0] > 0);
      assertEquals(-1, end);
    }
    assertEquals(model.size(), visited[0]);
    TableChecker.check(keys);
  }

  void removeAll() {
    for (String key : model.keySet().toArray(String[]::new)) {
      remove(key);
    }
  }
}
