package io.redknot.cluster.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotSetTest {
  @Test
  void rangesAreMaximalAndAscending() {
    assertArrayEquals(
        new int[] {0, 1, 63, 64, 16383, 16383}, SlotSet.of(16383, 64, 0, 63, 1).ranges());
    assertArrayEquals(new int[] {0, 16383}, SlotSet.range(0, 16383).ranges());
    assertArrayEquals(new int[0], SlotSet.EMPTY.ranges());
  }

  @Test
  void agreesWithABitSet() {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      BitSet expected = new BitSet();
      int[] slots = random.ints(random.nextInt(200), 0, 16384).toArray();
      for (int slot : slots) {
        expected.set(slot);
      }
      if (round % 2 == 1) {
        expected.flip(0, 16384);
      }
      SlotSet set = SlotSet.of(expected.stream().toArray());
      BitSet visited = new BitSet();
      set.forEach(visited::set);
      assertEquals(expected, visited, "seed " + seed);
      assertEquals(expected.cardinality(), set.count());
      int[] ranges = set.ranges();
      BitSet covered = new BitSet();
      for (int i = 0; i < ranges.length; i += 2) {
        covered.set(ranges[i], ranges[i + 1] + 1);
      }
      assertEquals(expected, covered, "seed " + seed);
    }
  }

  @Test
  void containsSaysWhatIsIn() {
    assertTrue(SlotSet.of(5).contains(5));
    assertFalse(SlotSet.of(5).contains(69));
  }
}
