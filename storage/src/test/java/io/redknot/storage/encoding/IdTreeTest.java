package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a plain map, while blocks move. */
class IdTreeTest {
  private static final int STEPS = 40_000;
  private static final int PAYLOAD_BYTES = 20;
  private static final int LAST_WORD = PAYLOAD_BYTES - Integer.BYTES;

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private final TreeMap<StreamId, Integer> model = new TreeMap<>();
  private IdTree tree = new IdTree(nodes, PAYLOAD_BYTES);

  /** Both halves are now and then beyond the signed range. */
  private static StreamId any(SplittableRandom random, int range) {
    long ms = random.nextInt(range) - (random.nextBoolean() ? 0L : range / 2);
    return new StreamId(ms, random.nextInt(4) - 2);
  }

  private void insert(StreamId id, int value) {
    if (model.put(id, value) == null) {
      long position = tree.insert(id.ms(), id.seq());
      assertEquals(id, tree.id(position));
      write(position, value);
    } else {
      write(tree.find(id.ms(), id.seq()), value);
    }
  }

  private void write(long position, int value) {
    Bytes.putInt(tree.array(position), tree.payload(position), value);
    Bytes.putInt(tree.array(position), tree.payload(position) + LAST_WORD, ~value);
  }

  private int read(long position) {
    int value = Bytes.getInt(tree.array(position), tree.payload(position));
    int at = tree.payload(position) + LAST_WORD;
    assertEquals(~value, Bytes.getInt(tree.array(position), at));
    return value;
  }

  private void remove(StreamId id) {
    assertEquals(model.remove(id) != null, tree.remove(id.ms(), id.seq()));
  }

  private void same(Map.@Nullable Entry<StreamId, Integer> expected, long position, String what) {
    if (expected == null) {
      assertEquals(IdTree.NONE, position, what);
    } else {
      assertTrue(position != IdTree.NONE, what);
      assertEquals(expected.getKey(), tree.id(position), what);
      assertEquals(expected.getValue(), read(position), what);
    }
  }

  private void checkAll(String what) {
    assertEquals(model.size(), tree.size(), what);
    long forwards = tree.first();
    for (Map.Entry<StreamId, Integer> entry : model.entrySet()) {
      same(entry, forwards, what);
      forwards = tree.next(forwards);
    }
    assertEquals(IdTree.NONE, forwards, what);
    long backwards = tree.last();
    for (Map.Entry<StreamId, Integer> entry : model.descendingMap().entrySet()) {
      same(entry, backwards, what);
      backwards = tree.previous(backwards);
    }
    assertEquals(IdTree.NONE, backwards, what);
  }

  private void release(String what) {
    int released = 7;
    while (released == 7) {
      released = tree.release(7, false);
    }
    assertEquals(0, arena.usedBytes(), what);
    assertEquals(0, nodes.size(), what);
    assertEquals(0, tree.heldBytes(), what);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void idsAreFoundInOrderWhateverMoves(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String what = "seed " + seed;
    int range = seed % 2 == 0 ? 20_000 : 300;
    for (int i = 0; i < STEPS; i++) {
      StreamId id = any(random, range);
      switch (random.nextInt(i % 10_000 < 6000 ? 7 : 10)) {
        case 0, 1, 2, 3 -> insert(id, i);
        case 4 -> same(model.floorEntry(id), tree.floor(id.ms(), id.seq()), what);
        case 5 -> same(model.ceilingEntry(id), tree.ceiling(id.ms(), id.seq()), what);
        case 6 -> arena.evacuate(0, nodes::relocate);
        default -> removeNear(id);
      }
      if (i % 5000 == 0) {
        checkAll(what);
      }
    }
    checkAll(what);
    release(what);
  }

  private void removeNear(StreamId id) {
    remove(id);
    StreamId next = model.ceilingKey(id);
    if (next != null) {
      remove(next);
    }
  }

  @Test
  void whatGrowsAtOneEndAndShrinksAtTheOtherKeepsItsSize() {
    for (int i = 0; i < 60_000; i++) {
      insert(new StreamId(i, 0), i);
      if (i >= 1000) {
        remove(new StreamId(i - 1000L, 0));
      }
    }
    checkAll("queue");
    long entryBytes = tree.heldBytes() / tree.size();
    assertTrue(entryBytes < 45, "bytes an entry of 36: " + entryBytes);
    release("queue");
  }

  @Test
  void whatIsRemovedHereAndThereGivesItsRoomBack() {
    for (int i = 0; i < 40_000; i++) {
      insert(new StreamId(i, 0), i);
    }
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 40_000; i++) {
      if (random.nextInt(20) > 0) {
        remove(new StreamId(i, 0));
      }
    }
    checkAll("sparse");
    long entryBytes = tree.heldBytes() / tree.size();
    assertTrue(entryBytes < 70, "bytes an entry of 36: " + entryBytes);
    release("sparse");
  }

  @Test
  void copyStandsOnItsOwn() {
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 3000; i++) {
      insert(any(random, 5000), i);
    }
    IdTree original = tree;
    tree = original.copyTo(nodes);
    for (int i = 0; i < 500; i++) {
      original.remove(original.ms(original.first()), original.seq(original.first()));
    }
    checkAll("copy");
    while (original.release(100, false) == 100) {
      checkAll("copy");
    }
    release("copy");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void bothPartsOfATreeThatIsCutStandOnTheirOwn(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String what = "seed " + seed;
    for (int i = 0; i < (seed % 2 == 0 ? 30_000 : 500); i++) {
      insert(any(random, 100_000), i);
      if (random.nextInt(3) == 0) {
        removeNear(any(random, 100_000));
      }
    }
    while (model.size() > 1) {
      StreamId id = model.ceilingKey(any(random, 100_000));
      id = id == null ? model.lastKey() : id;
      if (model.firstKey().equals(id)) {
        remove(id);
        continue;
      }
      IdTree behind = tree;
      TreeMap<StreamId, Integer> all = new TreeMap<>(model);
      long held = tree.heldBytes();
      int before = model.headMap(id).size();
      tree = behind.cutBefore(id.ms(), id.seq(), before);
      model.tailMap(id).clear();
      checkAll(what);
      assertTrue(tree.nodeCount() > 0 && tree.heldBytes() <= held, what);
      int released = 7;
      while (released == 7) {
        released = tree.release(7, false);
      }
      assertEquals(0, tree.heldBytes(), what);
      assertEquals(0, tree.nodeCount(), what);
      tree = behind;
      model.clear();
      model.putAll(all.tailMap(id));
      checkAll(what);
      for (int i = 0; i < 300; i++) {
        insert(any(random, 100_000), i);
        removeNear(any(random, 100_000));
      }
      checkAll(what);
      if (random.nextInt(4) == 0) {
        break;
      }
    }
    release(what);
  }
}
