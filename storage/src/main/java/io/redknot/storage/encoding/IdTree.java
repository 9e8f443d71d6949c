package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;

/**
 * 128-bit ids in unsigned order, each with a payload of a fixed number of bytes: a B+-tree whose
 * nodes lie in a {@link NodeStore}.
 *
 * <pre>
 *   node   0  u16  number of entries
 *          2  u16  unused
 *          4  u32  previous leaf      (these two only in leaves)
 *          8  u32  next leaf
 *         12       entries in ascending order
 *
 *   entry  0  u64  id, high half
 *          8  u64  id, low half
 *         16       payload; in an inner node the number of a child, u32
 * </pre>
 *
 * Little-endian. The id of an inner node's entry is at most the least one below its child; that of
 * the first entry is not looked at. What is appended fills nodes to the last entry, and where
 * entries are removed a node moves to a smaller block or to its neighbour, so that neither growing
 * at one end and shrinking at the other nor removing here and there leaves much room unused.
 *
 * <p>A position names an entry until the next verb that inserts or removes.
 */
public final class IdTree {
  /** No position. */
  public static final long NONE = 0;

  private static final int NODE_BYTES = 2032;
  static final int PREVIOUS = 4;
  static final int NEXT = 8;
  static final int HEADER_BYTES = 12;
  static final int ID_BYTES = 2 * Long.BYTES;
  private static final int CHILD_BYTES = Integer.BYTES;
  private static final int INDEX_BITS = 16;
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

  final NodeStore nodes;
  private final int leafStride;
  int root = NodeStore.NONE;

  /** Levels above the leaves. */
  int height;

