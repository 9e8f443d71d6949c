package io.redknot.storage.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DroppedTest {
  private static final long NOW_MS = 1_700_000_000_000L;

  private final Shards shards = new Shards(1, 2, () -> 42);
  private final Keyspace keys = shards.shard(0).keyspace(0);
  private final Keyspace other = shards.shard(0).keyspace(1);

  private long find(Keyspace in, String key) {
    in.time(NOW_MS);
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    return in.find(bytes, 0, bytes.length, HashSlot.of(bytes, 0, bytes.length));
  }

  private NodesValue put(String key, int nodes) {
    NodesValue value = new NodesValue(keys.nodes(), nodes);
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    keys.putLarge(find(keys, key), bytes, 0, bytes.length, EntryFormat.TYPE_HASH, value);
    return value;
  }

  @Test
  void removingLargeCollectionGivesBackFewNodesAtOnceAndAllInTheEnd() {
    long empty = keys.memory().usedBytes();
    NodesValue value = put("k", 100_000);
    assertSame(value, keys.large(find(keys, "k")));
    keys.remove(find(keys, "k"));
    assertEquals(0, find(keys, "k"));
    assertTrue(value.mostAtOnce() <= 64, "asked for " + value.mostAtOnce());
    assertEquals(1, keys.memory().dropped());
    while (keys.memory().releaseDropped(1000) == 1000) {
      assertEquals(1, keys.memory().dropped());
    }
    assertEquals(0, keys.memory().dropped());
    assertEquals(1, keys.stats().lazilyFreed);
    assertEquals(0, value.left());
    long numbers = keys.nodes().heapBytes();
    assertEquals(empty + numbers, keys.memory().usedBytes(), "only the numbers' table is left");
  }

  @Test
  void collectionWhoseTimeIsOverGivesBackFewNodesAtOnce() {
    NodesValue value = put("k", 100_000);
    keys.expireAt(find(keys, "k"), NOW_MS - 1);
    assertEquals(0, find(keys, "k"));
    assertEquals(1, keys.stats().expired);
    assertTrue(value.mostAtOnce() <= 64, "asked for " + value.mostAtOnce());
    assertEquals(1, keys.memory().dropped());
  }

  @Test
  void smallCollectionIsGoneAtOnce() {
    NodesValue value = put("k", 3);
    keys.remove(find(keys, "k"));
    assertEquals(0, value.left());
    assertEquals(0, keys.memory().dropped());
    assertEquals(0, keys.stats().lazilyFreed);
  }

  @Test
  void overwritingWithAnotherValueDropsTheCollection() {
    NodesValue first = put("k", 3);
    NodesValue second = put("k", 4);
    assertEquals(0, first.left());
    byte[] bytes = {'k'};
    keys.put(find(keys, "k"), bytes, 0, 1, EntryFormat.TYPE_STRING, 0, 200_000);
    assertEquals(0, second.left());
    assertEquals(200_000, keys.valueLength(find(keys, "k")));
    NodesValue third = put("k", 5);
    assertEquals(0, keys.valueLength(find(keys, "k")));
    keys.put(find(keys, "k"), bytes, 0, 1, EntryFormat.TYPE_STRING, 0, 2);
    assertEquals(0, third.left());
  }

  @Test
  void renamingKeepsTheCollectionAndItsExpiry() {
    NodesValue value = put("k", 3);
    keys.expireAt(find(keys, "k"), NOW_MS + 5000);
    byte[] name = {'n'};
    keys.moveFrom(keys, find(keys, "k"), name, 0, 1, HashSlot.of(name, 0, 1));
    assertEquals(0, find(keys, "k"));
    assertSame(value, keys.large(find(keys, "n")));
    assertEquals(NOW_MS + 5000, keys.expiry(find(keys, "n")));
    keys.expireAt(find(keys, "n"), Keyspace.NO_EXPIRY);
    assertSame(value, keys.large(find(keys, "n")));
    assertEquals(3, value.left());
  }

  @Test
  void movingToAnotherDatabaseMovesTheNodes() {
    NodesValue value = put("k", 3);
    byte[] name = {'k'};
    find(other, "k");
    other.moveFrom(keys, find(keys, "k"), name, 0, 1, HashSlot.of(name, 0, 1));
    assertEquals(0, value.left());
    assertEquals(0, keys.nodes().size());
    assertEquals(3, other.nodes().size());
    assertNotEquals(0, find(other, "k"));
  }

  @Test
  void copyHasNodesOfItsOwn() {
    NodesValue value = put("k", 3);
    byte[] name = {'c'};
    keys.copyFrom(keys, find(keys, "k"), name, 0, 1, HashSlot.of(name, 0, 1));
    assertEquals(6, keys.nodes().size());
    keys.remove(find(keys, "c"));
    assertEquals(3, keys.nodes().size());
    assertSame(value, keys.large(find(keys, "k")));
  }
}
