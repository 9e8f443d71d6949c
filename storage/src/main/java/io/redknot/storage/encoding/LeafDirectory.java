package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;

/**
 * Leads from the upper bits of a hash to the node of a {@link HashLeaf}.
 *
 * <p>There are 2 to the power of {@code depth} places. A leaf that shares fewer bits stands at
 * several places, one behind the other.
 */
final class LeafDirectory {
  private static final int ARRAY_HEADER_BYTES = 16;

  private final NodeStore nodes;
  private int[] leaves;
  private int depth;

  /** Leaves at exactly one place; while there is one, the directory can not be halved. */
  private int deepest = 1;

  /** Begins with one leaf of depth 0. */
  LeafDirectory(NodeStore nodes, int leaf) {
    this.nodes = nodes;
    this.leaves = new int[] {leaf};
  }

  /** The same places in a directory whose leaves are to be given one by one. */
  LeafDirectory(NodeStore nodes, LeafDirectory other) {
    this.nodes = nodes;
    this.leaves = new int[other.leaves.length];
    this.depth = other.depth;
    this.deepest = other.deepest;
  }

  long heapBytes() {
    return ARRAY_HEADER_BYTES + (long) leaves.length * Integer.BYTES;
  }

  /** Number of places. */
  int length() {
    return leaves.length;
  }

  /** The leaf for a hash. */
  int leaf(long hash) {
    return leaves[indexOf(hash)];
  }

  /** The leaf at a place. */
  int at(int index) {
    return leaves[index];
  }

  private int indexOf(long hash) {
    return (int) (hash >>> 1 >>> (Long.SIZE - 1 - depth));
  }

  private int depthAt(int index) {
    int leaf = leaves[index];
    return HashLeaf.depth(nodes.array(leaf), nodes.offset(leaf));
  }

  /** Whether a leaf of that depth at that place is there for the first time. */
  boolean isFirst(int index, int leafDepth) {
    return (index & (spread(leafDepth) - 1)) == 0;
  }

  /** The first place behind those of a leaf. */
  int next(int index) {
    return index + spread(depthAt(index));
  }

  /** Counts the elements of each leaf. */
  void count(ChainLengths lengths) {
    for (int index = 0; index < leaves.length; index = next(index)) {
      lengths.add(HashLeaf.count(nodes.array(leaves[index]), nodes.offset(leaves[index])));
    }
  }

  /** Number of places of a leaf. */
  private int spread(int leafDepth) {
    return 1 << (depth - leafDepth);
  }

  /** The leaf for the hashes that differ in the last bit which a leaf's hashes share. */
  int other(long hash, int leafDepth) {
    return leaves[indexOf(hash) ^ spread(leafDepth)];
  }

  /** Puts a leaf at all places of its depth for a hash. */
  void replace(long hash, int leafDepth, int leaf) {
    int spread = spread(leafDepth);
    int first = indexOf(hash) & -spread;
    Arrays.fill(leaves, first, first + spread, leaf);
  }

  /** Puts a leaf at a range of places. */
  void fill(int from, int to, int leaf) {
    Arrays.fill(leaves, from, to, leaf);
  }

  /** Puts two leaves of that depth in place of one. */
  void split(long hash, int leafDepth, int low, int high) {
    if (leafDepth > depth) {
      grow();
    }
    if (leafDepth == depth) {
      deepest += 2;
    }
    int spread = spread(leafDepth);
    int first = indexOf(hash) & -2 * spread;
    Arrays.fill(leaves, first, first + spread, low);
    Arrays.fill(leaves, first + spread, first + 2 * spread, high);
  }

  /** Puts a leaf of that depth in place of two. */
  void merge(long hash, int leafDepth, int leaf) {
    replace(hash, leafDepth, leaf);
    if (leafDepth == depth - 1) {
      deepest -= 2;
      while (deepest == 0 && depth > 0) {
        shrink();
      }
    }
  }

  private void grow() {
    int[] doubled = new int[leaves.length * 2];
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] = leaves[i >> 1];
    }
    become(doubled);
    depth++;
    deepest = 0;
  }

  private void shrink() {
    int[] half = new int[leaves.length / 2];
    for (int i = 0; i < half.length; i++) {
      half[i] = leaves[2 * i];
    }
    become(half);
    depth--;
    for (int i = 0; i < half.length; i++) {
      deepest += depthAt(i) == depth ? 1 : 0;
    }
  }

  private void become(int[] other) {
    nodes.countHeapBytes((long) (other.length - leaves.length) * Integer.BYTES);
    leaves = other;
  }
}
