package io.redknot.storage.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pending entries of a group against a plain map, while blocks move. */
class StreamValueTest {
  private static final int STEPS = 20_000;
  private static final int NAMES = 12;

  private record Pending(String owner, long unixMs, long deliveries) {}

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private final TreeMap<StreamId, Pending> model = new TreeMap<>();
  private final ArrayDeque<RemovedConsumer> removed = new ArrayDeque<>();
  private StreamValue stream = StreamValue.empty(nodes);

  private StreamGroup group() {
    StreamGroup group = stream.group(new byte[] {'g'}, 0, 1);
    assertNotNull(group);
    return group;
  }

  private StreamConsumer consumer(String name) {
    byte[] bytes = name.getBytes(ISO_8859_1);
    StreamConsumer found = group().consumer(bytes, 0, bytes.length);
    return found != null ? found : group().addConsumer(bytes, 1);
  }

  private static String text(StreamConsumer consumer) {
    return new String(consumer.name(), ISO_8859_1);
  }

  private void step(SplittableRandom random, int i) {
    String name = "c" + random.nextInt(NAMES);
    StreamId id = new StreamId(random.nextInt(3000), random.nextInt(2));
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        group().deliver(id.ms(), id.seq(), consumer(name), i);
        model.put(id, new Pending(name, i, 1));
      }
      case 4, 5 -> assertEquals(model.remove(id) != null, group().acknowledge(id.ms(), id.seq()));
      case 6 -> claim(id, name, i);
      case 7 -> arena.evacuate(0, nodes::relocate);
      case 8 -> giveBack(3);
      default -> {
        if (random.nextInt(20) == 0) {
          remove(name);
        }
      }
    }
  }

  private void remove(String name) {
    RemovedConsumer consumer = group().removeConsumer(consumer(name));
    long expected = model.values().stream().filter(p -> p.owner().equals(name)).count();
    assertEquals(expected, consumer.entries());
    model.values().removeIf(p -> p.owner().equals(name));
    removed.add(consumer);
  }

  /** As a keyspace does with what is dropped: in turn, and few at once. */
  private void giveBack(int nodesMax) {
    if (!removed.isEmpty() && removed.getFirst().release(nodesMax) < nodesMax) {
      removed.removeFirst();
    }
  }

  private void claim(StreamId id, String name, long unixMs) {
    long position = group().pending().find(id.ms(), id.seq());
    Pending before = model.get(id);
    assertEquals(before != null, position != IdTree.NONE);
    if (before != null) {
      group().give(position, consumer(name));
      group().pending().delivered(position, unixMs, group().pending().deliveries(position) + 1);
      model.put(id, new Pending(name, unixMs, before.deliveries() + 1));
    }
  }

  private void check() {
    StreamGroup group = group();
    assertEquals(model.size(), group.pending().size());
    TreeMap<String, Long> counts = new TreeMap<>();
    GroupPending pending = group.pending();
    long p = pending.first();
    for (Map.Entry<StreamId, Pending> entry : model.entrySet()) {
      assertEquals(entry.getKey(), pending.id(p));
      Pending found =
          new Pending(text(pending.owner(p)), pending.deliveredMs(p), pending.deliveries(p));
      assertEquals(entry.getValue(), found);
      counts.merge(found.owner(), 1L, Long::sum);
      p = pending.next(p);
    }
    assertEquals(IdTree.NONE, p);
    checkEnds(pending);
    for (StreamConsumer consumer : group.consumers()) {
      assertEquals(counts.getOrDefault(text(consumer), 0L), consumer.pending().size());
      for (long q = consumer.pending().first(); q != IdTree.NONE; q = consumer.pending().next(q)) {
        Pending owned = model.get(consumer.pending().id(q));
        assertNotNull(owned);
        assertEquals(text(consumer), owned.owner());
      }
    }
  }

  private void checkEnds(GroupPending pending) {
    long last = pending.last();
    assertEquals(
        model.isEmpty() ? null : model.lastKey(), last == IdTree.NONE ? null : pending.id(last));
    for (StreamId id = StreamId.ZERO; id != null; id = model.higherKey(id)) {
      StreamId expected = model.ceilingKey(new StreamId(id.ms() + 1, 0));
      long found = pending.ceiling(id.ms() + 1, 0);
      assertEquals(expected, found == IdTree.NONE ? null : pending.id(found));
    }
  }

  @Test
  void longRunsOfOrphansArePassed() {
    stream.addGroup(new byte[] {'g'}, StreamId.ZERO, 0);
    for (int i = 0; i < 9000; i++) {
      String name = i > 8000 || i < 1000 || i % 1000 > 4 ? "gone" : i % 2 == 0 ? "c1" : "c2";
      group().deliver(i, 0, consumer(name), i);
      model.put(new StreamId(i, 0), new Pending(name, i, 1));
    }
    remove("gone");
    check();
    giveBack(500);
    group().deliver(600, 0, consumer("c3"), 1);
    model.put(new StreamId(600, 0), new Pending("c3", 1, 1));
    check();
    remove("c1");
    remove("c2");
    check();
    remove("c3");
    check();
  }

  private static void release(StreamValue value) {
    int released = 3;
    while (released >= 3) {
      released = value.release(3);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsPendingIsThatOfAPlainMapWhateverMoves(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try {
      stream.addGroup(new byte[] {'g'}, StreamId.ZERO, 0);
      for (int i = 0; i < STEPS; i++) {
        step(random, i);
        if (i % 2000 == 0) {
          check();
        }
      }
      check();
      remove("c1");
      StreamValue original = stream;
      stream = original.copyTo(nodes);
      while (!removed.isEmpty()) {
        giveBack(3);
      }
      release(original);
      check();
      release(stream);
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError("seed " + seed, failure);
    }
    assertEquals(0, arena.usedBytes());
    assertEquals(0, nodes.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void heapBytesAreGivenBackHoweverFewNodesAreReleasedAtOnce(int nodesMax) {
    int[] many = new int[3000];
    for (int i = 0; i < many.length; i++) {
      many[i] = nodes.allocate(8);
    }
    for (int node : many) {
      nodes.free(node);
    }
    // From here on the table of node numbers need not grow.
    long before = nodes.heapBytes();
    StreamValue value = StreamValue.empty(nodes);
    value.addGroup(new byte[] {'a'}, StreamId.ZERO, 0);
    value.addGroup(new byte[] {'b'}, StreamId.ZERO, 0);
    for (int i = 0; i < 300; i++) {
      StreamGroup group = value.groups().get(i % 2);
      StreamConsumer consumer = group.addConsumer(("c" + i).getBytes(ISO_8859_1), 1);
      group.deliver(i, 0, consumer, 1);
    }
    int released = nodesMax;
    while (released >= nodesMax) {
      released = value.release(nodesMax);
    }
    assertEquals(0, nodes.size());
    assertEquals(before, nodes.heapBytes());
  }
}
