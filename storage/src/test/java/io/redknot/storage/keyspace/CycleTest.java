package io.redknot.storage.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.value.StringValue;
import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What is done for the keys from time to time. */
class CycleTest {
  private static final long NOW_MS = 1_700_000_000_000L;

  private final RandomGenerator seeds = new XorShift(42);
  private final Shards shards = new Shards(4, 1, seeds::nextLong);
  private long nanos;

  /** A clock that runs 10 microseconds whenever it is asked. */
  private long nanos() {
    nanos += 10_000;
    return nanos;
  }

  private static byte[] name(int i) {
    return ("key" + i).getBytes(StandardCharsets.US_ASCII);
  }

  private Keyspace keyspaceOf(byte[] name) {
    Keyspace keys = shards.ofSlot(HashSlot.of(name, 0, name.length)).keyspace(0);
    keys.time(NOW_MS);
    return keys;
  }

  private long set(int i, int valueLength) {
    byte[] name = name(i);
    Keyspace keys = keyspaceOf(name);
    long ref = keys.find(name, 0, name.length, HashSlot.of(name, 0, name.length));
    byte[] value = new byte[valueLength];
    value[0] = (byte) i;
    return StringValue.set(keys, ref, name, 0, name.length, value, 0, valueLength);
  }

  private long find(int i) {
    byte[] name = name(i);
    return keyspaceOf(name).find(name, 0, name.length, HashSlot.of(name, 0, name.length));
  }

  private long sum(ToLongFunction<Keyspace> part) {
    long sum = 0;
    for (int i = 0; i < shards.count(); i++) {
      sum += part.applyAsLong(shards.shard(i).keyspace(0));
    }
    return sum;
  }

  @Test
  void compactionGivesMostPagesBackAndLosesNothing() {
    for (int i = 0; i < 200_000; i++) {
      var _ = set(i, 100);
    }
    long full = sum(keys -> keys.memory().heldBytes());
    for (int i = 0; i < 200_000; i++) {
      if (i % 10 != 0) {
        byte[] name = name(i);
        assertTrue(
            keyspaceOf(name).remove(name, 0, name.length, HashSlot.of(name, 0, name.length)));
      }
    }
    CompactionCycle cycle = new CompactionCycle(shards, this::nanos);
    int slices = 0;
    while (cycle.run(64 * 1024, 1_000_000) > 0) {
      slices++;
    }
    assertTrue(slices > 10, "slices " + slices);
    assertEquals(0, cycle.run(64 * 1024, 1_000_000));
    long used = sum(keys -> keys.memory().usedBytes());
    // What stays is a page in reserve, and one that is being filled, in each shard.
    long pages = 2L * shards.count() * (1 << 20);
    assertTrue(sum(keys -> keys.memory().fragmentedBytes()) <= used / 8 + pages);
    assertTrue(sum(keys -> keys.memory().heldBytes()) < full / 2);
    for (int i = 0; i < 200_000; i += 10) {
      Keyspace keys = keyspaceOf(name(i));
      long ref = find(i);
      assertEquals(100, keys.valueLength(ref));
      assertEquals((byte) i, keys.valueArray(ref)[keys.valueOffset(ref)]);
    }
  }

  @Test
  void compactionLeavesADenseKeyspaceAlone() {
    for (int i = 0; i < 100_000; i++) {
      var _ = set(i, 100);
    }
    assertEquals(0, new CompactionCycle(shards, this::nanos).run(1 << 20, 1_000_000));
  }

  @Test
  void anExpirySliceEndsInTimeAndTheNextOnesFinishTheWork() {
    for (int i = 0; i < 50_000; i++) {
      long ref = set(i, 10);
      var _ = keyspaceOf(name(i)).expireAt(ref, NOW_MS + (i % 2 == 0 ? 1000 : 1_000_000_000));
    }
    ExpiryCycle cycle = new ExpiryCycle(shards, this::nanos);
    assertTrue(cycle.run(NOW_MS + 500, 1_000_000_000));
    assertEquals(50_000, sum(Keyspace::size));
    long begin = nanos;
    assertFalse(cycle.run(NOW_MS + 5000, 500_000));
    assertTrue(nanos - begin < 600_000);
    assertTrue(sum(Keyspace::size) < 50_000);
    assertTrue(cycle.run(NOW_MS + 5000, 1_000_000_000));
    assertEquals(25_000, sum(Keyspace::size));
    assertEquals(25_000, sum(Keyspace::expiring));
  }

