package io.redknot.storage.value;

import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.encoding.SortedTree;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;

/**
 * A sorted set that outgrew its listpack: a table that tells the score of a member, and a tree of
 * scores and members in order.
 */
public final class SortedSet implements LargeValue {
  /** Of this object, the tree's objects and the score's array. */
  private static final int OBJECT_BYTES = 256;

  private final NodeStore nodes;
  private final KeyHash hash;
  private final HashTable table;
  private final SortedTree tree;
  private final byte[] scoreBytes = new byte[Double.BYTES];
  private boolean treeIsReleased;

  public SortedSet(NodeStore nodes, KeyHash hash) {
    this(nodes, hash, new HashTable(nodes, hash), new SortedTree(nodes));
  }

  private SortedSet(NodeStore nodes, KeyHash hash, HashTable table, SortedTree tree) {
    this.nodes = nodes;
    this.hash = hash;
    this.table = table;
    this.tree = tree;
    nodes.countHeapBytes(OBJECT_BYTES);
  }

  /** Of a table from members to scores, which belongs to the set from now on. */
  SortedSet(NodeStore nodes, KeyHash hash, HashTable table) {
    this(nodes, hash, table, new SortedTree(nodes));
    table.forEach(
        (member, offset, length, value, at, n) ->
            tree.insert(scoreAt(value, at), member, offset, length));
  }

  /**
   * As {@link #SortedSet(NodeStore, KeyHash, HashTable)}, of a large table: in between, other
   * values may change.
   *
   * @param pause run after every few elements
   */
  static SortedSet inSteps(NodeStore nodes, KeyHash hash, HashTable table, Runnable pause) {
    SortedSet set = new SortedSet(nodes, hash, table, new SortedTree(nodes));
    // Leaf by leaf: what a leaf is borrowed from may move in the pause.
    table.beginSnapshot(
        (member, offset, length, value, at, n) ->
            set.tree.insert(scoreAt(value, at), member, offset, length));
    while (table.snapshotStep()) {
      pause.run();
    }
    return set;
  }

  /** Number of elements. */
  public int count() {
    return table.count();
  }

  static double scoreAt(byte[] array, int offset) {
    return Double.longBitsToDouble(Bytes.getLong(array, offset));
  }

  /** The score of a member, NaN where it is not there. */
  public double score(byte[] member, int offset, int length) {
    return table.find(member, offset, length)
        ? scoreAt(table.valueArray(), table.valueOffset())
        : Double.NaN;
  }

  /** Adds a member that is not there. The bytes must not lie in nodes. */
  public void add(byte[] member, int offset, int length, double score) {
    Bytes.putLong(scoreBytes, 0, Double.doubleToRawLongBits(score));
    table.put(member, offset, length, scoreBytes, 0, Double.BYTES);
    tree.insert(score, member, offset, length);
  }

  /** Gives a member, which {@link #score} just looked up, another score. */
  void rescore(byte[] member, int offset, int length, double old, double score) {
    Bytes.putLong(scoreBytes, 0, Double.doubleToRawLongBits(score));
    table.overwrite(scoreBytes, 0);
    if (!tree.rescore(old, member, offset, length, score)) {
      tree.remove(old, member, offset, length);
      tree.insert(score, member, offset, length);
    }
  }

  /** Removes a member; whether it was there. */
  public boolean remove(byte[] member, int offset, int length) {
    double score = score(member, offset, length);
    if (Double.isNaN(score)) {
      return false;
    }
    table.removeCurrent();
    tree.remove(score, member, offset, length);
    return true;
  }

  /** Number of elements before a member; -1 where it is not there. */
  public long rank(byte[] member, int offset, int length) {
    double score = score(member, offset, length);
    return Double.isNaN(score) ? -1 : tree.rank(score, member, offset, length);
  }

  /** The elements in order. */
  SortedTree tree() {
    return tree;
  }

  /** The elements by member; their values are the scores, 8 bytes. */
  public HashTable table() {
    return table;
  }

  /** Shows elements by rank, see {@link SortedTree#visit}. */
  public void visit(long rank, long elementsMax, boolean backwards, ScoredVisitor visitor) {
    tree.visit(rank, elementsMax, backwards, visitor);
  }

  /** As {@link HashTable#scan(long, int, ElementVisitor)}; values are the scores, 8 bytes. */
  public long scan(long position, int wanted, ScoredVisitor visitor) {
    return table.scan(
        position,
        wanted,
        (member, offset, length, value, at, n) ->
            visitor.element(scoreAt(value, at), member, offset, length));
  }

  /** Removes elements by rank, from one up to before another one. */
  void removeRange(long from, long to) {
    tree.visit(
        from, to - from, false, (score, member, offset, length) -> forget(member, offset, length));
    tree.removeRange(from, to);
  }

  private void forget(byte[] member, int offset, int length) {
    boolean _ = table.remove(member, offset, length);
  }

  @Override
  public long usedBytes() {
    return table.usedBytes() + tree.usedBytes() + OBJECT_BYTES;
  }

  @Override
  public int release(int nodesMax) {
    int released = 0;
    if (!treeIsReleased) {
      released = tree.release(nodesMax);
      if (released >= nodesMax) {
        return released;
      }
      treeIsReleased = true;
      nodes.countHeapBytes(-OBJECT_BYTES);
    }
    return released + table.release(nodesMax - released);
  }

  @Override
  public SortedSet copyTo(NodeStore target) {
    return new SortedSet(target, hash, table.copyTo(target));
  }
}
