package io.redknot.server.tool;

import java.util.ArrayList;
import java.util.List;

/**
 * Who becomes what, among nodes named 0..n-1 in the caller's order: the first are primaries with
 * equal shares of the slots, the others replicas dealt to them in turn.
 *
 * @param ranges one per primary: first and last slot, both included
 * @param primaryOf for each node the index of its primary; a primary's own index for itself
 */
record ClusterPlan(List<SlotRange> ranges, List<Integer> primaryOf) {
  static final int SLOTS = 16384;

  /** Fewer cannot elect a new primary when one of them dies. */
  static final int PRIMARIES_MIN = 3;

  /** Slots first to last, both included. */
  record SlotRange(int first, int last) {}

  /**
   * Plans for {@code nodes} nodes with at least {@code replicas} replicas per primary.
   *
   * @throws UsageException if that leaves fewer than three primaries and is not a single node
   */
  static ClusterPlan of(int nodes, int replicas) throws UsageException {
    int primaries = nodes / (replicas + 1);
    if (primaries < PRIMARIES_MIN && nodes != 1) {
      throw new UsageException(
          """
          a cluster needs at least 3 primaries (or is a single node); \
          %d nodes with %d replicas for each primary make %d"""
              .formatted(nodes, replicas, primaries));
    }
    if (primaries == 0) {
      throw new UsageException("a single node has no replicas");
    }
    List<Integer> primaryOf = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      primaryOf.add(node % primaries);
    }
    return new ClusterPlan(spread(primaries), List.copyOf(primaryOf));
  }

  int primaries() {
    return ranges.size();
  }

  boolean isPrimary(int node) {
    return node < primaries();
  }

  private static List<SlotRange> spread(int primaries) {
    List<SlotRange> ranges = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= primaries; i++) {
      int end = Math.round((float) SLOTS * i / primaries);
      ranges.add(new SlotRange(first, end - 1));
      first = end;
    }
    return List.copyOf(ranges);
  }
}
