package io.redknot.storage.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeStoreTest {
  private static final int STEPS = 30_000;

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);
  private final Map<Integer, byte[]> model = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nodesKeepNumberAndContentWhateverMoves(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < STEPS; i++) {
      switch (random.nextInt(i < STEPS / 2 ? 6 : 9)) {
        case 0, 1, 2 -> allocate(random);
        case 3, 4 -> resize(random);
        case 5 -> arena.evacuate(0, nodes::relocate);
        default -> free(random);
      }
      if (i % 1000 == 0) {
        model.forEach(this::check);
      }
    }
    model.forEach(this::check);
    assertEquals(model.size(), nodes.size());
    model.keySet().forEach(nodes::free);
    assertEquals(0, arena.usedBytes(), "seed " + seed + ": no block is lost");
    long numbers = nodes.heapBytes();
    assertTrue(numbers < 200_000, "no array is lost: " + numbers);
  }

  private static int bytes(SplittableRandom random) {
    return random.nextInt(200) == 0
        ? NodeStore.PAGED_BYTES_MAX - 10 + random.nextInt(1000)
        : random.nextInt(1 + random.nextInt(2000));
  }

  private void allocate(SplittableRandom random) {
    int wanted = bytes(random);
    int node = nodes.allocate(wanted);
    assertEquals(NodeStore.roomFor(wanted), nodes.capacity(node));
    assertNull(model.put(node, fill(node, wanted, random)), "a number is given out once");
  }

  private byte[] fill(int node, int length, SplittableRandom random) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    System.arraycopy(content, 0, nodes.array(node), nodes.offset(node), length);
    return content;
  }

  private int any(SplittableRandom random) {
    int skip = random.nextInt(Math.min(50, model.size()));
    return model.keySet().stream().skip(skip).findFirst().orElseThrow();
  }

  private void resize(SplittableRandom random) {
    if (model.isEmpty()) {
      return;
    }
    int node = any(random);
    int wanted = bytes(random);
    byte[] before = model.getOrDefault(node, new byte[0]);
    nodes.resize(node, wanted);
    assertTrue(nodes.capacity(node) >= wanted);
    check(node, Arrays.copyOf(before, Math.min(before.length, wanted)));
    model.put(node, fill(node, wanted, random));
  }

  private void free(SplittableRandom random) {
    if (!model.isEmpty()) {
      int node = any(random);
      nodes.free(node);
      model.remove(node);
    }
  }

  private void check(int node, byte[] expected) {
    int at = nodes.offset(node);
    assertArrayEquals(
        expected, Arrays.copyOfRange(nodes.array(node), at, at + expected.length), "node " + node);
  }
}
