package io.redknot.storage.encoding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a plain map, while blocks move. */
class StreamEntriesTest {
  private static final int STEPS = 6000;

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private final TreeMap<StreamId, List<String>> model = new TreeMap<>();
  private StreamEntries stream = new StreamEntries(nodes);
  private StreamId last = StreamId.ZERO;
  private StreamId maxDeleted = StreamId.ZERO;
  private long added;

  /** The listpacks as they were when a snapshot began, and those that it has shown. */
  private final List<String> before = new ArrayList<>();

  private final List<String> shown = new ArrayList<>();
  private int nodeBytesMax = 4096;
  private int nodeEntriesMax = 100;

  /** Texts one behind the other. */
  static final class Texts implements EntryFields {
    private final byte[] array;
    private final int[] ends;

    Texts(List<String> texts) {
      ends = new int[texts.size()];
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < ends.length; i++) {
        all.append(texts.get(i));
        ends[i] = all.length();
      }
      array = all.toString().getBytes(ISO_8859_1);
    }

    @Override
    public byte[] array() {
      return array;
    }

    @Override
    public int count() {
      return ends.length;
    }

    @Override
    public int offset(int index) {
      return index == 0 ? 0 : ends[index - 1];
    }

    @Override
    public int length(int index) {
      return ends[index] - offset(index);
    }
  }

  private static final class Collected implements EntryVisitor {
    private final List<String> texts = new ArrayList<>();

    @Override
    public void text(byte[] array, int offset, int length) {
      texts.add(new String(array, offset, length, ISO_8859_1));
    }

    @Override
    public void integer(long value) {
      texts.add(Long.toString(value));
    }
  }

  private void append(StreamId id, List<String> texts) {
    stream.append(id.ms(), id.seq(), new Texts(texts), nodeBytesMax, nodeEntriesMax);
    model.put(id, texts);
    last = id;
    added++;
  }

  private void append(String id, String... texts) {
    append(idOf(id), List.of(texts));
  }

  private static StreamId idOf(String text) {
    int dash = text.indexOf('-');
    return new StreamId(
        Long.parseUnsignedLong(text, 0, dash, 10),
        Long.parseUnsignedLong(text, dash + 1, text.length(), 10));
  }

  private String node(long position) {
    int node = stream.node(position);
    int at = nodes.offset(node);
    int end = at + Listpack.bytes(nodes.array(node), at);
    return HexFormat.of().formatHex(nodes.array(node), at, end);
  }

  @Test
  void listpacksHaveTheBytesOfRedis() {
    append("1-1", "f", "v");
    append("1-2", "f", "v2");
    append("5-0", "g", "w", "h", "7");
    String head = "3f000000" + "1800"; // bytes, elements
    String first = "0201" + "0001" + "0001" + "817602" + "0401";
    String second = "0001" + "0101" + "82763203" + "0401";
    String third = "0001" + "0401" + "dfff02" + "0201" + "816702817702816802" + "0701" + "0801";
    assertEquals(
        head + "0301" + "0001" + "0101" + "816602" + "0001" + first + "0201" + second + third
            + "ff",
        node(stream.tree().first()));
    assertTrue(stream.delete(idOf("1-2")));
    assertEquals(
        head + "0201" + "0101" + "0101" + "816602" + "0001" + first + "0301" + second + third
            + "ff",
        node(stream.tree().first()));
    assertEquals(idOf("1-2"), stream.maxDeleted());
    assertEquals(2, stream.length());
  }

  private static List<String> texts(SplittableRandom random) {
    List<String> texts = new ArrayList<>();
    int pairs = random.nextInt(10) == 0 ? 1 + random.nextInt(130) : 1 + random.nextInt(3);
    for (int i = 0; i < pairs; i++) {
      texts.add("field" + (random.nextInt(4) == 0 ? random.nextInt(50) : i));
      texts.add(value(random));
    }
    return texts;
  }

  private static String value(SplittableRandom random) {
    return switch (random.nextInt(20)) {
      case 0 -> "x".repeat(random.nextInt(3000));
      case 1 -> Long.toString(random.nextLong());
      case 2 -> "";
      case 3 -> random.nextInt(100) == 0 ? "big".repeat(60_000) : "0" + random.nextInt(20);
      default -> Integer.toString(random.nextInt(-5000, 5000));
    };
  }

  private StreamId nextId(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> new StreamId(last.ms() + 1 + random.nextInt(5), random.nextInt(3));
      case 1 ->
          Long.compareUnsigned(last.seq(), -1000) < 0
              ? new StreamId(last.ms(), last.seq() + 1 + random.nextInt(300))
              : last.next();
      case 2 -> new StreamId(last.ms() + 1, random.nextInt(2) == 0 ? random.nextLong() : 0);
      default -> last.next();
    };
  }

  private StreamId any(SplittableRandom random) {
    if (model.isEmpty() || random.nextInt(10) == 0) {
      return new StreamId(random.nextInt(100), random.nextInt(10));
    }
    long span = model.lastKey().ms() - model.firstKey().ms() + 1;
    StreamId near =
        model.ceilingKey(new StreamId(model.firstKey().ms() + random.nextLong(span), 0));
    return near == null ? model.lastKey() : near;
  }

  private void delete(SplittableRandom random) {
    StreamId id = any(random);
    boolean was = model.remove(id) != null;
    assertEquals(was, stream.delete(id));
    if (was && id.compareTo(maxDeleted) > 0) {
      maxDeleted = id;
    }
  }

  private void trimToLength(SplittableRandom random) {
    int wanted = Math.max(0, model.size() - random.nextInt(30));
    boolean whole = random.nextBoolean();
    long limit = random.nextInt(3) == 0 ? 1 + random.nextInt(40) : 0;
    trimmed(stream.trimToLength(wanted, whole, limit), whole || limit > 0, model.size() - wanted);
    assertTrue(stream.length() >= wanted);
  }

  private void trimBefore(SplittableRandom random) {
    StreamId least =
        model.isEmpty() || random.nextInt(3) == 0
            ? any(random)
            : new StreamId(model.firstKey().ms() + random.nextInt(20), 1);
    boolean whole = random.nextBoolean();
    long limit = random.nextInt(3) == 0 ? 1 + random.nextInt(40) : 0;
    int before = model.headMap(least).size();
    trimmed(stream.trimBefore(least, whole, limit), whole || limit > 0, before);
  }

  private void trimmed(long removed, boolean mayBeFewer, long wanted) {
    assertTrue(mayBeFewer ? removed <= wanted : removed == wanted, removed + " of " + wanted);
    for (long i = 0; i < removed; i++) {
      model.pollFirstEntry();
    }
  }

  private void range(SplittableRandom random, boolean backwards) {
    StreamId a = any(random);
    StreamId b = random.nextInt(5) == 0 ? StreamId.MAX : any(random);
    NavigableMap<StreamId, List<String>> expected =
        a.compareTo(b) > 0 ? new TreeMap<>() : model.subMap(a, true, b, true);
    expected = backwards ? expected.descendingMap() : expected;
    StreamCursor cursor = stream.cursor(a, b, backwards);
    boolean visits = random.nextBoolean();
    for (var entry : expected.entrySet()) {
      assertTrue(cursor.next());
      assertEquals(entry.getKey(), cursor.id());
      assertEquals(entry.getValue().size() / 2, cursor.fields());
      if (visits) {
        Collected collected = new Collected();
        cursor.visit(collected);
        assertEquals(entry.getValue(), collected.texts);
      }
    }
    assertFalse(cursor.next());
    assertFalse(cursor.next());
  }

  private void stepSnapshot() {
    if (stream.hasSnapshot() || stream.listpacks() == 0) {
      stepSnapshot(stream);
      return;
    }
    before.clear();
    shown.clear();
    for (long p = stream.firstNode(); p != IdTree.NONE; p = stream.nextNode(p)) {
      before.add(stream.nodeId(p) + " " + node(p));
    }
    stream.beginSnapshot(
        (id, lp, at) -> {
          int end = at + Listpack.bytes(lp, at);
          shown.add(id + " " + HexFormat.of().formatHex(lp, at, end));
        });
  }

  private void stepSnapshot(StreamEntries of) {
    if (of.hasSnapshot() && !of.snapshotStep()) {
      assertEquals(before, shown);
    }
  }

  private void check() {
    assertEquals(model.size(), stream.length());
    assertEquals(added, stream.added());
    assertEquals(last, stream.last());
    assertEquals(maxDeleted, stream.maxDeleted());
    assertEquals(model.isEmpty() ? StreamId.ZERO : model.firstKey(), stream.first());
    assertEquals(model.isEmpty() ? StreamId.ZERO : model.lastKey(), stream.lastLive());
    for (long p = stream.tree().first(); p != IdTree.NONE; p = stream.tree().next(p)) {
      int node = stream.node(p);
      byte[] lp = nodes.array(node);
      int at = nodes.offset(node);
      assertTrue(Listpack.isValid(lp, at, Listpack.bytes(lp, at)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void entriesAreThoseOfAPlainMapWhateverMoves(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try {
      for (int i = 0; i < STEPS; i++) {
        step(random, i);
        if (i % 4 == 0) {
          stepSnapshot();
        }
        if (i % 500 == 0) {
          check();
        }
      }
      StreamEntries released = stream;
      copyAndRelease(random);
      while (released.hasSnapshot()) {
        stepSnapshot(released);
      }
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError("seed " + seed, failure);
    }
  }

  private void step(SplittableRandom random, int i) {
    switch (random.nextInt(20)) {
      case 0 -> delete(random);
      case 1 -> range(random, false);
      case 2 -> range(random, true);
      case 3 -> arena.evacuate(0, nodes::relocate);
      case 4 -> {
        StreamId id = any(random);
        assertEquals(model.containsKey(id), stream.contains(id));
      }
      case 5 -> trimToLength(random);
      case 6 -> {
        if (random.nextInt(4) == 0) {
          trimBefore(random);
        }
      }
      default -> append(nextId(random), texts(random));
    }
    if (i % 1000 == 0) {
      nodeBytesMax = random.nextBoolean() ? 4096 : 1 + random.nextInt(20_000);
      nodeEntriesMax = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(300);
    }
  }

  private void copyAndRelease(SplittableRandom random) {
    check();
    StreamEntries original = stream;
    stream = original.copyTo(nodes);
    release(original);
    check();
    append(last.next(), List.of("f", "v"));
    range(random, true);
    long numbers = nodes.heapBytes();
    release(stream);
    assertTrue(nodes.heapBytes() < numbers);
    assertEquals(0, arena.usedBytes());
    assertEquals(0, nodes.size());
  }

  private static void release(StreamEntries released) {
    int count = 5;
    while (count == 5) {
      count = released.release(5);
    }
  }

  @Test
  void smallEntriesTakeLittleMoreThanTheirBytes() {
    for (int i = 0; i < 50_000; i++) {
      append(new StreamId(1_700_000_000_000L + i, 0), List.of("field", "value-of-16-byte"));
    }
    long bytes = stream.usedBytes() / stream.length();
    assertTrue(bytes <= 16 + 16, "bytes an entry: " + bytes);
  }

  @Test
  void idsBeyondTheSignedRangeStandInOrder() {
    append("1-1", "f", "v");
    append("18446744073709551615-0", "f", "v");
    append("18446744073709551615-18446744073709551615", "f", "v");
    StreamCursor cursor = stream.cursor(StreamId.ZERO, StreamId.MAX, true);
    assertTrue(cursor.next());
    assertTrue(cursor.id().isMax());
    assertTrue(cursor.next());
    assertEquals(idOf("18446744073709551615-0"), cursor.id());
    assertEquals(2, stream.trimBefore(StreamId.MAX, false, 0));
    assertEquals(StreamId.MAX, stream.first());
  }
}
