package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;

/**
 * Cuts the nodes of an {@link IdTree} in two before an entry. One node of each level is divided;
 * all others go over as they are.
 */
final class IdTreeCut {
  private final IdTreeNodes nodes;
  private final IdTreeSums sums;
  private final IdTreeNodes front;

  /**
   * Cuts nodes.
   *
   * @param sums what these note
   * @param front nodes in the same store, which take what is before the entry
   */
  IdTreeCut(IdTreeNodes nodes, IdTreeSums sums, IdTreeNodes front) {
    this.nodes = nodes;
    this.sums = sums;
    this.front = front;
  }

  /** Moves what is before an id to a new node, which is returned; none where that is nothing. */
  int before(int node, int level, long ms, long seq) {
    int kept = Math.max(0, nodes.floorIndex(node, level, ms, seq));
    int below = level == 0 ? unchain(node) : before(nodes.child(node, kept), level - 1, ms, seq);
    int moved = level > 0 && below != NodeStore.NONE ? kept + 1 : kept;
    if (level > 0) {
      sums.renew(node, kept);
    }
    if (moved == 0) {
      return NodeStore.NONE;
    }
    for (int i = 0; i < kept && level > 0; i++) {
      nodes.handOver(sums.total(node, i), sums.heldBytes(node, i), front);
    }
    int made = front.copyOf(nodes, node, level, moved);
    if (level == 0) {
      front.link(below, made);
    } else if (below != NodeStore.NONE) {
      front.child(made, kept, below);
    }
    nodes.remove(node, level, 0, kept);
    return made;
  }

  /** Lets a leaf be the first one; the leaf that was before it, which is the last one now. */
  private int unchain(int leaf) {
    int previous = nodes.previous(leaf);
    nodes.link(previous, NodeStore.NONE);
    nodes.link(NodeStore.NONE, leaf);
    return previous;
  }
}
