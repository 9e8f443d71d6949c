package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SortedTreeTest {
  private static final int STEPS = 12_000;

  @SuppressWarnings("ArrayRecordComponent") // compared by the comparator below only
  private record Element(double score, byte[] member) {
    boolean is(Element other) {
      return Double.doubleToRawLongBits(score) == Double.doubleToRawLongBits(other.score)
          && Arrays.equals(member, other.member);
    }
  }

  private static final Comparator<Element> ORDER =
      (a, b) -> {
        // Not Double.compare, which takes -0 for less than 0.
        int byScore = a.score < b.score ? -1 : a.score > b.score ? 1 : 0;
        return byScore != 0 ? byScore : Arrays.compareUnsigned(a.member, b.member);
      };

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private SortedTree tree = new SortedTree(nodes);
  private final TreeMap<Element, Element> model = new TreeMap<>(ORDER);
  private SplittableRandom random = new SplittableRandom(0);
  private int memberBytesMax;
  private int scores;

  private Element draw() {
    int length = random.nextInt(random.nextInt(memberBytesMax) + 1);
    if (random.nextInt(memberBytesMax) > 300 && random.nextInt(4) == 0) {
      length = 1000 + random.nextInt(2000);
    }
    byte[] member = new byte[length];
    for (int i = 0; i < length; i++) {
      // Few different bytes, for long common beginnings; some of them beyond 127.
      member[i] = (byte) (random.nextInt(12) == 0 ? random.nextInt(256) : 'a');
    }
    return new Element(drawScore(), member);
  }

  private double drawScore() {
    return switch (random.nextInt(20)) {
      case 0 -> -0.0;
      case 1 -> scores > 1 ? Double.POSITIVE_INFINITY : 0;
      case 2 -> scores > 1 ? Double.NEGATIVE_INFINITY : 0;
      default -> random.nextInt(scores) / 2.0;
    };
  }

  private Element any() {
    Element probe = draw();
    Element found = model.ceilingKey(probe);
    return found != null ? found : model.isEmpty() ? probe : model.lastKey();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 12, 1",
    "2, 12, 5",
    "3, 20, 3000",
    "4, 400, 1",
    "5, 400, 4",
    "6, 3, 100000",
    "7, 600, 1"
  })
  void doesWhatSortedMapDoes(long seed, int bytesMax, int differentScores) {
    random = new SplittableRandom(seed);
    memberBytesMax = bytesMax;
    scores = differentScores;
    for (int i = 0; i < STEPS; i++) {
      step(i < STEPS / 2 ? 55 : 35);
      if (i % 500 == 0) {
        arena.evacuate(0, nodes::relocate);
        checkAll("seed " + seed + " step " + i);
      }
    }
    checkAll("seed " + seed);
    drain();
    assertEquals(0, arena.usedBytes(), "seed " + seed + ": no node is lost");
    assertEquals(0, tree.usedBytes(), "seed " + seed);
  }

  private void step(int insertPercent) {
    if (random.nextInt(100) < insertPercent) {
      Element element = draw();
      if (!model.containsKey(element)) {
        insert(element);
      }
      return;
    }
    Element element = random.nextInt(4) == 0 ? draw() : any();
    switch (random.nextInt(20)) {
      case 0 -> removeRange();
      case 1, 2, 3 -> rescore(element);
      case 4, 5, 6 -> checkBounds(element);
      default -> remove(element);
    }
  }

  private void insert(Element element) {
    tree.insert(element.score, element.member, 0, element.member.length);
    model.put(element, element);
  }

  private void remove(Element element) {
    boolean expected = model.remove(element) != null;
    assertEquals(expected, tree.remove(element.score, element.member, 0, element.member.length));
  }

  private void rescore(Element element) {
    Element now = new Element(drawScore(), element.member);
    boolean done = tree.rescore(element.score, element.member, 0, element.member.length, now.score);
    if (done) {
      assertTrue(model.remove(element) != null, "only what is there can have another score");
      model.put(now, now);
    }
  }

  private void removeRange() {
    if (model.isEmpty() || random.nextInt(3) > 0) {
      return;
    }
    long from = random.nextInt(model.size());
    long to = from + random.nextInt((int) Math.min(400, model.size() - from) + 1);
    tree.removeRange(from, to);
    List<Element> order = new ArrayList<>(model.keySet());
    order.subList((int) from, (int) to).forEach(model::remove);
  }

  private void checkBounds(Element element) {
    Element real = model.getOrDefault(element, element);
    byte[] member = real.member;
    long rank = model.headMap(element).size();
    boolean there = model.containsKey(element);
    assertEquals(there ? rank : -1, tree.rank(element.score, member, 0, member.length));
    long below = model.keySet().stream().filter(e -> e.score < element.score).count();
    long notAbove = model.keySet().stream().filter(e -> e.score <= element.score).count();
    assertEquals(below, tree.countBelow(element.score, false));
    assertEquals(notAbove, tree.countBelow(element.score, true));
    if (scores == 1) {
      assertEquals(rank, tree.countBelow(member, 0, member.length, false));
      assertEquals(rank + (there ? 1 : 0), tree.countBelow(member, 0, member.length, true));
    }
  }

  private List<Element> walk(long rank, long count, boolean backwards) {
    List<Element> seen = new ArrayList<>();
    tree.visit(
        rank,
        count,
        backwards,
        (score, a, from, n) -> seen.add(new Element(score, Arrays.copyOfRange(a, from, from + n))));
    return seen;
  }

  private static void assertSame(List<Element> expected, List<Element> actual, String when) {
    assertEquals(expected.size(), actual.size(), when);
    for (int i = 0; i < expected.size(); i++) {
      assertTrue(expected.get(i).is(actual.get(i)), when + ": element " + i);
    }
  }

  private void checkAll(String when) {
    List<Element> order = new ArrayList<>(model.keySet());
    assertEquals(order.size(), tree.size(), when);
    assertSame(order, walk(0, Long.MAX_VALUE, false), when);
    if (order.isEmpty()) {
      return;
    }
    int rank = random.nextInt(order.size());
    int count = random.nextInt(200);
    List<Element> head = order.subList(Math.max(0, rank + 1 - count), rank + 1);
    assertSame(head.reversed(), walk(rank, count, true), when + " backwards");
    List<Element> tail = order.subList(rank, Math.min(order.size(), rank + count));
    assertSame(tail, walk(rank, count, false), when + " forwards");
  }

  private void drain() {
    int calls = 0;
    while (tree.release(10) >= 10) {
      calls++;
    }
    assertTrue(model.size() < 500 || calls > 0, "a large tree is released piecemeal");
  }

  @Test
  void elementsInOrderLeaveNoEmptySpace() {
    for (int i = 0; i < 100_000; i++) {
      byte[] member = ("member:" + (100_000 + i)).getBytes(StandardCharsets.US_ASCII);
      tree.insert(i, member, 0, member.length);
    }
    long perElement = tree.usedBytes() / tree.size();
    assertTrue(perElement <= 27, perElement + " bytes");
  }

  @Test
  void elementsInAnyOrderTakeLittleMore() {
    random = new SplittableRandom(11);
    for (int i = 0; i < 100_000; i++) {
      byte[] member = ("member:" + (100_000 + i)).getBytes(StandardCharsets.US_ASCII);
      tree.insert(random.nextInt(1_000_000), member, 0, member.length);
    }
    long perElement = tree.usedBytes() / tree.size();
    assertTrue(perElement <= 29, perElement + " bytes");
  }

  @Test
  void emptiedTreeIsAsNew() {
    random = new SplittableRandom(5);
    memberBytesMax = 30;
    scores = 50;
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 5000; i++) {
        Element element = draw();
        if (!model.containsKey(element)) {
          insert(element);
        }
      }
      tree.removeRange(0, tree.size());
      model.clear();
      assertEquals(0, tree.size());
      assertTrue(tree.usedBytes() < 300, "only a root is left: " + tree.usedBytes());
      assertFalse(tree.remove(1, new byte[0], 0, 0));
      checkAll("round " + round);
    }
  }
}
