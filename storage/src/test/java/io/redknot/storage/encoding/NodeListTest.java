package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeListTest {
  private static final int STEPS = 12_000;

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private NodeList list = new NodeList(nodes);
  private final List<byte[]> model = new ArrayList<>();
  private SplittableRandom random = new SplittableRandom(0);
  private ElementDraw draw = new ElementDraw(random);
  private ListLimits limits = ListLimits.of(-2);

  /** The list as it was when a snapshot began, and what that has shown of it. */
  private final List<byte[]> before = new ArrayList<>();

  private final List<byte[]> shown = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "1, -1, 30",
    "2, -1, 300",
    "3, -2, 3000",
    "4, 1, 20",
    "5, 5, 50",
    "6, 128, 1000",
    "7, -5, 3000",
    "8, -1, 3000",
    "9, 16, 200",
  })
  void behavesAsListWhateverMoves(long seed, int size, int elementsMax) {
    random = new SplittableRandom(seed);
    draw = new ElementDraw(random);
    limits = ListLimits.of(size);
    for (int step = 0; step < STEPS; step++) {
      boolean shrinks = model.size() > elementsMax || step / 1000 % 3 == 2;
      step(random.nextInt(shrinks ? 14 : 18), random.nextInt(100));
      if (step % 3 == 0) {
        stepSnapshot("seed " + seed + " step " + step);
      }
      if (step % 400 == 0) {
        check("seed " + seed + " step " + step);
      }
    }
    check("seed " + seed);
    releaseAll();
    while (list.hasSnapshot()) {
      stepSnapshot("seed " + seed + " released");
    }
  }

  private void stepSnapshot(String where) {
    if (!list.hasSnapshot()) {
      before.clear();
      before.addAll(model);
      shown.clear();
      list.beginSnapshot(
          (lp, at) -> {
            for (int p = Listpack.first(lp, at); p != Listpack.NONE; p = Listpack.next(lp, at, p)) {
              byte[] element = new byte[Listpack.length(lp, at, p)];
              Listpack.copy(lp, at, p, element, 0);
              shown.add(element);
            }
          });
    } else if (!list.snapshotStep()) {
      assertEquals(before.size(), shown.size(), where);
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), shown.get(i), where);
      }
    }
  }

  private void step(int choice, int of100) {
    switch (choice) {
      case 0, 1 -> pop(true);
      case 2, 3 -> pop(false);
      case 4 -> arena.evacuate(0, nodes::relocate);
      case 5, 6, 7 -> replace(element(of100));
      case 8, 9 -> removeEqual();
      case 10 -> removeFirst(of100 == 0 ? model.size() : random.nextInt(1 + model.size() / 4));
      case 11 -> removeLast(of100 == 0 ? model.size() : random.nextInt(1 + model.size() / 4));
      case 12, 13 -> insert(element(of100));
      case 14 -> push(true, element(of100));
      case 15 -> push(false, element(of100));
      default -> pushSeveral(of100 % 2 == 0);
    }
  }

  private byte[] element(int of100) {
    return switch (of100) {
      case 0 -> draw.bytes(3000 + random.nextInt(6000));
      case 1 -> draw.bytes(random.nextInt(20) == 0 ? 200_000 : 100);
      default -> draw.element();
    };
  }

  private void push(boolean first, byte[] element) {
    if (first) {
      list.addFirst(element, 0, element.length, limits);
      model.addFirst(element);
    } else {
      list.addLast(element, 0, element.length, limits);
      model.addLast(element);
    }
  }

  private void pushSeveral(boolean first) {
    byte[] same = draw.bytes(1 + random.nextInt(12));
    for (int i = random.nextInt(60); i > 0; i--) {
      push(first, random.nextBoolean() ? same : draw.element());
    }
  }

  private void pop(boolean first) {
    if (!model.isEmpty()) {
      assertArrayEquals(
          first ? model.getFirst() : model.getLast(),
          list.seek(first ? 0 : model.size() - 1).copy());
      if (first) {
        removeFirst(1);
      } else {
        removeLast(1);
      }
    }
  }

  private void removeFirst(int elements) {
    release(list.removeFirst(elements));
    model.subList(0, elements).clear();
  }

  private void removeLast(int elements) {
    release(list.removeLast(elements));
    model.subList(model.size() - elements, model.size()).clear();
  }

  private static void release(@Nullable LargeValue rest) {
    while (rest != null && rest.release(7) == 7) {
      assertTrue(rest.usedBytes() > 0);
    }
  }

  private void replace(byte[] element) {
    if (!model.isEmpty()) {
      int index = random.nextInt(model.size());
      list.replace(list.seek(index), element, 0, element.length, limits);
      model.set(index, element);
    }
  }

  private void insert(byte[] element) {
    if (!model.isEmpty()) {
      int index = random.nextInt(model.size());
      boolean behind = random.nextBoolean();
      list.insert(list.seek(index), behind, element, 0, element.length, limits);
      model.add(behind ? index + 1 : index, element);
    }
  }

  private void removeEqual() {
    byte[] wanted =
        model.isEmpty() || random.nextInt(10) == 0
            ? draw.element()
            : model.get(random.nextInt(model.size()));
    long max = random.nextBoolean() ? Long.MAX_VALUE : 1 + random.nextInt(5);
    boolean fromLast = random.nextBoolean();
    List<Integer> equal = new ArrayList<>();
    for (int i = 0; i < model.size(); i++) {
      if (Arrays.equals(model.get(i), wanted)) {
        equal.add(i);
      }
    }
    if (fromLast) {
      Collections.reverse(equal);
    }
    List<Integer> gone = equal.subList(0, (int) Math.min(max, equal.size()));
    assertEquals(gone.size(), list.removeEqual(wanted, 0, wanted.length, max, fromLast, limits));
    gone.stream().sorted(Collections.reverseOrder()).forEach(i -> model.remove((int) i));
  }

  private void check(String where) {
    assertEquals(model.size(), list.count(), where);
    checkNodes(where);
    if (model.isEmpty()) {
      return;
    }
    ListCursor forwards = list.seek(0);
    ListCursor backwards = list.seek(model.size() - 1);
    for (int i = 0; i < model.size(); i++) {
      assertArrayEquals(model.get(i), forwards.copy(), where);
      assertArrayEquals(model.get(model.size() - 1 - i), backwards.copy(), where);
      forwards.next();
      backwards.previous();
    }
    assertTrue(!forwards.hasElement() && !backwards.hasElement(), where);
    for (int i = 0; i < 20; i++) {
      int index = random.nextInt(model.size());
      byte[] expected = model.get(index);
      assertTrue(list.seek(index).is(expected, 0, expected.length), where);
    }
  }

  private void checkNodes(String where) {
    long elements = 0;
    for (int i = 0; i < list.nodes(); i++) {
      int bytes = Listpack.bytes(list.array(i), list.offset(i));
      int count = Listpack.count(list.array(i), list.offset(i));
      assertTrue(Listpack.isValid(list.array(i), list.offset(i), bytes), where);
      assertTrue(count > 0 && count <= limits.entriesMax(), where);
      assertTrue(count == 1 || bytes <= limits.nodeBytesMax(), where);
      elements += count;
    }
    assertEquals(elements, list.count(), where);
  }

  private void releaseAll() {
    long used = list.usedBytes();
    LargeValue copy = list.copyTo(nodes);
    assertTrue(copy.usedBytes() <= used, "a copy is packed");
    list.release(1);
    LargeValue second = copy.copyTo(nodes);
    release(copy);
    release(list);
    release(second);
    assertEquals(0, nodes.size());
    assertEquals(0, arena.usedBytes());
    assertTrue(nodes.heapBytes() < 40_000, "only the numbers' table is left");
  }

  @Test
  void pushAndPopAtTheEndsTakeLittleRoomAndNoGarbage() {
    byte[] element = draw.bytes(10);
    for (int i = 0; i < 5000; i++) {
      push(true, element);
    }
    long perElement = list.usedBytes() / 5000;
    assertTrue(perElement <= 13, "bytes an element: " + perElement);
    for (int i = 0; i < 100_000; i++) {
      push(true, element);
      removeLast(1);
    }
    assertEquals(5000, list.count());
    assertTrue(list.nodes() <= 5000 * 12 / 8000 + 2, "nodes: " + list.nodes());
    check("queue");
    releaseAll();
  }

  @Test
  void removingInTheMiddleLeavesNoSparseNodes() {
    for (int i = 0; i < 20_000; i++) {
      push(false, ElementDraw.text(i % 50 == 0 ? "keep" + i : "drop"));
    }
    int before = list.nodes();
    byte[] drop = ElementDraw.text("drop");
    assertEquals(19_600, list.removeEqual(drop, 0, 4, Long.MAX_VALUE, true, limits));
    model.removeIf(element -> Arrays.equals(element, drop));
    check("sieved");
    assertTrue(before > 14 && list.nodes() <= 2, before + " nodes became " + list.nodes());
    releaseAll();
  }

  @Test
  void insertingInTheMiddleKeepsNodesHalfFull() {
    push(false, ElementDraw.text("pivot"));
    for (int i = 0; i < 20_000; i++) {
      byte[] element = ElementDraw.text("element" + i);
      list.insert(list.seek(i / 2), true, element, 0, element.length, limits);
      model.add(i / 2 + 1, element);
    }
    check("inserted");
    int bytes = 20_000 * 14;
    assertTrue(list.nodes() <= bytes / 3000, list.nodes() + " nodes");
    releaseAll();
  }

  @Test
  void cuttingOffManyNodesLeavesThemToBeReleased() {
    for (int i = 0; i < 100_000; i++) {
      push(false, ElementDraw.text("element" + i));
    }
    LargeValue rest = list.removeFirst(99_000);
    assertTrue(rest != null && rest.usedBytes() > 1_000_000);
    model.subList(0, 99_000).clear();
    check("cut");
    release(rest);
    releaseAll();
  }
}
