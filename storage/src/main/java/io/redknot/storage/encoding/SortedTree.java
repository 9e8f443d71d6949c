package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;

/**
 * Elements in the order of their scores and, where these are equal, of their members' bytes
 * (unsigned): a B+-tree in nodes of a {@link NodeStore} that counts the elements below each entry,
 * so that ranks and bounds take as many steps as the tree is high. The scores 0 and -0 are equal
 * and come back as they were given; NaN must not be given.
 *
 * <p>A tree does not know whether a member is there with another score: whoever uses it does.
 */
public final class SortedTree {
  /** A node with more entries is split. */
  private static final int ENTRIES_MAX = 64;

  /** A node with more bytes is split, too, where it has two entries or more. */
  private static final int NODE_BYTES_MAX = 4096;

  /** A node with fewer entries is merged with a neighbour if both together have room to grow. */
  private static final int ENTRIES_MIN = 16;

  private static final int MERGED_ENTRIES_MAX = 48;
  private static final int MERGED_BYTES_MAX = 3072;
  private static final int HEIGHT_FIRST = 4;
  private static final byte[] NOTHING = {};

  private final SortedTreeNodes nodes;
  private int root;
  private int height = 1;
  private long size;

  /** The nodes from a leaf, at 0, up to the root, and the entry chosen in each. */
  private int[] path = new int[HEIGHT_FIRST];

  private int[] chosen = new int[HEIGHT_FIRST];

