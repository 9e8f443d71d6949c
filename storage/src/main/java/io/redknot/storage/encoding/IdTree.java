package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;

/**
 * 128-bit ids in unsigned order, each with a payload of a fixed number of bytes: a B+-tree whose
 * nodes lie in a {@link NodeStore}; {@link IdTreeNodes} has their layout.
 *
 * <p>The id of an inner node's entry is at most the least one below its child; that of the first
 * entry is not looked at. What is appended fills nodes to the last entry, and where entries are
 * removed a node moves to a smaller block or to its neighbour, so that neither growing at one end
 * and shrinking at the other nor removing here and there leaves much room unused.
 *
 * <p>A position names an entry until the next verb that inserts or removes.
 */
public final class IdTree {
  /** No position. */
  public static final long NONE = 0;

  private static final int INDEX_BITS = 16;
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

  private final IdTreeNodes nodes;
  private final IdTreeSums sums;
  private int root = NodeStore.NONE;

  /** Levels above the leaves. */
  private int height;

  private long size;

  /** Position of the entry that was inserted last. */
  private long inserted;

  /** While a copy is made: the leaf that was copied last. */
  private int copiedLeaf;

  /**
   * A tree without entries.
   *
   * @param payloadBytes 0 to 64
   */
  public IdTree(NodeStore nodes, int payloadBytes) {
    this(new IdTreeNodes(nodes, payloadBytes, false));
  }

  private IdTree(IdTreeNodes nodes) {
    this.nodes = nodes;
    this.sums = new IdTreeSums(nodes);
  }

  /**
   * A tree without entries that sums up the second and the third 32 bits of payloads: these are
   * written by {@link #note} only.
   *
   * @param payloadBytes 12 to 64
   */
  static IdTree withSums(NodeStore nodes, int payloadBytes) {
    return new IdTree(new IdTreeNodes(nodes, payloadBytes, true));
  }

  /** Number of entries. */
  public long size() {
    return size;
  }

  /** Number of nodes. */
  public int nodeCount() {
    return nodes.total();
  }

  /** Bytes that the nodes take. */
  public long heldBytes() {
    return nodes.heldBytes();
  }

  static long position(int leaf, int index) {
    return (long) leaf << INDEX_BITS | index;
  }

  private static int leaf(long position) {
    return (int) (position >>> INDEX_BITS);
  }

  private static int index(long position) {
    return (int) position & INDEX_MASK;
  }

  /** The array that holds an entry's payload; borrowed. */
  public byte[] array(long position) {
    return nodes.array(leaf(position));
  }

  /** First byte of an entry's payload in {@link #array}. */
  public int payload(long position) {
    return nodes.entry(leaf(position), 0, index(position)) + IdTreeNodes.ID_BYTES;
  }

  /** High half of an entry's id. */
  public long ms(long position) {
    return nodes.ms(leaf(position), 0, index(position));
  }

  /** Low half of an entry's id. */
  public long seq(long position) {
    return nodes.seq(leaf(position), 0, index(position));
  }

  /** An entry's id. */
  public StreamId id(long position) {
    return new StreamId(ms(position), seq(position));
  }

  /** Position of the entry with an id, or {@link #NONE}. */
  public long find(long ms, long seq) {
    long found = floor(ms, seq);
    return found != NONE && ms(found) == ms && seq(found) == seq ? found : NONE;
  }

  /** Position of the last entry whose id is at most this one, or {@link #NONE}. */
  public long floor(long ms, long seq) {
    if (root == NodeStore.NONE) {
      return NONE;
    }
    int node = root;
    for (int level = height; level > 0; level--) {
      node = nodes.child(node, Math.max(0, nodes.floorIndex(node, level, ms, seq)));
    }
    int index = nodes.floorIndex(node, 0, ms, seq);
    // The least ids below an inner node may have been removed, so the leaf before may be the one.
    return index >= 0 ? position(node, index) : lastOf(nodes.previous(node));
  }

  /** Position of the first entry whose id is at least this one, or {@link #NONE}. */
  public long ceiling(long ms, long seq) {
    long floor = floor(ms, seq);
    if (floor == NONE) {
      return first();
    }
    return ms(floor) == ms && seq(floor) == seq ? floor : next(floor);
  }

  private long lastOf(int leaf) {
    return leaf == NodeStore.NONE ? NONE : position(leaf, nodes.count(leaf) - 1);
  }

  /** Position of the first entry, or {@link #NONE}. */
  public long first() {
    int node = root;
    for (int level = height; level > 0; level--) {
      node = nodes.child(node, 0);
    }
    return node == NodeStore.NONE ? NONE : position(node, 0);
  }

  /** Position of the last entry, or {@link #NONE}. */
  public long last() {
    int node = root;
    for (int level = height; level > 0; level--) {
      node = nodes.child(node, nodes.count(node) - 1);
    }
    return lastOf(node);
  }

