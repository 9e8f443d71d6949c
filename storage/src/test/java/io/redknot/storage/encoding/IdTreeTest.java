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

  @ParameterizedTest
  @ValueSource(ints = {300, 3_000, 30_000})
  void lesserIdsAreFoundWhereTheLeastOnesWereRemoved(int entries) {
    SplittableRandom random = new SplittableRandom(entries);
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < entries; i++) {
        insert(new StreamId(1_000_000 + random.nextInt(entries), 0), i);
      }
      for (int i = random.nextInt(entries); i > 0 && !model.isEmpty(); i--) {
        remove(model.firstKey());
      }
      for (int i = random.nextInt(entries); i > 0; i--) {
        insert(new StreamId(random.nextInt(1_000_000), 0), i);
      }
      for (StreamId id : model.keySet()) {
        assertEquals(id, tree.id(tree.find(id.ms(), id.seq())));
      }
      checkAll("round " + round);
    }
    while (!model.isEmpty()) {
      remove(model.firstKey());
    }
    release("all removed");
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
    tree = IdTree.withSums(nodes, PAYLOAD_BYTES);
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
      tree = behind.cutBefore(behind.find(id.ms(), id.seq()));
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

  /** Second and third words follow from an id and a number. */
  private void note(StreamId id, int i) {
    tree.note(tree.find(id.ms(), id.seq()), i % 100, 4096 + i % 1000);
  }

  private void checkSums(SplittableRandom random, String what) {
    long entries = 0;
    long second = 0;
    long third = 0;
    long amount = random.nextLong(1 + 50L * model.size());
    long near = random.nextBoolean() ? IdTree.NONE : tree.beyond(amount);
    amount = near == IdTree.NONE ? amount : tree.before(near).second();
    long beyond = IdTree.NONE;
    for (long p = tree.first(); p != IdTree.NONE; p = tree.next(p)) {
      assertEquals(new IdTreeSums.Before(entries, second, third), tree.before(p), what);
      entries++;
      second += Bytes.getInt(tree.array(p), tree.payload(p) + 4);
      third += Bytes.getInt(tree.array(p), tree.payload(p) + 8);
      beyond = beyond == IdTree.NONE && second > amount ? p : beyond;
    }
    assertEquals(beyond == IdTree.NONE ? tree.last() : beyond, tree.beyond(amount), what);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sumsAreThoseOfWhatIsBefore(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String what = "seed " + seed;
    tree = IdTree.withSums(nodes, PAYLOAD_BYTES);
    int range = seed % 2 == 0 ? 20_000 : 2_000;
    for (int i = 0; i < STEPS; i++) {
      StreamId id = any(random, range);
      switch (random.nextInt(i % 10_000 < 6000 ? 7 : 10)) {
        case 0, 1, 2, 3 -> {
          insert(id, i);
          note(id, i);
        }
        case 4, 5, 6 -> {
          StreamId there = model.ceilingKey(id);
          if (there != null) {
            note(there, i);
          }
        }
        default -> removeNear(id);
      }
      if (i % 2000 == 0 && !model.isEmpty()) {
        checkSums(random, what);
      }
      if (i % 9000 == 0 && model.size() > 1) {
        cutFront(random);
        checkSums(random, what);
      }
    }
    IdTree original = tree;
    tree = original.copyTo(nodes);
    checkSums(random, what);
    int released = 7;
    while (released == 7) {
      released = original.release(7, false);
    }
    checkSums(random, what);
    for (int i = 0; i < 5; i++) {
      cutFront(random);
      checkSums(random, what);
    }
    release(what);
  }

  private void cutFront(SplittableRandom random) {
    if (model.isEmpty()) {
      return;
    }
    StreamId id = model.ceilingKey(any(random, 2_000));
    if (id == null || id.equals(model.firstKey())) {
      return;
    }
    IdTree front = tree.cutBefore(tree.find(id.ms(), id.seq()));
    assertEquals(model.headMap(id).size(), front.size());
    model.headMap(id).clear();
    assertEquals(model.size(), tree.size());
    int released = 7;
    while (released == 7) {
      released = front.release(7, false);
    }
    assertEquals(0, front.heldBytes());
    assertEquals(0, front.nodeCount());
  }
}
