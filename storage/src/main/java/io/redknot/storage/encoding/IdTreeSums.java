package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * What the inner nodes of an {@link IdTree} note of all that is below each child, so that an entry
 * is found by what is before it without a look at each.
 *
 * <pre>
 *   sums   0  u64  entries
 *          8  u64  sum of their payloads' second words of 32 bits
 *         16  u64  sum of their payloads' third words
 *         24  u64  nodes, the child included
 *         32  u64  bytes that these take
 * </pre>
 *
 * Little-endian. They stand behind the child's number, in trees that are made with sums.
 */
final class IdTreeSums {
  static final int BYTES = 5 * Long.BYTES;

  private static final int ENTRIES = 0;
  private static final int SECOND = 8;
  private static final int THIRD = 16;
  private static final int NODES = 24;
  private static final int NODE_BYTES = 32;

  private static final int SECOND_WORD = IdTreeNodes.ID_BYTES + Integer.BYTES;
  private static final int THIRD_WORD = IdTreeNodes.ID_BYTES + 2 * Integer.BYTES;

  private final IdTreeNodes nodes;

  IdTreeSums(IdTreeNodes nodes) {
    this.nodes = nodes;
  }

  /** What is before an entry: how many, and the sums of their second and third words. */
  record Before(long entries, long second, long third) {}

  /** Sums anew what is below a child, from what its entries say. */
  void renew(int node, int index) {
    if (!nodes.isSummed()) {
      return;
    }
    int child = nodes.child(node, index);
    boolean leaf = nodes.level(child) == 0;
    int stride = nodes.stride(nodes.level(child));
    byte[] below = nodes.array(child);
    int count = nodes.count(child);
    int first = nodes.entry(child, nodes.level(child), 0);
    long entries = leaf ? count : 0;
    long second = 0;
    long third = 0;
    long total = 1;
    long bytes = nodes.heldBytes(child);
    for (int i = 0, at = first; i < count; i++, at += stride) {
      if (leaf) {
        second += Bytes.getInt(below, at + SECOND_WORD);
        third += Bytes.getInt(below, at + THIRD_WORD);
      } else {
        int sums = at + IdTreeNodes.SUMS;
        entries += Bytes.getLong(below, sums + ENTRIES);
        second += Bytes.getLong(below, sums + SECOND);
        third += Bytes.getLong(below, sums + THIRD);
        total += Bytes.getLong(below, sums + NODES);
        bytes += Bytes.getLong(below, sums + NODE_BYTES);
      }
    }
    byte[] array = nodes.array(node);
    int at = sums(node, index);
    Bytes.putLong(array, at + ENTRIES, entries);
    Bytes.putLong(array, at + SECOND, second);
    Bytes.putLong(array, at + THIRD, third);
    Bytes.putLong(array, at + NODES, total);
    Bytes.putLong(array, at + NODE_BYTES, bytes);
  }

  private int sums(int node, int index) {
    return nodes.entry(node, 1, index) + IdTreeNodes.SUMS;
  }

  private long sum(int node, int index, int which) {
    return Bytes.getLong(nodes.array(node), sums(node, index) + which);
  }

  private void add(int node, int index, int which, long difference) {
    byte[] array = nodes.array(node);
    int at = sums(node, index) + which;
    Bytes.putLong(array, at, Bytes.getLong(array, at) + difference);
  }

  /** Nodes below a child, it included. */
  int total(int node, int index) {
    return (int) sum(node, index, NODES);
  }

  /** Bytes that these take. */
  long heldBytes(int node, int index) {
    return sum(node, index, NODE_BYTES);
  }

  /** The index of the child below which an id is, or would be. */
  private int childIndex(int node, int level, long ms, long seq) {
    return Math.max(0, nodes.floorIndex(node, level, ms, seq));
  }

  /** The words of an entry that is there have become more, or less, by so much. */
  void changed(int root, int height, StreamId id, long second, long third) {
    int node = root;
    for (int level = height; level > 0; level--) {
      int index = childIndex(node, level, id.ms(), id.seq());
      add(node, index, SECOND, second);
      add(node, index, THIRD, third);
      node = nodes.child(node, index);
    }
  }

  /** What is before an entry that is there. */
  Before before(int root, int height, StreamId id) {
    long entries = 0;
    long second = 0;
    long third = 0;
    int node = root;
    for (int level = height; level > 0; level--) {
      int index = childIndex(node, level, id.ms(), id.seq());
      for (int i = 0; i < index; i++) {
        entries += sum(node, i, ENTRIES);
        second += sum(node, i, SECOND);
        third += sum(node, i, THIRD);
      }
      node = nodes.child(node, index);
    }
    int index = nodes.floorIndex(node, 0, id.ms(), id.seq());
    for (int i = 0; i < index; i++) {
      second += word(node, i, SECOND_WORD);
      third += word(node, i, THIRD_WORD);
    }
    return new Before(entries + index, second, third);
  }

  private int word(int leaf, int index, int which) {
    return Bytes.getInt(nodes.array(leaf), nodes.entry(leaf, 0, index) + which);
  }

  /**
   * The leaf, and within it the index, of the first entry with which the second words come to more
   * than an amount; the last entry where that is the first, or none.
   */
  long beyond(int root, int height, long amount) {
    long left = amount;
    int node = root;
    for (int level = height; level > 0; level--) {
      int index = 0;
      while (index < nodes.count(node) - 1 && sum(node, index, SECOND) <= left) {
        left -= sum(node, index, SECOND);
        index++;
      }
      node = nodes.child(node, index);
    }
    int index = 0;
    while (index < nodes.count(node) - 1 && word(node, index, SECOND_WORD) <= left) {
      left -= word(node, index, SECOND_WORD);
      index++;
    }
    return IdTree.position(node, index);
  }
}
