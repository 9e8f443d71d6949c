package io.redknot.server.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {
  @Test
  void threePrimariesShareSlotsAsRedisCliDoes() throws UsageException {
    ClusterPlan plan = ClusterPlan.of(6, 1);
    assertEquals(
        List.of(
            new ClusterPlan.SlotRange(0, 5460),
            new ClusterPlan.SlotRange(5461, 10922),
            new ClusterPlan.SlotRange(10923, 16383)),
        plan.ranges());
    assertEquals(List.of(0, 1, 2, 0, 1, 2), plan.primaryOf());
  }

  @Test
  void everySlotHasOneOwnerAndSharesDifferByOneAtMost() throws UsageException {
    for (int nodes = 3; nodes <= 1000; nodes++) {
      int next = 0;
      for (ClusterPlan.SlotRange range : ClusterPlan.of(nodes, 0).ranges()) {
        assertEquals(next, range.first(), nodes + " nodes");
        next = range.last() + 1;
        int share = next - range.first();
        assertEquals(ClusterPlan.SLOTS / (double) nodes, share, 1.0, nodes + " nodes");
      }
      assertEquals(ClusterPlan.SLOTS, next, nodes + " nodes");
    }
  }

  @Test
  void nodesLeftOverBecomeFurtherReplicas() throws UsageException {
    ClusterPlan plan = ClusterPlan.of(8, 1);
    assertEquals(4, plan.primaries());
    assertEquals(List.of(0, 1, 2, 0, 1, 2, 0), ClusterPlan.of(7, 1).primaryOf());
  }

  @Test
  void singleNodeOwnsAllSlots() throws UsageException {
    assertEquals(List.of(new ClusterPlan.SlotRange(0, 16383)), ClusterPlan.of(1, 0).ranges());
  }

  @Test
  void fewerThanThreePrimariesAreRefused() {
    assertThrows(UsageException.class, () -> ClusterPlan.of(2, 0));
    assertThrows(UsageException.class, () -> ClusterPlan.of(5, 1));
    assertThrows(UsageException.class, () -> ClusterPlan.of(1, 1));
  }
}