  private NodesValue putNodes(int i, int count) {
    byte[] name = name(i);
    Keyspace keys = keyspaceOf(name);
    NodesValue value = new NodesValue(keys.nodes(), count);
    long ref = keys.find(name, 0, name.length, HashSlot.of(name, 0, name.length));
    keys.putLarge(ref, name, 0, name.length, EntryFormat.TYPE_HASH, value);
    return value;
  }

  @Test
  void deletedCollectionsOfAllShardsAreGivenBackSliceBySlice() {
    DropCycle cycle = new DropCycle(shards, this::nanos);
    assertTrue(cycle.run(1_000_000), "nothing was dropped yet");
    NodesValue[] values = new NodesValue[20];
    for (int i = 0; i < values.length; i++) {
      values[i] = putNodes(i, 2000 + i);
    }
    for (int i = 0; i < values.length; i++) {
      keyspaceOf(name(i)).remove(find(i));
    }
    assertTrue(sum(keys -> keys.memory().dropped()) > 4);
    int slices = 0;
    while (!runOneSlice(cycle)) {
      slices++;
    }
    assertTrue(slices > 10, "slices " + slices);
    assertEquals(0, sum(keys -> keys.memory().dropped()));
    assertEquals(0, sum(keys -> keys.nodes().size()));
    for (NodesValue value : values) {
      assertEquals(0, value.left());
      assertTrue(value.mostAtOnce() <= 256, "asked for " + value.mostAtOnce());
    }
  }

  private boolean runOneSlice(DropCycle cycle) {
    long begin = nanos;
    boolean done = cycle.run(60_000);
    assertTrue(nanos - begin < 90_000, "a slice took " + (nanos - begin));
    return done;
  }

  @Test
  void oneCallOfRemovalLooksAtNoMoreEntriesThanAllowed() {
    Keyspace keys = new Shards(1, 1, seeds::nextLong).shard(0).keyspace(0);
    keys.time(NOW_MS);
    for (int i = 0; i < 1000; i++) {
      byte[] name = name(i);
      int slot = HashSlot.of(name, 0, name.length);
      long ref = keys.find(name, 0, name.length, slot);
      ref = StringValue.set(keys, ref, name, 0, name.length, i);
      var _ = keys.expireAt(ref, NOW_MS + 1);
    }
    keys.time(NOW_MS + 1000);
    assertFalse(keys.removeExpired(100));
    assertTrue(keys.size() >= 900, "size " + keys.size());
  }

  @Test
  void aKeyspaceWithoutExpiriesCatchesUpWithAnyDelayAtOnce() {
    Keyspace keys = new Shards(1, 1, seeds::nextLong).shard(0).keyspace(0);
    keys.time(NOW_MS + 1_000_000_000_000L);
    assertTrue(keys.removeExpired(1));
  }

  @Test
  void hiddenExpiredEntriesAreNotRemoved() {
    Shards one = new Shards(1, 1, seeds::nextLong);
    Keyspace keys = one.shard(0).keyspace(0);
    keys.time(NOW_MS);
    byte[] name = name(1);
    int slot = HashSlot.of(name, 0, name.length);
    long ref = keys.find(name, 0, name.length, slot);
    ref = StringValue.set(keys, ref, name, 0, name.length, 5);
    var _ = keys.expireAt(ref, NOW_MS + 1);
    one.hideExpiredOnly(true);
    assertTrue(new ExpiryCycle(one, this::nanos).run(NOW_MS + 1000, 1_000_000));
    assertEquals(1, keys.size());
    assertEquals(null, one.database(0).randomKey(NOW_MS + 1000));
    one.flushAll(NOW_MS);
    assertTrue(one.shard(0).keyspace(0).hidesExpiredOnly());
    assertEquals(0, one.shard(0).keyspace(0).size());
  }
}
