package io.redknot.storage.value;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;

/**
 * A consumer that was removed from its group and may leave millions of pending entries there, which
 * {@link #release} takes out. It has to be dropped before the group is.
 */
public final class RemovedConsumer implements LargeValue {
  private final GroupPending pending;
  private final StreamConsumer consumer;
  private final NodeStore nodes;
  private final long entries;

  RemovedConsumer(GroupPending pending, StreamConsumer consumer, NodeStore nodes) {
    this.pending = pending;
    this.consumer = consumer;
    this.nodes = nodes;
    this.entries = consumer.pending().size();
  }

  /** How many entries were pending with it. */
  public long entries() {
    return entries;
  }

  @Override
  public long usedBytes() {
    return consumer.usedBytes();
  }

  /** An entry counts as a node, as it has to be looked for in the group. */
  @Override
  public int release(int nodesMax) {
    IdTree owned = consumer.pending();
    int released = 0;
    for (long p = owned.first(); p != IdTree.NONE && released < nodesMax; p = owned.first()) {
      long ms = owned.ms(p);
      long seq = owned.seq(p);
      pending.removeOrphan(consumer, ms, seq);
      owned.remove(ms, seq);
      released++;
    }
    if (released < nodesMax) {
      consumer.release(nodesMax - released, nodes);
      pending.free(consumer);
    }
    return released;
  }

  /** Nobody can reach it, so nobody can copy it. */
  @Override
  public LargeValue copyTo(NodeStore target) {
    throw new IllegalStateException("a removed consumer is no value");
  }
}
