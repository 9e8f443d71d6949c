package io.redknot.storage.snapshot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.RdbInput;
import io.redknot.storage.rdb.RdbOutput;
import io.redknot.storage.value.StringValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotSessionTest {
  private static final long NOW_MS = 1_700_000_000_000L;
  private static final int DATABASES = 2;
  private static final int KEYS = 3000;

  /** By database and key: value and expiry, as text. */
  private final Map<String, String> model = new HashMap<>();

  private final Shards shards = new Shards(4, DATABASES, () -> 42);
  private final Records records = new Records();

  /** Collects records by database and key. */
  private static final class Records implements SnapshotSession.Visitor {
    private final Map<String, String> found = new TreeMap<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int database = -1;

    @Override
    public void database(int number, long keys, long expiring) throws IOException {
      finish();
      assertTrue(number > database && keys > 0 && expiring <= keys);
      database = number;
    }

    @Override
    public void accept(byte[] source, int offset, int length) {
      bytes.write(source, offset, length);
    }

    void finish() throws IOException {
      byte[] all = bytes.toByteArray();
      bytes.reset();
      RdbInput in = new RdbInput(all, 0, all.length);
      while (in.position() < all.length) {
        String key = database + ":" + new String(in.string(), ISO_8859_1);
        String value = new String(in.string(), ISO_8859_1) + "@" + in.i64();
        assertEquals(null, found.put(key, value), key + " was written twice");
      }
    }
  }

  private static void write(Keyspace keys, long ref, RdbOutput out) throws IOException {
    out.string(keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref));
    out.string(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
    out.i64(keys.expiry(ref));
  }

  private void change(SplittableRandom random) {
    int db = random.nextInt(DATABASES);
    byte[] key = ("key:" + random.nextInt(KEYS)).getBytes(ISO_8859_1);
    int slot = HashSlot.of(key, 0, key.length);
    Shard shard = shards.ofSlot(slot);
    String name = db + ":" + new String(key, ISO_8859_1);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(db);
      keys.time(NOW_MS);
      long ref = keys.find(key, 0, key.length, slot);
      switch (random.nextInt(6)) {
        case 0 -> {
          if (ref != 0) {
            keys.remove(ref);
            model.remove(name);
          }
        }
        case 1 -> expire(keys, ref, name, NOW_MS + 1000 + random.nextInt(100_000));
        case 2 -> edit(keys, ref, name);
        default -> set(keys, ref, key, "v" + random.nextInt(), name);
      }
    } finally {
      shard.unlock();
    }
  }

  private void expire(Keyspace keys, long ref, String name, long expiryMs) {
    if (ref != 0) {
      keys.expireAt(ref, expiryMs);
      model.computeIfPresent(name, (key, old) -> old.substring(0, old.indexOf('@') + 1) + expiryMs);
    }
  }

  private void edit(Keyspace keys, long ref, String name) {
    if (ref != 0) {
      keys.valueArray(ref)[keys.valueOffset(ref)] = '!';
      model.computeIfPresent(name, (key, old) -> "!" + old.substring(1));
    }
  }

  private void set(Keyspace keys, long ref, byte[] key, String value, String name) {
    byte[] bytes = value.getBytes(ISO_8859_1);
    long now = StringValue.set(keys, ref, key, 0, key.length, bytes, 0, bytes.length);
    model.put(name, value + "@" + keys.expiry(now));
  }

  private SnapshotSession begin() {
    return SnapshotSession.begin(
        shards, SnapshotSessionTest::write, new SnapshotSession.Options(true));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whatIsWrittenIsTheDataOfTheBeginning(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 5 * KEYS; i++) {
      change(random);
    }
    Map<String, String> expected = new TreeMap<>(model);
    SnapshotSession session = begin();
    int perSlice = random.nextInt(200);
    int flushAt = random.nextInt(100);
    int slices = 0;
    do {
      for (int i = 0; i < perSlice; i++) {
        change(random);
      }
      if (slices++ == flushAt) {
        shards.swap(0, 1, NOW_MS);
        shards.flushAll(NOW_MS);
        model.clear();
      }
    } while (session.step(records));
    records.finish();
    assertEquals(expected, records.found, "seed " + seed);
    assertEquals(expected.size(), session.records());
    assertEquals(expected.size(), session.keys());
  }

  /** With what is kept before it is rewritten, too: more of it than a slice takes. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void moreThanManySlicesOfBytesAreWritten(boolean rewritten) throws IOException {
    byte[] value = new byte[20_000];
    new SplittableRandom(9).nextBytes(value);
    setAll(value);
    SnapshotSession session = begin();
    if (rewritten) {
      setAll(new byte[10]);
    }
    int steps = 0;
    while (session.step(records)) {
      assertTrue(++steps < 1000, "each slice writes something");
    }
    records.finish();
    assertEquals(200, records.found.size());
    assertEquals(200, session.records());
    String expected = new String(value, ISO_8859_1) + "@" + Keyspace.NO_EXPIRY;
    records.found.values().forEach(found -> assertEquals(expected, found));
  }

  private void setAll(byte[] value) {
    for (int i = 0; i < 200; i++) {
      byte[] key = ("key:" + i).getBytes(ISO_8859_1);
      int slot = HashSlot.of(key, 0, key.length);
      Keyspace keys = shards.ofSlot(slot).keyspace(0);
      keys.time(NOW_MS);
      long ref = keys.find(key, 0, key.length, slot);
      StringValue.set(keys, ref, key, 0, key.length, value, 0, value.length);
    }
  }

  @Test
  void sessionsFollowEachOtherAlsoAfterSomeThatWereGivenUp() throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 600; round++) {
      for (int i = 0; i < 20; i++) {
        change(random);
      }
      if (round % 100 < 97) {
        SnapshotSession session = begin();
        session.step(new Records());
        change(random);
        session.abandon();
        continue;
      }
      Map<String, String> expected = new TreeMap<>(model);
      Records all = new Records();
      SnapshotSession session = begin();
      while (session.step(all)) {
        change(random);
      }
      all.finish();
      assertEquals(expected, all.found, "round " + round);
    }
  }

  @Test
  void failingVisitorLosesNothingOfTheKeyspace() {
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 1000; i++) {
      change(random);
    }
    SnapshotSession session = begin();
    SnapshotSession.Visitor broken =
        new SnapshotSession.Visitor() {
          @Override
          public void database(int number, long keys, long expiring) {}

          @Override
          public void accept(byte[] bytes, int offset, int length) throws IOException {
            throw new IOException("disk full");
          }
        };
    assertThrows(
        IOException.class,
        () -> {
          while (session.step(broken)) {
            change(random);
          }
        });
    session.abandon();
    long keys = shards.size(0) + shards.size(1);
    assertEquals(model.size(), keys);
  }

  @Test
  void memoryOfWhatWasKeptIsBoundedByWhatIsRewritten() throws IOException {
    byte[] key = {'k'};
    byte[] value = new byte[1000];
    int slot = HashSlot.of(key, 0, 1);
    Keyspace keys = shards.ofSlot(slot).keyspace(0);
    keys.time(NOW_MS);
    StringValue.set(keys, keys.find(key, 0, 1, slot), key, 0, 1, value, 0, value.length);
    SnapshotSession session = begin();
    for (int i = 0; i < 100_000; i++) {
      value[0] = (byte) i;
      StringValue.set(keys, keys.find(key, 0, 1, slot), key, 0, 1, value, 0, value.length);
    }
    int[] bytes = new int[1];
    Arrays.fill(bytes, 0);
    while (session.step(
        new SnapshotSession.Visitor() {
          @Override
          public void database(int number, long size, long expiring) {}

          @Override
          public void accept(byte[] source, int offset, int length) {
            bytes[0] += length;
          }
        })) {
      assertTrue(bytes[0] < 2000);
    }
    assertEquals(1, session.records());
  }
}
