package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;

/**
 * The nodes of an {@link IdTree}: what stands in them, and the accounts of them.
 *
 * <pre>
 *   node   0  u16  number of entries
 *          2  u16  level
 *          4  u32  previous leaf      (these two only in leaves)
 *          8  u32  next leaf
 *         12       entries in ascending order
 *
 *   entry  0  u64  id, high half
 *          8  u64  id, low half
 *         16       payload; in an inner node the number of a child, u32
 *         20       and what is noted of all below it, see {@link IdTreeSums}; not in all trees
 * </pre>
 *
 * Little-endian. A node's level is 0 in leaves.
 */
final class IdTreeNodes {
  static final int ID_BYTES = 2 * Long.BYTES;

  private static final int NODE_BYTES = 2032;
  private static final int LEVEL = 2;
  private static final int PREVIOUS = 4;
  private static final int NEXT = 8;
  private static final int HEADER_BYTES = 12;
  private static final int CHILD_BYTES = Integer.BYTES;

  /** Where in an inner node's entry the sums begin. */
  static final int SUMS = ID_BYTES + CHILD_BYTES;

  private final NodeStore store;
  private final int leafStride;
  private final int innerStride;
  private int total;
  private long heldBytes;

  /**
   * No nodes.
   *
   * @param payloadBytes bytes of an entry's payload in leaves
   * @param summed whether inner nodes note sums
   */
  IdTreeNodes(NodeStore store, int payloadBytes, boolean summed) {
    this.store = store;
    this.leafStride = ID_BYTES + payloadBytes;
    this.innerStride = summed ? SUMS + IdTreeSums.BYTES : SUMS;
  }

  /** Whether inner nodes note sums. */
  boolean isSummed() {
    return innerStride > SUMS;
  }

  /** No nodes, for entries like those of these. */
  IdTreeNodes noneLikeThese(NodeStore in) {
    return new IdTreeNodes(in, leafStride - ID_BYTES, isSummed());
  }

  /** As {@link #noneLikeThese}, in the same store. */
  IdTreeNodes noneBesideThese() {
    return noneLikeThese(store);
  }

  /** Number of nodes. */
  int total() {
    return total;
  }

  /** Bytes that the nodes take. */
  long heldBytes() {
    return heldBytes;
  }

  int stride(int level) {
    return level == 0 ? leafStride : innerStride;
  }

  /** Entries that a node has at most. */
  int capacity(int level) {
    return (NODE_BYTES - HEADER_BYTES) / stride(level);
  }

  byte[] array(int node) {
    return store.array(node);
  }

  /** First byte of an entry in a node's array. */
  int entry(int node, int level, int index) {
    return store.offset(node) + HEADER_BYTES + index * stride(level);
  }

  /** Makes a node without entries that has room for some. */
  int make(int level, int entries) {
    int node = store.allocate(HEADER_BYTES + entries * stride(level));
    total++;
    heldBytes += store.heldBytes(node);
    byte[] array = store.array(node);
    int at = store.offset(node);
    Bytes.putShort(array, at, 0);
    Bytes.putShort(array, at + LEVEL, level);
    Bytes.putInt(array, at + PREVIOUS, NodeStore.NONE);
    Bytes.putInt(array, at + NEXT, NodeStore.NONE);
    return node;
  }

  void free(int node) {
    total--;
    heldBytes -= store.heldBytes(node);
    store.free(node);
  }

  /** Frees a node of the store that is none of these: one that a payload names. */
  void freeOther(int node) {
    store.free(node);
  }

  private void resize(int node, int bytes) {
    heldBytes -= store.heldBytes(node);
    store.resize(node, bytes);
    heldBytes += store.heldBytes(node);
  }

  /** Makes nodes others' account. */
  void handOver(int count, long bytes, IdTreeNodes to) {
    total -= count;
    heldBytes -= bytes;
    to.total += count;
    to.heldBytes += bytes;
  }

  /** Bytes that a node takes. */
  long heldBytes(int node) {
    return store.heldBytes(node);
  }

  /** 0 in leaves. */
  int level(int node) {
    return Bytes.getShort(store.array(node), store.offset(node) + LEVEL);
  }

  int count(int node) {
    return Bytes.getShort(store.array(node), store.offset(node));
  }

