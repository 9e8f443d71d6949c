package io.redknot.storage.snapshot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.EntryWriter;
import io.redknot.storage.rdb.RdbInput;
import io.redknot.storage.value.HashValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes that are written in pieces, and what happens to them meanwhile. */
class LargeValueSnapshotTest {
  private static final long NOW_MS = 1_700_000_000_000L;
  private static final int VERSION = 10;

  /** A hash of fields and values one by one. */
  private static final int TYPE_HASH = 4;

  private static final int FIELDS = 20_000;
  private static final byte[] LARGE = "large".getBytes(ISO_8859_1);

  private final Shards shards = new Shards(1, 1, () -> 42);
  private final Shard shard = shards.shard(0);
  private final Map<String, Map<String, String>> found = new TreeMap<>();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private int steps;

  private final SnapshotSession.Visitor visitor =
      new SnapshotSession.Visitor() {
        @Override
        public void database(int number, long keys, long expiring) {}

        @Override
        public void accept(byte[] source, int offset, int length) {
          written.write(source, offset, length);
          steps++;
        }
      };

  private Keyspace keyspace() {
    Keyspace keys = shard.keyspace(0);
    keys.time(NOW_MS);
    return keys;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static String text(byte[] array, int offset, int length) {
    return new String(array, offset, length, ISO_8859_1);
  }

  /** Makes a hash that has outgrown its entry. */
  private void fill(byte[] key, int fields) {
    HashTable table = new HashTable(keyspace().nodes(), keyspace().hash());
    for (int i = 0; i < fields; i++) {
      byte[] field = bytes("field" + i);
      byte[] value = bytes("value" + i);
      table.put(field, 0, field.length, value, 0, value.length);
    }
    int slot = HashSlot.of(key, 0, key.length);
    assertEquals(0, keyspace().find(key, 0, key.length, slot));
    keyspace().putLarge(0, key, 0, key.length, EntryFormat.TYPE_HASH, table);
  }

  private long find(byte[] key) {
    return keyspace().find(key, 0, key.length, HashSlot.of(key, 0, key.length));
  }

  private Map<String, String> content(byte[] key) {
    Map<String, String> content = new TreeMap<>();
    ElementVisitor add =
        (field, at, length, value, valueAt, n) ->
            content.put(text(field, at, length), text(value, valueAt, n));
    HashValue.forEach(keyspace(), find(key), add);
    return content;
  }

  private SnapshotSession begin() {
    return SnapshotSession.begin(
        shards,
        new EntryWriter(VERSION, shards.clock(), EntryWriter.Use.NOTHING),
        new SnapshotSession.Options(false));
  }

  /** Reads all records that were written. */
  private void read() throws IOException {
    byte[] all = written.toByteArray();
    RdbInput in = new RdbInput(all, 0, all.length);
    while (in.position() < all.length) {
      assertEquals(TYPE_HASH, in.u8());
      String key = new String(in.string(), ISO_8859_1);
      Map<String, String> content = new TreeMap<>();
      for (long left = in.length(); left > 0; left--) {
        content.put(new String(in.string(), ISO_8859_1), new String(in.string(), ISO_8859_1));
      }
      assertNull(found.put(key, content), "written twice");
    }
  }

  private void change(SplittableRandom random) {
    shard.lock();
    try {
      HashTable table = HashValue.table(keyspace(), find(LARGE));
      byte[] field = bytes("field" + random.nextInt(2 * FIELDS));
      byte[] value = bytes("new".repeat(random.nextInt(10)));
      if (random.nextInt(4) == 0) {
        table.remove(field, 0, field.length);
      } else {
        table.put(field, 0, field.length, value, 0, value.length);
      }
    } finally {
      shard.unlock();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aLargeHashIsWrittenInPiecesAsItWasAtTheBeginning(long seed) throws IOException {
    fill(LARGE, FIELDS);
    fill(bytes("another"), FIELDS);
    SplittableRandom random = new SplittableRandom(seed);
    // Twice, since every snapshot has to leave the value ready for the next one.
    for (int round = 0; round < 2; round++) {
      found.clear();
      written.reset();
      steps = 0;
      Map<String, String> before = content(LARGE);
      Map<String, String> other = content(bytes("another"));
      SnapshotSession session = begin();
      while (session.step(visitor)) {
        for (int i = 0; i < 40; i++) {
          change(random);
        }
      }
      read();
      assertTrue(before.equals(found.get("large")), "seed " + seed + " round " + round);
      assertTrue(other.equals(found.get("another")), "seed " + seed + " round " + round);
      assertEquals(2, session.records());
      assertTrue(steps > 10, "pieces: " + steps);
    }
  }

  @Test
  void whatIsDeletedMeanwhileIsWrittenAllTheSame() throws IOException {
    fill(LARGE, FIELDS);
    Map<String, String> before = content(LARGE);
    SnapshotSession session = begin();
    assertTrue(session.step(visitor));
    shard.lock();
    try {
      keyspace().remove(find(LARGE));
    } finally {
      shard.unlock();
    }
    while (session.step(visitor)) {}
    read();
    assertTrue(before.equals(found.get("large")));
  }

  @Test
  void aSnapshotThatIsGivenUpLeavesTheValueReadyForTheNext() throws IOException {
    fill(LARGE, FIELDS);
    SnapshotSession first = begin();
    assertTrue(first.step(visitor));
    assertTrue(first.step(visitor));
    first.abandon();
    written.reset();
    Map<String, String> before = content(LARGE);
    SnapshotSession second = begin();
    while (second.step(visitor)) {}
    read();
    assertTrue(before.equals(found.get("large")));
  }
}