  /** Position of the entry that follows, or {@link #NONE}. */
  public long next(long position) {
    int leaf = leaf(position);
    int index = index(position) + 1;
    if (index < nodes.count(leaf)) {
      return position(leaf, index);
    }
    int next = nodes.next(leaf);
    return next == NodeStore.NONE ? NONE : position(next, 0);
  }

  /** Position of the entry before, or {@link #NONE}. */
  public long previous(long position) {
    int leaf = leaf(position);
    int index = index(position);
    return index > 0 ? position(leaf, index - 1) : lastOf(nodes.previous(leaf));
  }

  /**
   * Inserts an id that is not there.
   *
   * @return its position; the payload is for the caller to write
   */
  public long insert(long ms, long seq) {
    if (root == NodeStore.NONE) {
      root = nodes.make(0, 1);
    }
    int sibling = insert(root, height, ms, seq);
    if (sibling != NodeStore.NONE) {
      growRoot(sibling);
    }
    size++;
    return inserted;
  }

  private void growRoot(int sibling) {
    int old = root;
    root = nodes.make(height + 1, 2);
    height++;
    insertAt(root, height, 0, 0, 0, old);
    long ms = nodes.ms(sibling, height - 1, 0);
    insertAt(root, height, 1, ms, nodes.seq(sibling, height - 1, 0), sibling);
  }

  /** Inserts below a node; the node that was split off behind it, or none. */
  private int insert(int node, int level, long ms, long seq) {
    int index = nodes.floorIndex(node, level, ms, seq);
    if (level == 0) {
      return insertOrSplit(node, 0, index + 1, ms, seq, NodeStore.NONE);
    }
    index = Math.max(0, index);
    int sibling = insert(nodes.child(node, index), level - 1, ms, seq);
    sums.renew(node, index);
    if (sibling == NodeStore.NONE) {
      return NodeStore.NONE;
    }
    long siblingMs = nodes.ms(sibling, level - 1, 0);
    long siblingSeq = nodes.seq(sibling, level - 1, 0);
    return insertOrSplit(node, level, index + 1, siblingMs, siblingSeq, sibling);
  }

  private int insertOrSplit(int node, int level, int index, long ms, long seq, int child) {
    int count = nodes.count(node);
    int capacity = nodes.capacity(level);
    if (count < capacity) {
      insertAt(node, level, index, ms, seq, child);
      return NodeStore.NONE;
    }
    boolean appends = index == count && (level > 0 || nodes.next(node) == NodeStore.NONE);
    int kept = appends ? count : count / 2;
    int sibling = nodes.make(level, appends ? capacity : count - kept);
    nodes.moveTail(node, level, kept, sibling);
    if (level == 0) {
      nodes.link(sibling, nodes.next(node));
      nodes.link(node, sibling);
    }
    if (index < kept || (index == kept && !appends)) {
      insertAt(node, level, index, ms, seq, child);
    } else {
      insertAt(sibling, level, index - kept, ms, seq, child);
    }
    return sibling;
  }

  private void insertAt(int node, int level, int index, long ms, long seq, int child) {
    nodes.insert(node, level, index, ms, seq);
    if (level > 0) {
      nodes.child(node, index, child);
      sums.renew(node, index);
    } else {
      inserted = position(node, index);
    }
  }

  /** Removes an id; whether it was there. */
  public boolean remove(long ms, long seq) {
    if (root == NodeStore.NONE || !remove(root, height, ms, seq)) {
      return false;
    }
    size--;
    lowerRoot();
    if (nodes.count(root) == 0) {
      nodes.free(root);
      root = NodeStore.NONE;
      height = 0;
    }
    return true;
  }

  /** Takes away what is above a single node. */
  private void lowerRoot() {
    while (height > 0 && nodes.count(root) == 1) {
      int only = nodes.child(root, 0);
      nodes.free(root);
      root = only;
      height--;
    }
  }

  private boolean remove(int node, int level, long ms, long seq) {
    int index = nodes.floorIndex(node, level, ms, seq);
    if (level > 0) {
      index = Math.max(0, index);
      if (!remove(nodes.child(node, index), level - 1, ms, seq)) {
        return false;
      }
      tidy(node, level, index);
      return true;
    }
    if (index < 0) {
      return false;
    }
    long found = position(node, index);
    if (ms(found) != ms || seq(found) != seq) {
      return false;
    }
    nodes.remove(node, 0, index, 1);
    return true;
  }

  /** Frees a child that became empty, and merges one that became small with a neighbour. */
  private void tidy(int node, int level, int index) {
    int child = nodes.child(node, index);
    int count = nodes.count(child);
    int capacity = nodes.capacity(level - 1);
    if (count == 0) {
      unchain(child, level - 1);
      nodes.remove(node, level, index, 1);
      return;
    }
    int left = index;
    if (count <= capacity / 4) {
      int roomy = capacity * 3 / 4;
      if (index + 1 < nodes.count(node) && count + countBelow(node, index + 1) <= roomy) {
        merge(node, level, index);
      } else if (index > 0 && count + countBelow(node, index - 1) <= roomy) {
        left = index - 1;
        merge(node, level, left);
      }
    }
    sums.renew(node, left);
  }

