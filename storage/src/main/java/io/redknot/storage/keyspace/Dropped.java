package io.redknot.storage.keyspace;

import io.redknot.storage.memory.LargeValue;
import java.util.ArrayDeque;

/**
 * Collections that nobody can reach any more, whose nodes are given back a few at a time: deleting
 * a collection takes the same short time whatever its size.
 */
final class Dropped {
  /** Nodes given back at once when a collection is dropped; a small one is gone by that. */
  private static final int NODES_AT_ONCE = 32;

  private final KeyspaceStats stats;
  private final ArrayDeque<LargeValue> waiting = new ArrayDeque<>(0);

  Dropped(KeyspaceStats stats) {
    this.stats = stats;
  }

  /** Takes a collection over. */
  void add(LargeValue value) {
    if (waiting.isEmpty() && value.release(NODES_AT_ONCE) < NODES_AT_ONCE) {
      return;
    }
    waiting.add(value);
    // Whoever drops many also works them off, so that they cannot pile up without bound.
    release(NODES_AT_ONCE);
  }

  /**
   * Gives nodes back.
   *
   * @return how many; fewer than asked for: nothing is left
   */
  int release(int nodesMax) {
    int left = nodesMax;
    while (left > 0 && !waiting.isEmpty()) {
      int wanted = left;
      int released = waiting.getFirst().release(wanted);
      left -= released;
      if (released < wanted) {
        waiting.removeFirst();
        stats.lazilyFreed++;
      }
    }
    return nodesMax - Math.max(0, left);
  }

  /** Number of collections that are not gone yet. */
  int size() {
    return waiting.size();
  }
}