  public SortedTree(NodeStore store) {
    nodes = new SortedTreeNodes(store);
    root = nodes.create(0);
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** Bytes that the nodes take. */
  public long usedBytes() {
    return nodes.heldBytes();
  }

  private void descendToKey() {
    int node = root;
    for (int level = height - 1; level > 0; level--) {
      int i = nodes.searchInner(node);
      path[level] = node;
      chosen[level] = i;
      node = nodes.child(node, i);
    }
    path[0] = node;
    chosen[0] = nodes.searchLeaf(node);
  }

  private void descendToRank(long rank) {
    int node = root;
    long rest = rank;
    for (int level = height - 1; level > 0; level--) {
      int i = nodes.childOfRank(node, rest);
      rest -= nodes.underBefore(node, i);
      path[level] = node;
      chosen[level] = i;
      node = nodes.child(node, i);
    }
    path[0] = node;
    chosen[0] = (int) rest;
  }

  /** Number of elements before the one that is chosen. */
  private long rankOfPath() {
    long rank = chosen[0];
    for (int level = 1; level < height; level++) {
      rank += nodes.underBefore(path[level], chosen[level]);
    }
    return rank;
  }

  private boolean isKeyThere() {
    return chosen[0] < nodes.count(path[0]) && nodes.compare(path[0], chosen[0]) == 0;
  }

  private boolean descendTo(double score, byte[] member, int offset, int length) {
    nodes.key(score, member, offset, length);
    descendToKey();
    boolean found = isKeyThere();
    nodes.forget();
    return found;
  }

  /** Inserts an element, which must not be there yet. The bytes must not lie in nodes. */
  public void insert(double score, byte[] member, int offset, int length) {
    descendTo(score, member, offset, length);
    nodes.insert(path[0], chosen[0], score, member, offset, length);
    count(1);
    splitIfFull(0);
  }

  private void count(int difference) {
    for (int level = 1; level < height; level++) {
      nodes.addUnder(path[level], chosen[level], difference);
    }
    size += difference;
  }

  private void splitIfFull(int level) {
    int node = path[level];
    int count = nodes.count(node);
    if (count < 2 || (count <= ENTRIES_MAX && nodes.usedBytes(node) <= NODE_BYTES_MAX)) {
      return;
    }
    if (level == height - 1) {
      growRoot();
    }
    int right = nodes.split(node, cut(level, node, count));
    int under = nodes.underBefore(right, nodes.count(right));
    int parent = path[level + 1];
    int i = chosen[level + 1];
    if (level == 0) {
      nodes.link(right, nodes.next(node));
      nodes.link(node, right);
      nodes.insertLeaf(parent, i + 1, node, right, under);
    } else {
      nodes.moveSeparator(right, 0, parent, i + 1);
      nodes.child(parent, i + 1, right, under);
      nodes.clearSeparator(right, 0);
    }
    nodes.addUnder(parent, i, -under);
    splitIfFull(level + 1);
  }

  /** Where to split: in the middle, but at the end where elements come in order. */
  private int cut(int level, int node, int count) {
    int last = level == 0 ? chosen[0] : chosen[level] + 1;
    boolean outermost = level > 0 || nodes.next(node) == NodeStore.NONE;
    if (last == count - 1 && outermost) {
      return count - 1;
    }
    if (level == 0 && chosen[0] == 0 && nodes.previous(node) == NodeStore.NONE) {
      return 1;
    }
    return nodes.middle(node);
  }

  private void growRoot() {
    int old = root;
    root = nodes.create(height);
    nodes.insertFirstChild(root, old, (int) size);
    if (height == path.length) {
      path = Arrays.copyOf(path, height * 2);
      chosen = Arrays.copyOf(chosen, height * 2);
    }
    path[height] = root;
    chosen[height] = 0;
    height++;
  }

  /** Removes an element; whether it was there. */
  public boolean remove(double score, byte[] member, int offset, int length) {
    if (!descendTo(score, member, offset, length)) {
      return false;
    }
    nodes.remove(path[0], chosen[0]);
    count(-1);
    repair(0);
    return true;
  }

  /** Takes an empty node out, merges a small one with a neighbour. */
  private void repair(int level) {
    int node = path[level];
    if (level == height - 1) {
      lowerRoot();
      return;
    }
    int count = nodes.count(node);
    int parent = path[level + 1];
    int i = chosen[level + 1];
    if (count == 0) {
      if (level == 0) {
        nodes.link(nodes.previous(node), nodes.next(node));
      }
      nodes.free(node);
      nodes.remove(parent, i);
    } else if (count >= ENTRIES_MIN || !(mergeAt(parent, i) || mergeAt(parent, i - 1))) {
      return;
    }
    repair(level + 1);
  }

  private void lowerRoot() {
    while (height > 1 && nodes.count(root) <= 1) {
      int old = root;
      if (nodes.count(old) == 0) {
        root = nodes.create(0);
        height = 1;
      } else {
        root = nodes.child(old, 0);
        nodes.freeMember(old, 0);
        height--;
      }
      nodes.free(old);
    }
  }

  /** Merges a child with the next one where both are small. */
  private boolean mergeAt(int parent, int i) {
    if (i < 0 || i + 1 >= nodes.count(parent)) {
      return false;
    }
    int left = nodes.child(parent, i);
    int right = nodes.child(parent, i + 1);
    if (nodes.count(left) + nodes.count(right) > MERGED_ENTRIES_MAX
        || nodes.usedBytes(left) + nodes.usedBytes(right) > MERGED_BYTES_MAX) {
      return false;
    }
    if (nodes.level(left) == 0) {
      nodes.link(left, nodes.next(right));
    } else {
      nodes.replaceSeparator(parent, i + 1, right);
    }
    nodes.append(right, 0, nodes.count(right), left);
    nodes.addUnder(parent, i, nodes.under(parent, i + 1));
    nodes.free(right);
    nodes.remove(parent, i + 1);
    return true;
  }

  /**
   * Gives an element another score if it keeps its place among its neighbours by that.
   *
   * @return false, and nothing changed, where it might not
   */
  public boolean rescore(double score, byte[] member, int offset, int length, double now) {
    if (!descendTo(score, member, offset, length)) {
      return false;
    }
    int leaf = path[0];
    int i = chosen[0];
    if (i == 0 || i + 1 >= nodes.count(leaf)) {
      return false;
    }
    nodes.key(now, member, offset, length);
    boolean keeps = nodes.compare(leaf, i - 1) < 0 && nodes.compare(leaf, i + 1) > 0;
    nodes.forget();
    if (keeps) {
      nodes.score(leaf, i, now);
    }
    return keeps;
  }

  /** Number of elements before one; -1 where it is not there. */
  public long rank(double score, byte[] member, int offset, int length) {
    return descendTo(score, member, offset, length) ? rankOfPath() : -1;
  }

  /** Number of elements whose score is less than one, or equal where that is asked for. */
  public long countBelow(double score, boolean orEqual) {
    if (orEqual) {
      nodes.keyAbove(score);
    } else {
      nodes.key(score, NOTHING, 0, 0);
    }
    descendToKey();
    nodes.forget();
    return rankOfPath();
  }

  /**
   * Number of elements whose member is less than one, or equal where that is asked for. All
   * elements must have the same score; otherwise what is told is of no use.
   */
  public long countBelow(byte[] member, int offset, int length, boolean orEqual) {
    if (size == 0) {
      return 0;
    }
    descendToRank(0);
    double score = nodes.score(path[0], 0);
    boolean found = descendTo(score, member, offset, length);
    return rankOfPath() + (found && orEqual ? 1 : 0);
  }

  /**
   * Shows elements from a rank on, as many as there are up to a number.
   *
   * @param rank from 0, below {@link #size}
   * @param backwards whether to go towards the first element
   */
  public void visit(long rank, long elementsMax, boolean backwards, ScoredVisitor visitor) {
    long left = Math.min(elementsMax, backwards ? rank + 1 : size - rank);
    if (left <= 0) {
      return;
    }
    descendToRank(rank);
    int leaf = path[0];
    int i = chosen[0];
    int step = backwards ? -1 : 1;
    while (left > 0) {
      int here = (int) Math.min(left, backwards ? i + 1 : nodes.count(leaf) - i);
      for (int k = 0; k < here; k++) {
        nodes.load(leaf, i);
        visitor.element(
            nodes.score(leaf, i), nodes.memberArray(), nodes.memberOffset(), nodes.memberLength());
        i += step;
      }
      left -= here;
      if (left > 0) {
        leaf = backwards ? nodes.previous(leaf) : nodes.next(leaf);
        i = backwards ? nodes.count(leaf) - 1 : 0;
      }
    }
    nodes.forget();
  }

  /**
   * Removes elements by rank, a leaf at a time.
   *
   * @param from rank of the first one
   * @param to rank of the one behind the last, at most {@link #size}
   */
  public void removeRange(long from, long to) {
    long left = to - from;
    while (left > 0) {
      descendToRank(from);
      int leaf = path[0];
      int i = chosen[0];
      int here = (int) Math.min(left, nodes.count(leaf) - i);
      removeFromLeaf(leaf, i, here);
      count(-here);
      repair(0);
      left -= here;
    }
  }

  private void removeFromLeaf(int leaf, int i, int elements) {
    if (elements == nodes.count(leaf) && leaf != root) {
      nodes.clear(leaf);
      return;
    }
    for (int k = i + elements - 1; k >= i; k--) {
      nodes.remove(leaf, k);
    }
  }

  /**
   * Gives nodes back; afterwards nothing but this may be called, until all are gone.
   *
   * @return how many, about; fewer than asked for: nothing is left
   */
  public int release(int nodesMax) {
    int released = 0;
    while (released < nodesMax && root != NodeStore.NONE) {
      released += releaseLast();
    }
    return released;
  }

  private int releaseLast() {
    int parent = NodeStore.NONE;
    int node = root;
    while (nodes.level(node) > 0 && nodes.count(node) > 0) {
      parent = node;
      node = nodes.child(node, nodes.count(node) - 1);
    }
    int released = 1;
    for (int i = nodes.count(node) - 1; i >= 0; i--) {
      released += nodes.freeMember(node, i);
    }
    nodes.free(node);
    if (parent == NodeStore.NONE) {
      root = NodeStore.NONE;
    } else {
      released += nodes.freeMember(parent, nodes.count(parent) - 1);
      nodes.dropLast(parent);
    }
    return released;
  }
}
