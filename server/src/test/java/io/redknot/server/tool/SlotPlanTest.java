package io.redknot.server.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SlotPlanTest {
  /** Nodes a, b, c ... with so many slots each. */
  private static Map<String, BitSet> shares(int... counts) {
    Map<String, BitSet> shares = new LinkedHashMap<>();
    int slot = 0;
    for (int i = 0; i < counts.length; i++) {
      BitSet own = new BitSet();
      own.set(slot, slot + counts[i]);
      slot += counts[i];
      shares.put(String.valueOf((char) ('a' + i)), own);
    }
    return shares;
  }

  /** How many slots each has after the plan, which moves none that its source does not have. */
  private static Map<String, Integer> after(Map<String, BitSet> shares, SlotPlan plan) {
    for (SlotPlan.Move move : plan.moves()) {
      assertTrue(Objects.requireNonNull(shares.get(move.from())).get(move.slot()), move::toString);
      Objects.requireNonNull(shares.get(move.from())).clear(move.slot());
      Objects.requireNonNull(shares.get(move.to())).set(move.slot());
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    shares.forEach((id, own) -> counts.put(id, own.cardinality()));
    return counts;
  }

  @Test
  void sourcesGiveInProportionToWhatTheyHave() throws Exception {
    Map<String, BitSet> shares = shares(300, 100, 7);
    SlotPlan plan = SlotPlan.take(shares, List.of("a", "b"), "c", 41);
    assertEquals(41, plan.moves().size());
    assertEquals(Map.of("a", 269, "b", 90, "c", 48), after(shares, plan));
    assertThrows(UsageException.class, () -> SlotPlan.take(shares(3, 4), List.of("a"), "b", 4));
  }

  @Test
  void balanceFollowsTheWeightsAndMovesNoMoreThanItMust() throws Exception {
    Map<String, BitSet> shares = shares(5461, 5462, 5461, 0);
    SlotPlan plan = SlotPlan.balance(shares, Map.of("a", 1.0, "b", 1.0, "c", 2.0, "d", 4.0), 2);
    assertEquals(8192, plan.moves().stream().filter(move -> move.to().equals("d")).count());
    assertEquals(Map.of("a", 2048, "b", 2048, "c", 4096, "d", 8192), after(shares, plan));
  }

  @Test
  void weightZeroEmptiesANodeAndOneWithoutWeightIsLeftAlone() throws Exception {
    Map<String, BitSet> shares = shares(10, 20, 30, 5);
    SlotPlan plan = SlotPlan.balance(shares, Map.of("a", 0.0, "b", 1.0, "c", 1.0), 100);
    assertEquals(Map.of("a", 0, "b", 30, "c", 30, "d", 5), after(shares, plan));
    assertThrows(UsageException.class, () -> SlotPlan.balance(shares(1), Map.of("a", 0.0), 2));
  }

  @Test
  void nothingMovesWithinTheThreshold() throws Exception {
    Map<String, Double> equal = Map.of("a", 1.0, "b", 1.0);
    assertEquals(List.of(), SlotPlan.balance(shares(101, 99), equal, 2).moves());
    assertEquals(List.of(), SlotPlan.balance(shares(8, 7), equal, 0).moves());
    assertEquals(3, SlotPlan.balance(shares(103, 97), equal, 2).moves().size());
  }

  @Test
  void planIsShownByWaysAndRanges() throws Exception {
    SlotPlan plan = SlotPlan.take(shares(10, 4), List.of("a"), "b", 3);
    assertEquals(
        List.of("here -> there   3 slots: 0-2"), plan.lines(Map.of("a", "here", "b", "there")));
    BitSet slots = new BitSet();
    slots.set(1);
    slots.set(3, 6);
    assertEquals("1,3-5", SlotPlan.ranges(slots));
  }
}