  private void count(int node, int value) {
    Bytes.putShort(store.array(node), store.offset(node), value);
  }

  int previous(int leaf) {
    return Bytes.getInt(store.array(leaf), store.offset(leaf) + PREVIOUS);
  }

  int next(int leaf) {
    return Bytes.getInt(store.array(leaf), store.offset(leaf) + NEXT);
  }

  /** Puts one leaf before another; either may be none. */
  void link(int leaf, int behind) {
    if (leaf != NodeStore.NONE) {
      Bytes.putInt(store.array(leaf), store.offset(leaf) + NEXT, behind);
    }
    if (behind != NodeStore.NONE) {
      Bytes.putInt(store.array(behind), store.offset(behind) + PREVIOUS, leaf);
    }
  }

  int child(int node, int index) {
    return Bytes.getInt(store.array(node), entry(node, 1, index) + ID_BYTES);
  }

  void child(int node, int index, int value) {
    Bytes.putInt(store.array(node), entry(node, 1, index) + ID_BYTES, value);
  }

  /** High half of an entry's id. */
  long ms(int node, int level, int index) {
    return Bytes.getLong(store.array(node), entry(node, level, index));
  }

  /** Low half of an entry's id. */
  long seq(int node, int level, int index) {
    return Bytes.getLong(store.array(node), entry(node, level, index) + Long.BYTES);
  }

  void id(int node, int level, int index, long ms, long seq) {
    byte[] array = store.array(node);
    int at = entry(node, level, index);
    Bytes.putLong(array, at, ms);
    Bytes.putLong(array, at + Long.BYTES, seq);
  }

  /**
   * The index of the last entry whose id is at most this one; -1 where all are greater, but 0 in
   * inner nodes: below their first child are also lesser ids than that of its entry.
   */
  int floorIndex(int node, int level, long ms, long seq) {
    byte[] array = store.array(node);
    int at = store.offset(node);
    int stride = stride(level);
    int low = level == 0 ? 0 : 1;
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

  private void makeRoom(int node, int level, int entries) {
    int needed = HEADER_BYTES + entries * stride(level);
    if (needed > store.capacity(node)) {
      int full = HEADER_BYTES + capacity(level) * stride(level);
      resize(node, Math.min(full, needed + needed / 2));
    }
  }

  /** Inserts an entry into a node that is not full; its payload is for the caller to write. */
  void insert(int node, int level, int index, long ms, long seq) {
    int count = count(node);
    makeRoom(node, level, count + 1);
    byte[] array = store.array(node);
    int stride = stride(level);
    int at = entry(node, level, index);
    System.arraycopy(array, at, array, at + stride, (count - index) * stride);
    Bytes.putLong(array, at, ms);
    Bytes.putLong(array, at + Long.BYTES, seq);
    count(node, count + 1);
  }

  /** Removes entries from an index on. */
  void remove(int node, int level, int index, int entries) {
    byte[] array = store.array(node);
    int stride = stride(level);
    int count = count(node) - entries;
    int at = entry(node, level, index);
    System.arraycopy(array, at + entries * stride, array, at, (count - index) * stride);
    count(node, count);
    int needed = HEADER_BYTES + count * stride;
    if (count > 0 && needed < store.capacity(node) / 2) {
      resize(node, needed);
    }
  }

  /** Removes a node's last entry, and leaves the node as large as it is. */
  void dropLast(int node) {
    count(node, count(node) - 1);
  }

  /** Moves the entries from an index on to the end of another node. */
  void moveTail(int node, int level, int from, int to) {
    int stride = stride(level);
    int moved = count(node) - from;
    int has = count(to);
    makeRoom(to, level, has + moved);
    System.arraycopy(
        store.array(node),
        entry(node, level, from),
        store.array(to),
        entry(to, level, has),
        moved * stride);
    count(to, has + moved);
    count(node, from);
  }

  /** Makes a node among these of the first entries of one among others. */
  int copyOf(IdTreeNodes others, int node, int level, int entries) {
    int made = make(level, entries);
    System.arraycopy(
        others.store.array(node),
        others.entry(node, level, 0),
        store.array(made),
        entry(made, level, 0),
        entries * stride(level));
    count(made, entries);
    return made;
  }
}
