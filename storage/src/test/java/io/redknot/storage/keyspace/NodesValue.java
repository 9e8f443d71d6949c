package io.redknot.storage.keyspace;

import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;

/** A collection of nodes without content that tells what was asked of it. */
final class NodesValue implements LargeValue {
  private static final int NODE_BYTES = 100;

  private final NodeStore store;
  private final int[] nodes;
  private int left;
  private int mostAtOnce;

  NodesValue(NodeStore store, int count) {
    this.store = store;
    this.nodes = new int[count];
    for (int i = 0; i < count; i++) {
      nodes[i] = store.allocate(NODE_BYTES);
    }
    this.left = count;
  }

  /** Nodes not given back. */
  int left() {
    return left;
  }

  /** The most nodes that one call of release was for. */
  int mostAtOnce() {
    return mostAtOnce;
  }

  @Override
  public long usedBytes() {
    return nodes.length * 112L;
  }

  @Override
  public int release(int nodesMax) {
    mostAtOnce = Math.max(mostAtOnce, nodesMax);
    int released = 0;
    while (released < nodesMax && left > 0) {
      store.free(nodes[--left]);
      released++;
    }
    return released;
  }

  @Override
  public LargeValue copyTo(NodeStore target) {
    return new NodesValue(target, nodes.length);
  }
}