  /** Entries of a child. */
  private int countBelow(int node, int index) {
    return nodes.count(nodes.child(node, index));
  }

  private void unchain(int node, int level) {
    if (level == 0) {
      nodes.link(nodes.previous(node), nodes.next(node));
    }
    nodes.free(node);
  }

  /** Moves all entries of the child behind an index to the child of that index. */
  private void merge(int node, int level, int index) {
    int left = nodes.child(node, index);
    int right = nodes.child(node, index + 1);
    if (level > 1) {
      // The first id of an inner node counts for nothing there; on the left it does.
      long ms = nodes.ms(node, level, index + 1);
      nodes.id(right, level - 1, 0, ms, nodes.seq(node, level, index + 1));
    }
    nodes.moveTail(right, level - 1, 0, left);
    unchain(right, level - 1);
    nodes.remove(node, level, index + 1, 1);
  }

  /** Writes the second and the third 32 bits of a payload, in a tree with sums. */
  void note(long position, int second, int third) {
    byte[] array = array(position);
    int at = payload(position);
    int secondMore = second - Bytes.getInt(array, at + Integer.BYTES);
    int thirdMore = third - Bytes.getInt(array, at + 2 * Integer.BYTES);
    Bytes.putInt(array, at + Integer.BYTES, second);
    Bytes.putInt(array, at + 2 * Integer.BYTES, third);
    sums.changed(root, height, id(position), secondMore, thirdMore);
  }

  /** What is before an entry, in a tree with sums. */
  IdTreeSums.Before before(long position) {
    return sums.before(root, height, id(position));
  }

  /**
   * Position of the first entry with which the noted second words come to more than an amount, in a
   * tree with sums and entries; that of the last one where it is none before.
   */
  long beyond(long amount) {
    return sums.beyond(root, height, amount);
  }

  /**
   * Takes out the entries before one that is there, in a tree with sums. One node of each level is
   * divided; the others go over as they are.
   *
   * @return a tree of them, in the same store; its sums are not kept
   */
  IdTree cutBefore(long position) {
    long entries = before(position).entries();
    IdTree front = new IdTree(nodes.noneBesideThese());
    IdTreeCut cut = new IdTreeCut(nodes, sums, front.nodes);
    front.root = cut.before(root, height, ms(position), seq(position));
    front.height = front.root == NodeStore.NONE ? 0 : height;
    front.size = entries;
    size -= entries;
    lowerRoot();
    return front;
  }

  /**
   * Gives nodes back from the end on; after the first call the tree is only good for this.
   *
   * @param ownsNodes whether each payload begins with the number of a node to give back as well
   * @return how many were given back; fewer than asked for means that all are gone
   */
  public int release(int nodesMax, boolean ownsNodes) {
    int released = 0;
    while (released < nodesMax && root != NodeStore.NONE) {
      releaseOne(ownsNodes);
      released++;
    }
    return released;
  }

  private void releaseOne(boolean ownsNodes) {
    int parent = NodeStore.NONE;
    int node = root;
    int level = height;
    while (level > 0 && nodes.count(node) > 0) {
      parent = node;
      node = nodes.child(node, nodes.count(node) - 1);
      level--;
    }
    int count = nodes.count(node);
    if (level == 0 && ownsNodes && count > 0) {
      nodes.freeOther(Bytes.getInt(nodes.array(node), payload(position(node, count - 1))));
      nodes.dropLast(node);
      return;
    }
    nodes.free(node);
    if (parent == NodeStore.NONE) {
      root = NodeStore.NONE;
    } else {
      nodes.dropLast(parent);
    }
  }

  /** A copy whose nodes lie in another store, or in the same one; payloads are copied as bytes. */
  public IdTree copyTo(NodeStore target) {
    IdTree copy = new IdTree(nodes.noneLikeThese(target));
    if (root != NodeStore.NONE) {
      copy.root = copyNode(root, height, copy);
      copy.height = height;
      copy.size = size;
    }
    return copy;
  }

  private int copyNode(int node, int level, IdTree copy) {
    int made = copy.nodes.copyOf(nodes, node, level, nodes.count(node));
    if (level == 0) {
      copy.nodes.link(copy.copiedLeaf, made);
      copy.copiedLeaf = made;
      return made;
    }
    for (int i = 0; i < nodes.count(node); i++) {
      copy.nodes.child(made, i, copyNode(nodes.child(node, i), level - 1, copy));
      copy.sums.renew(made, i);
    }
    return made;
  }
}
