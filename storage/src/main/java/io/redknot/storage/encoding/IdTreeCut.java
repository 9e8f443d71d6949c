package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;

/**
 * Cuts an {@link IdTree} in two before an entry. One node of each level is divided; all others go
 * over as they are, and are only counted.
 */
final class IdTreeCut {
  private final IdTree tree;
  private final IdTree front;
  private final NodeStore nodes;

  private IdTreeCut(IdTree tree, IdTree front) {
    this.tree = tree;
    this.front = front;
    this.nodes = tree.nodes;
  }

  /**
   * Takes the entries before one that is there out of a tree.
   *
   * @param entries how many these are
   * @return a tree of them, in the same store
   */
  static IdTree before(IdTree tree, long ms, long seq, long entries) {
    IdTree front = new IdTree(tree.nodes, tree.payloadBytes());
    front.root = new IdTreeCut(tree, front).cut(tree.root, tree.height, ms, seq);
    front.height = front.root == NodeStore.NONE ? 0 : tree.height;
    front.size = entries;
    tree.size -= entries;
    tree.lowerRoot();
    return front;
  }

  /** Moves what is before an id to a new node, which is returned; none where that is nothing. */
  private int cut(int node, int level, long ms, long seq) {
    int kept = Math.max(0, tree.floorIndex(node, level, ms, seq));
    int below = level == 0 ? unchain(node) : cut(tree.child(node, kept), level - 1, ms, seq);
    int moved = level > 0 && below != NodeStore.NONE ? kept + 1 : kept;
    if (moved == 0) {
      return NodeStore.NONE;
    }
    int made = front.newNode(level, moved);
    int stride = tree.stride(level);
    System.arraycopy(array(node), start(node), array(made), start(made), moved * stride);
    front.count(made, moved);
    if (level == 0) {
      front.link(made, IdTree.PREVIOUS, below);
      front.link(below, IdTree.NEXT, made);
    } else if (below != NodeStore.NONE) {
      Bytes.putInt(array(made), start(made) + kept * stride + IdTree.ID_BYTES, below);
    }
    for (int i = 0; i < kept && level > 0; i++) {
      handOver(front.child(made, i), level - 1);
    }
    tree.removeFirst(node, level, kept);
    return made;
  }

  /** Lets a leaf be the first one; the leaf that was before it, which is the last one now. */
  private int unchain(int leaf) {
    int previous = tree.link(leaf, IdTree.PREVIOUS);
    tree.link(previous, IdTree.NEXT, NodeStore.NONE);
    tree.link(leaf, IdTree.PREVIOUS, NodeStore.NONE);
    return previous;
  }

  private byte[] array(int node) {
    return nodes.array(node);
  }

  private int start(int node) {
    return nodes.offset(node) + IdTree.HEADER_BYTES;
  }

  private void handOver(int node, int level) {
    long bytes = nodes.heldBytes(node);
    tree.nodeCount--;
    tree.heldBytes -= bytes;
    front.nodeCount++;
    front.heldBytes += bytes;
    for (int i = tree.count(node) - 1; i >= 0 && level > 0; i--) {
      handOver(tree.child(node, i), level - 1);
    }
  }
}
