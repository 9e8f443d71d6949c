package io.redknot.storage.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SortedSetValueTest {
  private static final byte[] KEY = {'k'};
  private static final byte[] OTHER = {'o'};
  private static final int STEPS = 6000;

  private record Element(double score, String member) {}

  private static final Comparator<Element> ORDER =
      Comparator.<Element>comparingDouble(e -> e.score + 0.0).thenComparing(Element::member);

  private final Keyspace keys =
      new Shards(1, 1, new SplittableRandom(3)::nextLong).shard(0).keyspace(0);
  private final Map<String, Double> model = new HashMap<>();
  private SplittableRandom random = new SplittableRandom(0);
  private SortedSetLimits limits = new SortedSetLimits(128, 64);
  private int members;

  private long find(byte[] key) {
    return keys.find(key, 0, 1, keys.slotOf(key, 0, 1));
  }

  private SortedSetValue set() {
    long ref = find(KEY);
    return ref == 0
        ? SortedSetValue.create(keys, KEY, 0, 1, limits, 1, 0)
        : SortedSetValue.of(keys, ref, limits);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private String drawMember() {
    int number = random.nextInt(members);
    return switch (number % 4) {
      case 0 -> Integer.toString(number);
      case 1 -> "m" + number;
      case 2 -> "\u00ff" + number + "x".repeat(number % 90);
      default -> "member:" + number + (number % 50 == 3 ? "y".repeat(2000) : "");
    };
  }

  private double drawScore() {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(2) == 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      case 1 -> random.nextInt(100) / 7.0;
      case 2 -> 0;
      default -> random.nextInt(40) / 2.0;
    };
  }

  private List<Element> order() {
    List<Element> order = new ArrayList<>();
    model.forEach((member, score) -> order.add(new Element(score, member)));
    order.sort(ORDER);
    return order;
  }

  private static List<Element> walk(SortedSetValue set, long from, long count, boolean backwards) {
    List<Element> seen = new ArrayList<>();
    set.visit(
        from,
        count,
        backwards,
        (score, a, o, n) -> seen.add(new Element(score, new String(a, o, n, ISO_8859_1))));
    return seen;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 12, 128, 64",
    "2, 300, 20, 64",
    "3, 400, 128, 10",
    "4, 4000, 0, 64",
    "5, 90, 128, 3000"
  })
  void doesWhatAMapDoes(long seed, int differentMembers, long entriesMax, long bytesMax) {
    random = new SplittableRandom(seed);
    members = differentMembers;
    limits = new SortedSetLimits(entriesMax, bytesMax);
    boolean wasLarge = false;
    for (int i = 0; i < STEPS; i++) {
      step(i < STEPS / 2 ? 70 : 35);
      boolean large = keys.size() > 0 && isLarge(find(KEY));
      wasLarge = large && (wasLarge || outgrown(model.keySet()));
      assertEquals(wasLarge, large, "seed " + seed + " step " + i);
      if (i % 100 == 0) {
        int _ = keys.memory().compact(1 << 20, 0);
        check("seed " + seed + " step " + i);
      }
    }
    check("seed " + seed);
    checkRemoval("seed " + seed);
  }

  private boolean isLarge(long ref) {
    return ValueType.ZSET.encodingName(keys, ref).equals("skiplist");
  }

  private boolean outgrown(Set<String> all) {
    return all.size() > limits.entriesMax()
        || all.stream().anyMatch(member -> member.length() > limits.memberBytesMax());
  }

  private void step(int putPercent) {
    if (random.nextInt(100) < putPercent) {
      put(drawMember(), drawScore());
    } else if (!model.isEmpty()) {
      if (random.nextInt(20) == 0) {
        removeRange();
      } else {
        remove(drawMember());
      }
    }
  }

  private void put(String member, double score) {
    byte[] m = bytes(member);
    SortedSetValue set = set();
    double old = set.score(m, 0, m.length);
    assertEquals(model.getOrDefault(member, Double.NaN), old);
    set.set(m, 0, m.length, score);
    model.put(member, score);
    assertEquals(set.ref(), find(KEY));
    assertEquals(model.size(), set.count());
  }

  private void remove(String member) {
    byte[] m = bytes(member);
    SortedSetValue set = set();
    assertEquals(model.remove(member) != null, set.remove(m, 0, m.length));
    assertEquals(model.isEmpty(), set.isRemoved());
  }

  private void removeRange() {
    List<Element> order = order();
    int from = random.nextInt(order.size());
    int to = Math.min(order.size(), from + random.nextInt(30));
    SortedSetValue set = set();
    set.removeRange(from, to);
    order.subList(from, to).forEach(e -> model.remove(e.member));
    assertEquals(model.isEmpty(), set.isRemoved());
  }

  private void check(String when) {
    if (model.isEmpty()) {
      assertEquals(0, find(KEY), when);
      return;
    }
    SortedSetValue set = set();
    List<Element> order = order();
    assertEquals(order, walk(set, 0, Long.MAX_VALUE, false), when);
    int rank = random.nextInt(order.size());
    assertEquals(
        order.subList(0, rank + 1).reversed(), walk(set, rank, Long.MAX_VALUE, true), when);
    Element one = order.get(rank);
    byte[] m = bytes(one.member);
    assertEquals(rank, set.rank(m, 0, m.length), when);
    long below = order.stream().filter(e -> e.score < one.score).count();
    long notAbove = order.stream().filter(e -> e.score <= one.score).count();
    assertEquals(below, set.countBelow(one.score, false), when);
    assertEquals(notAbove, set.countBelow(one.score, true), when);
    checkScan(set, when);
    checkStored(order, when);
  }

  private void checkScan(SortedSetValue set, String when) {
    Set<Element> seen = new HashSet<>();
    long position = 0;
    do {
      position =
          set.scan(
              position,
              5,
              (score, a, o, n) -> seen.add(new Element(score, new String(a, o, n, ISO_8859_1))));
    } while (position != 0);
    assertEquals(new HashSet<>(order()), seen, when);
  }

  private void checkStored(List<Element> order, String when) {
    SortedSetBuilder builder = new SortedSetBuilder(keys);
    for (Element e : order) {
      byte[] m = bytes(e.member);
      builder.put(m, 0, m.length, 0);
      builder.put(m, 0, m.length, e.score);
      assertEquals(e.score, builder.score(m, 0, m.length), when);
    }
    long ref = builder.store(find(OTHER), OTHER, 0, 1, limits);
    assertEquals(order, walk(SortedSetValue.of(keys, ref, limits), 0, 1 << 30, false), when);
    assertEquals(outgrown(model.keySet()), isLarge(ref), when);
    keys.remove(find(OTHER));
    assertEquals(0, find(OTHER));
    keys.copyFrom(keys, find(KEY), OTHER, 0, 1, keys.slotOf(OTHER, 0, 1));
    ref = find(OTHER);
    assertEquals(order, walk(SortedSetValue.of(keys, ref, limits), 0, 1 << 30, false), when);
    keys.remove(ref);
  }

  private void checkRemoval(String when) {
    long ref = find(KEY);
    if (ref != 0) {
      keys.remove(ref);
    }
    while (keys.memory().releaseDropped(7) >= 7) {
      // a few nodes at a time
    }
    assertEquals(0, keys.nodes().size(), when + ": no node is lost");
  }

  @Test
  void memberOfLargeSetTakesLittle() {
    int elements = 200_000;
    SortedSetValue set = set();
    for (int i = 0; i < elements; i++) {
      byte[] m = bytes("member%06d".formatted(i));
      set.put(m, 0, m.length, random.nextInt(1_000_000));
    }
    long perMember = keys.memory().usage(find(KEY)) / elements;
    assertTrue(perMember <= 75, perMember + " bytes");
  }

  @ParameterizedTest
  @CsvSource({"11, 100, 1", "12, 100, 60", "13, 400, 1", "14, 400, 300"})
  void everyElementIsDrawnAsOftenAsTheOthers(long seed, int elements, int picks) {
    random = new SplittableRandom(seed);
    SortedSetValue set = set();
    for (int i = 0; i < elements; i++) {
      byte[] m = bytes(Integer.toString(i));
      set.put(m, 0, m.length, i % 7);
    }
    int rounds = 60_000 / picks;
    int[] drawn = new int[elements];
    int[] some = new int[elements];
    for (int i = 0; i < rounds; i++) {
      set.visitDrawn(picks, (score, a, o, n) -> drawn[number(a, o, n)]++);
      set.visitSome(picks, (score, a, o, n) -> some[number(a, o, n)]++);
    }
    double expected = (double) rounds * picks / elements;
    for (int i = 0; i < elements; i++) {
      assertEquals(expected, drawn[i], 6 * Math.sqrt(expected), "seed " + seed);
      assertEquals(expected, some[i], 6 * Math.sqrt(expected), "seed " + seed);
    }
  }

  private static int number(byte[] array, int offset, int length) {
    return Integer.parseInt(new String(array, offset, length, ISO_8859_1));
  }
}