  long size;
  int nodeCount;
  long heldBytes;

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
    this.nodes = nodes;
    this.leafStride = ID_BYTES + payloadBytes;
  }

  /** Number of entries. */
  public long size() {
    return size;
  }

  /** Number of nodes. */
  public int nodeCount() {
    return nodeCount;
  }

  /** Bytes that the nodes take. */
  public long heldBytes() {
    return heldBytes;
  }

  /** Bytes of each payload. */
  int payloadBytes() {
    return leafStride - ID_BYTES;
  }

  int stride(int level) {
    return level == 0 ? leafStride : ID_BYTES + CHILD_BYTES;
  }

  private int capacity(int level) {
    return (NODE_BYTES - HEADER_BYTES) / stride(level);
  }

  int newNode(int level, int entries) {
    int node = nodes.allocate(HEADER_BYTES + entries * stride(level));
    nodeCount++;
    heldBytes += nodes.heldBytes(node);
    byte[] array = nodes.array(node);
    int at = nodes.offset(node);
    Bytes.putInt(array, at, 0);
    Bytes.putInt(array, at + PREVIOUS, NodeStore.NONE);
    Bytes.putInt(array, at + NEXT, NodeStore.NONE);
    return node;
  }

  private void freeNode(int node) {
    nodeCount--;
    heldBytes -= nodes.heldBytes(node);
    nodes.free(node);
  }

  private void resize(int node, int bytes) {
    heldBytes -= nodes.heldBytes(node);
    nodes.resize(node, bytes);
    heldBytes += nodes.heldBytes(node);
  }

  int count(int node) {
    return Bytes.getShort(nodes.array(node), nodes.offset(node));
  }

  void count(int node, int value) {
    Bytes.putShort(nodes.array(node), nodes.offset(node), value);
  }

  int link(int node, int which) {
    return Bytes.getInt(nodes.array(node), nodes.offset(node) + which);
  }

  void link(int node, int which, int to) {
    if (node != NodeStore.NONE) {
      Bytes.putInt(nodes.array(node), nodes.offset(node) + which, to);
    }
  }

  int child(int node, int index) {
    int at = nodes.offset(node) + HEADER_BYTES + index * stride(1) + ID_BYTES;
    return Bytes.getInt(nodes.array(node), at);
  }

  /** The index of the last entry whose id is at most this one; -1 where all are greater. */
  int floorIndex(int node, int level, long ms, long seq) {
    byte[] array = nodes.array(node);
    int at = nodes.offset(node);
    int stride = stride(level);
    int low = 0;
    int high = Bytes.getShort(array, at) - 1;
    at += HEADER_BYTES;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int entry = at + middle * stride;
      long foundMs = Bytes.getLong(array, entry);
      long foundSeq = Bytes.getLong(array, entry + Long.BYTES);
      if (StreamId.compare(foundMs, foundSeq, ms, seq) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  private static long position(int leaf, int index) {
    return (long) leaf << INDEX_BITS | index;
  }

  private static int leaf(long position) {
    return (int) (position >>> INDEX_BITS);
  }

  private int entryAt(long position) {
    int index = (int) position & INDEX_MASK;
    return nodes.offset(leaf(position)) + HEADER_BYTES + index * leafStride;
  }

  /** The array that holds an entry's payload; borrowed. */
  public byte[] array(long position) {
    return nodes.array(leaf(position));
  }

  /** First byte of an entry's payload in {@link #array}. */
  public int payload(long position) {
    return entryAt(position) + ID_BYTES;
  }

  /** High half of an entry's id. */
  public long ms(long position) {
    return Bytes.getLong(array(position), entryAt(position));
  }

  /** Low half of an entry's id. */
  public long seq(long position) {
    return Bytes.getLong(array(position), entryAt(position) + Long.BYTES);
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
      node = child(node, Math.max(0, floorIndex(node, level, ms, seq)));
    }
    int index = floorIndex(node, 0, ms, seq);
    // The least ids below an inner node may have been removed, so the leaf before may be the one.
    return index >= 0 ? position(node, index) : lastOf(link(node, PREVIOUS));
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
    return leaf == NodeStore.NONE ? NONE : position(leaf, count(leaf) - 1);
  }

  /** Position of the first entry, or {@link #NONE}. */
  public long first() {
    int node = root;
    for (int level = height; level > 0; level--) {
      node = child(node, 0);
    }
    return node == NodeStore.NONE ? NONE : position(node, 0);
  }

  /** Position of the last entry, or {@link #NONE}. */
  public long last() {
    int node = root;
    for (int level = height; level > 0; level--) {
      node = child(node, count(node) - 1);
    }
    return lastOf(node);
  }

  /** Position of the entry that follows, or {@link #NONE}. */
  public long next(long position) {
    int leaf = leaf(position);
    int index = ((int) position & INDEX_MASK) + 1;
    if (index < count(leaf)) {
      return position(leaf, index);
    }
    int next = link(leaf, NEXT);
    return next == NodeStore.NONE ? NONE : position(next, 0);
  }

  /** Position of the entry before, or {@link #NONE}. */
  public long previous(long position) {
    int leaf = leaf(position);
    int index = (int) position & INDEX_MASK;
    return index > 0 ? position(leaf, index - 1) : lastOf(link(leaf, PREVIOUS));
  }

  /**
   * Inserts an id that is not there.
   *
   * @return its position; the payload is for the caller to write
   */
  public long insert(long ms, long seq) {
    if (root == NodeStore.NONE) {
      root = newNode(0, 1);
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
    root = newNode(height + 1, 2);
    height++;
    insertAt(root, height, 0, 0, 0, old);
    insertAt(root, height, 1, firstMs(sibling), firstSeq(sibling), sibling);
  }

  private long firstMs(int node) {
    return Bytes.getLong(nodes.array(node), nodes.offset(node) + HEADER_BYTES);
  }

  private long firstSeq(int node) {
    return Bytes.getLong(nodes.array(node), nodes.offset(node) + HEADER_BYTES + Long.BYTES);
  }

  /** Inserts below a node; the node that was split off behind it, or none. */
  private int insert(int node, int level, long ms, long seq) {
    int index = floorIndex(node, level, ms, seq);
    if (level == 0) {
      return insertOrSplit(node, 0, index + 1, ms, seq, NodeStore.NONE);
    }
    index = Math.max(0, index);
    int sibling = insert(child(node, index), level - 1, ms, seq);
    if (sibling == NodeStore.NONE) {
      return NodeStore.NONE;
    }
    return insertOrSplit(node, level, index + 1, firstMs(sibling), firstSeq(sibling), sibling);
  }

  private int insertOrSplit(int node, int level, int index, long ms, long seq, int child) {
    int count = count(node);
    int capacity = capacity(level);
    if (count < capacity) {
      insertAt(node, level, index, ms, seq, child);
      return NodeStore.NONE;
    }
    boolean appends = index == count && (level > 0 || link(node, NEXT) == NodeStore.NONE);
    int kept = appends ? count : count / 2;
    int sibling = newNode(level, appends ? capacity : count - kept);
    moveTail(node, level, kept, sibling);
    if (level == 0) {
      chain(node, sibling);
    }
    if (index < kept || (index == kept && !appends)) {
      insertAt(node, level, index, ms, seq, child);
    } else {
      insertAt(sibling, level, index - kept, ms, seq, child);
    }
    return sibling;
  }

  /** Moves the entries from an index on to the end of another node. */
  private void moveTail(int node, int level, int from, int to) {
    int stride = stride(level);
    int moved = count(node) - from;
    int has = count(to);
    makeRoom(to, level, has + moved);
    System.arraycopy(
        nodes.array(node),
        nodes.offset(node) + HEADER_BYTES + from * stride,
        nodes.array(to),
        nodes.offset(to) + HEADER_BYTES + has * stride,
        moved * stride);
    count(to, has + moved);
    count(node, from);
  }

  private void chain(int leaf, int behind) {
    int next = link(leaf, NEXT);
    link(behind, PREVIOUS, leaf);
    link(behind, NEXT, next);
    link(next, PREVIOUS, behind);
    link(leaf, NEXT, behind);
  }

  private void makeRoom(int node, int level, int entries) {
    int needed = HEADER_BYTES + entries * stride(level);
    if (needed > nodes.capacity(node)) {
      int full = HEADER_BYTES + capacity(level) * stride(level);
      resize(node, Math.min(full, needed + needed / 2));
    }
  }

  private void insertAt(int node, int level, int index, long ms, long seq, int child) {
    int count = count(node);
    makeRoom(node, level, count + 1);
    byte[] array = nodes.array(node);
    int stride = stride(level);
    int at = nodes.offset(node) + HEADER_BYTES + index * stride;
    System.arraycopy(array, at, array, at + stride, (count - index) * stride);
    Bytes.putLong(array, at, ms);
    Bytes.putLong(array, at + Long.BYTES, seq);
    if (level > 0) {
      Bytes.putInt(array, at + ID_BYTES, child);
    } else {
      inserted = position(node, index);
    }
    count(node, count + 1);
  }

  /** Removes an id; whether it was there. */
  public boolean remove(long ms, long seq) {
    if (root == NodeStore.NONE || !remove(root, height, ms, seq)) {
      return false;
    }
    size--;
    lowerRoot();
    if (count(root) == 0) {
      freeNode(root);
      root = NodeStore.NONE;
      height = 0;
    }
    return true;
  }

  /** Takes away what is above a single node. */
  void lowerRoot() {
    while (height > 0 && count(root) == 1) {
      int only = child(root, 0);
      freeNode(root);
      root = only;
      height--;
    }
  }

  private boolean remove(int node, int level, long ms, long seq) {
    int index = floorIndex(node, level, ms, seq);
    if (level > 0) {
      index = Math.max(0, index);
      if (!remove(child(node, index), level - 1, ms, seq)) {
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
    removeAt(node, 0, index);
    return true;
  }

  private void removeAt(int node, int level, int index) {
    remove(node, level, index, 1);
  }

  /** Removes entries of a node from its first one on. */
  void removeFirst(int node, int level, int entries) {
    remove(node, level, 0, entries);
  }

  private void remove(int node, int level, int index, int entries) {
    byte[] array = nodes.array(node);
    int stride = stride(level);
    int count = count(node) - entries;
    int at = nodes.offset(node) + HEADER_BYTES + index * stride;
    System.arraycopy(array, at + entries * stride, array, at, (count - index) * stride);
    count(node, count);
    int needed = HEADER_BYTES + count * stride;
    if (count > 0 && needed < nodes.capacity(node) / 2) {
      resize(node, needed);
    }
  }

  /** Frees a child that became empty, and merges one that became small with a neighbour. */
  private void tidy(int node, int level, int index) {
    int child = child(node, index);
    int count = count(child);
    int capacity = capacity(level - 1);
    if (count == 0) {
      unchain(child, level - 1);
      removeAt(node, level, index);
    } else if (count <= capacity / 4) {
      int roomy = capacity * 3 / 4;
      if (index + 1 < count(node) && count + count(child(node, index + 1)) <= roomy) {
        merge(node, level, index);
      } else if (index > 0 && count + count(child(node, index - 1)) <= roomy) {
        merge(node, level, index - 1);
      }
    }
  }

  private void unchain(int node, int level) {
    if (level == 0) {
      int previous = link(node, PREVIOUS);
      int next = link(node, NEXT);
      link(previous, NEXT, next);
      link(next, PREVIOUS, previous);
    }
    freeNode(node);
  }

  /** Moves all entries of the child behind an index to the child of that index. */
  private void merge(int node, int level, int index) {
    int left = child(node, index);
    int right = child(node, index + 1);
    if (level > 1) {
      // The first id of an inner node counts for nothing there; on the left it does.
      int at = nodes.offset(node) + HEADER_BYTES + (index + 1) * stride(level);
      byte[] array = nodes.array(node);
      long ms = Bytes.getLong(array, at);
      long seq = Bytes.getLong(array, at + Long.BYTES);
      Bytes.putLong(nodes.array(right), nodes.offset(right) + HEADER_BYTES, ms);
      Bytes.putLong(nodes.array(right), nodes.offset(right) + HEADER_BYTES + Long.BYTES, seq);
    }
    moveTail(right, level - 1, 0, left);
    unchain(right, level - 1);
    removeAt(node, level, index + 1);
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
    while (level > 0 && count(node) > 0) {
      parent = node;
      node = child(node, count(node) - 1);
      level--;
    }
    int count = count(node);
    if (level == 0 && ownsNodes && count > 0) {
      nodes.free(Bytes.getInt(nodes.array(node), payload(position(node, count - 1))));
      count(node, count - 1);
      return;
    }
    freeNode(node);
    if (parent == NodeStore.NONE) {
      root = NodeStore.NONE;
    } else {
      count(parent, count(parent) - 1);
    }
  }

  /** A copy whose nodes lie in another store, or in the same one; payloads are copied as bytes. */
  public IdTree copyTo(NodeStore target) {
    IdTree copy = new IdTree(target, leafStride - ID_BYTES);
    if (root != NodeStore.NONE) {
      copy.root = copyNode(root, height, copy);
      copy.height = height;
      copy.size = size;
    }
    return copy;
  }

  private int copyNode(int node, int level, IdTree copy) {
    int count = count(node);
    int made = copy.newNode(level, count);
    System.arraycopy(
        nodes.array(node),
        nodes.offset(node) + HEADER_BYTES,
        copy.nodes.array(made),
        copy.nodes.offset(made) + HEADER_BYTES,
        count * stride(level));
    copy.count(made, count);
    if (level == 0) {
      copy.link(made, PREVIOUS, copy.copiedLeaf);
      copy.link(copy.copiedLeaf, NEXT, made);
      copy.copiedLeaf = made;
      return made;
    }
    for (int i = 0; i < count; i++) {
      int child = copyNode(child(node, i), level - 1, copy);
      int at = copy.nodes.offset(made) + HEADER_BYTES + i * stride(level) + ID_BYTES;
      Bytes.putInt(copy.nodes.array(made), at, child);
    }
    return made;
  }
}
