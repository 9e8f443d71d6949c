package io.redknot.storage.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DroppedTest {
  private static final long NOW_MS = 1_700_000_000_000L;

  /** A collection of nodes that tells what was asked of it. */
  private static final class Nodes implements LargeValue {
    private final NodeStore store;
    private final int[] nodes;
    private int left;
    private int mostAtOnce;

    Nodes(NodeStore store, int count) {
      this.store = store;
      this.nodes = new int[count];
      for (int i = 0; i < count; i++) {
        nodes[i] = store.allocate(100);
      }
      this.left = count;
    }

    @Override
    public long usedBytes() {
      return nodes.length * 112L;
    }

    @Override
    public int release(int nodesMax) {
      mostAtOnce = Math.max(mostAtOnce, nodesMax);
      int released = 0;
      while (released < nodesMax && left > 0) {
        store.free(nodes[--left]);
        released++;
      }
      return released;
    }

    @Override
    public LargeValue copyTo(NodeStore target) {
      return new Nodes(target, nodes.length);
    }
  }

  private final Shards shards = new Shards(1, 2, () -> 42);
  private final Keyspace keys = shards.shard(0).keyspace(0);
  private final Keyspace other = shards.shard(0).keyspace(1);

  private long find(Keyspace in, String key) {
    in.time(NOW_MS);
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    return in.find(bytes, 0, bytes.length, HashSlot.of(bytes, 0, bytes.length));
  }

  private Nodes put(String key, int nodes) {
    Nodes value = new Nodes(keys.nodes(), nodes);
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    keys.putLarge(find(keys, key), bytes, 0, bytes.length, EntryFormat.TYPE_HASH, value);
    return value;
  }

  @Test
  void removingLargeCollectionGivesBackFewNodesAtOnceAndAllInTheEnd() {
    long empty = keys.memory().usedBytes();
    Nodes value = put("k", 100_000);
    assertSame(value, keys.large(find(keys, "k")));
    keys.remove(find(keys, "k"));
    assertEquals(0, find(keys, "k"));
    assertTrue(value.mostAtOnce <= 64, "asked for " + value.mostAtOnce);
    assertEquals(1, keys.memory().dropped());
    while (keys.memory().releaseDropped(1000) == 1000) {
      assertEquals(1, keys.memory().dropped());
    }
    assertEquals(0, keys.memory().dropped());
    assertEquals(0, value.left);
    long numbers = keys.nodes().heapBytes();
    assertEquals(empty + numbers, keys.memory().usedBytes(), "only the numbers' table is left");
  }

  @Test
  void smallCollectionIsGoneAtOnce() {
    Nodes value = put("k", 3);
    keys.remove(find(keys, "k"));
    assertEquals(0, value.left);
    assertEquals(0, keys.memory().dropped());
  }

  @Test
  void overwritingWithAnotherValueDropsTheCollection() {
    Nodes first = put("k", 3);
    Nodes second = put("k", 4);
    assertEquals(0, first.left);
    byte[] bytes = {'k'};
    keys.put(find(keys, "k"), bytes, 0, 1, EntryFormat.TYPE_STRING, 0, 200_000);
    assertEquals(0, second.left);
    assertEquals(200_000, keys.valueLength(find(keys, "k")));
    Nodes third = put("k", 5);
    assertEquals(0, keys.valueLength(find(keys, "k")));
    keys.put(find(keys, "k"), bytes, 0, 1, EntryFormat.TYPE_STRING, 0, 2);
    assertEquals(0, third.left);
  }

  @Test
  void renamingKeepsTheCollectionAndItsExpiry() {
    Nodes value = put("k", 3);
    keys.expireAt(find(keys, "k"), NOW_MS + 5000);
    byte[] name = {'n'};
    keys.moveFrom(keys, find(keys, "k"), name, 0, 1, HashSlot.of(name, 0, 1));
    assertEquals(0, find(keys, "k"));
    assertSame(value, keys.large(find(keys, "n")));
    assertEquals(NOW_MS + 5000, keys.expiry(find(keys, "n")));
    keys.expireAt(find(keys, "n"), Keyspace.NO_EXPIRY);
    assertSame(value, keys.large(find(keys, "n")));
    assertEquals(3, value.left);
  }

  @Test
  void movingToAnotherDatabaseMovesTheNodes() {
    Nodes value = put("k", 3);
    byte[] name = {'k'};
    find(other, "k");
    other.moveFrom(keys, find(keys, "k"), name, 0, 1, HashSlot.of(name, 0, 1));
    assertEquals(0, value.left);
    assertEquals(0, keys.nodes().size());
    assertEquals(3, other.nodes().size());
    assertNotEquals(0, find(other, "k"));
  }

  @Test
  void copyHasNodesOfItsOwn() {
    Nodes value = put("k", 3);
    byte[] name = {'c'};
    keys.copyFrom(keys, find(keys, "k"), name, 0, 1, HashSlot.of(name, 0, 1));
    assertEquals(6, keys.nodes().size());
    keys.remove(find(keys, "c"));
    assertEquals(3, keys.nodes().size());
    assertSame(value, keys.large(find(keys, "k")));
  }
}
