package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of many listpacks that are trimmed by taking them out, against a plain set. */
class StreamCutTest {
  private static final int LISTPACK_ENTRIES = 5;
  private static final int ENTRIES = 40_000;

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private final StreamEntries stream = new StreamEntries(nodes);
  private final TreeSet<StreamId> model = new TreeSet<>();
  private long lastMs;

  private void append(int count) {
    StreamEntriesTest.Texts texts = new StreamEntriesTest.Texts(List.of("field", "value"));
    for (int i = 0; i < count; i++) {
      lastMs++;
      stream.append(lastMs, 0, texts, 4096, LISTPACK_ENTRIES);
      model.add(new StreamId(lastMs, 0));
    }
  }

  private void check() {
    assertEquals(model.size(), stream.length());
    assertEquals(model.isEmpty() ? StreamId.ZERO : model.first(), stream.first());
    StreamCursor cursor = stream.cursor(StreamId.ZERO, StreamId.MAX, false);
    for (StreamId id : model) {
      assertTrue(cursor.next());
      assertEquals(id, cursor.id());
    }
    cursor = stream.cursor(StreamId.ZERO, StreamId.MAX, true);
    for (StreamId id : model.descendingSet()) {
      assertTrue(cursor.next());
      assertEquals(id, cursor.id());
    }
  }

  private long held() {
    long held = 0;
    for (long p = stream.firstNode(); p != IdTree.NONE; p = stream.nextNode(p)) {
      assertEquals(nodes.heldBytes(stream.node(p)), stream.heldBytes(p));
      assertEquals(StreamNode.live(stream.nodeArray(p), stream.nodeOffset(p)), stream.live(p));
      held += stream.heldBytes(p);
    }
    return held;
  }

  private static void release(@Nullable LargeValue cut) {
    int released = 9;
    while (cut != null && released == 9) {
      released = cut.release(9);
      assertTrue(released <= 9);
    }
  }

  private void trim(SplittableRandom random) {
    int part = random.nextInt(1 + (random.nextBoolean() ? 100 : 20_000));
    int kept = random.nextInt(20) == 0 ? random.nextInt(3) : Math.max(0, model.size() - part);
    while (model.size() > kept) {
      model.pollFirst();
    }
    long before = stream.length();
    LargeValue cut;
    long trimmed;
    if (random.nextBoolean()) {
      cut = stream.cutToLength(kept, 0);
      assertTrue(stream.length() >= kept);
      trimmed = before - stream.length() + stream.trimToLength(kept, false, 0);
    } else {
      StreamId least = model.isEmpty() ? StreamId.MAX : model.first();
      cut = stream.cutBefore(least, 0);
      trimmed = before - stream.length() + stream.trimBefore(least, false, 0);
    }
    assertEquals(before - stream.length(), trimmed);
    release(cut);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsLeftIsWhatOneByOneWouldLeave(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try {
      for (int i = 0; i < 30; i++) {
        append(random.nextInt(10_000));
        for (int j = random.nextInt(1000); j > 0 && !model.isEmpty(); j--) {
          StreamId id = new StreamId(lastMs - random.nextInt(model.size()), 0);
          assertEquals(model.remove(id), stream.delete(id));
        }
        trim(random);
        check();
        assertEquals(held(), stream.listpackBytes());
      }
      release(stream);
      assertEquals(0, arena.usedBytes());
      assertEquals(0, nodes.size());
      assertEquals(0, stream.tree().heldBytes());
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError("seed " + seed, failure);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, ENTRIES / 2, ENTRIES - 1000})
  void manyListpacksAreOnlyTakenOut(int kept) {
    append(ENTRIES);
    long before = nodes.size();
    LargeValue cut = stream.cutToLength(kept, 0);
    assertNotNull(cut);
    assertTrue(nodes.size() >= before, "given back: " + (before - nodes.size()));
    assertTrue(stream.length() < kept + LISTPACK_ENTRIES + 1, "left: " + stream.length());
    assertTrue(cut.usedBytes() > 10L * (ENTRIES - kept), "taken out: " + cut.usedBytes());
    release(cut);
    assertTrue(nodes.size() < before - (ENTRIES - kept) / LISTPACK_ENTRIES + 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noMoreIsTakenOutThanTheLimitAllows(boolean byId) {
    append(ENTRIES);
    long limit = 1000 * LISTPACK_ENTRIES + 3;
    LargeValue cut =
        byId
            ? stream.cutBefore(new StreamId(ENTRIES - 10, 0), limit)
            : stream.cutToLength(10, limit);
    assertNotNull(cut);
    assertEquals(ENTRIES - 1000 * LISTPACK_ENTRIES, stream.length());
    release(cut);
    long few = 10 * LISTPACK_ENTRIES;
    assertNull(
        byId ? stream.cutBefore(new StreamId(ENTRIES, 0), few) : stream.cutToLength(10, few));
  }

  @Test
  void fewListpacksAreLeftToTheirTrimming() {
    append(ENTRIES);
    assertNull(stream.cutToLength(ENTRIES - 10 * LISTPACK_ENTRIES, 0));
    assertNull(stream.cutToLength(ENTRIES + 1, 0));
    assertNull(stream.cutBefore(new StreamId(20, 0), 0));
    assertNull(stream.cutBefore(StreamId.ZERO, 0));
    assertEquals(ENTRIES, stream.length());
  }

  @Test
  void whatASnapshotHasStillToShowIsNotTakenOut() {
    append(ENTRIES);
    long[] shown = {0};
    stream.beginSnapshot((id, lp, at) -> shown[0] += StreamNode.live(lp, at));
    assertNull(stream.cutToLength(10, 0));
    assertEquals(ENTRIES - 10, stream.trimToLength(10, false, 0));
    while (stream.snapshotStep()) {
      assertTrue(shown[0] <= ENTRIES);
    }
    assertEquals(ENTRIES, shown[0]);
  }
}
