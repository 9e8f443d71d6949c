package io.redknot.storage.encoding;

import static io.redknot.storage.encoding.SortedNodeFormat.CHILD;
import static io.redknot.storage.encoding.SortedNodeFormat.COUNT;
import static io.redknot.storage.encoding.SortedNodeFormat.DISTANCE;
import static io.redknot.storage.encoding.SortedNodeFormat.HEADER_BYTES;
import static io.redknot.storage.encoding.SortedNodeFormat.HEAP;
import static io.redknot.storage.encoding.SortedNodeFormat.INLINE_MAX;
import static io.redknot.storage.encoding.SortedNodeFormat.INNER_SLOT_BYTES;
import static io.redknot.storage.encoding.SortedNodeFormat.LEAF_SLOT_BYTES;
import static io.redknot.storage.encoding.SortedNodeFormat.LEVEL;
import static io.redknot.storage.encoding.SortedNodeFormat.LONG_LENGTH;
import static io.redknot.storage.encoding.SortedNodeFormat.LONG_MARK;
import static io.redknot.storage.encoding.SortedNodeFormat.LONG_NODE;
import static io.redknot.storage.encoding.SortedNodeFormat.NEXT;
import static io.redknot.storage.encoding.SortedNodeFormat.PREVIOUS;
import static io.redknot.storage.encoding.SortedNodeFormat.ROOM;
import static io.redknot.storage.encoding.SortedNodeFormat.UNDER;
import static io.redknot.storage.encoding.SortedNodeFormat.encodedBytes;
import static io.redknot.storage.encoding.SortedNodeFormat.isLong;
import static io.redknot.storage.encoding.SortedNodeFormat.memberAt;
import static io.redknot.storage.encoding.SortedNodeFormat.slot;
import static io.redknot.storage.encoding.SortedNodeFormat.slotBytes;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;

/**
 * The nodes of a {@link SortedTree}, one by one: entries put in, taken out and moved. Their layout
 * is that of {@link SortedNodeFormat}.
 */
final class SortedTreeNodes {
  private static final byte[] NOTHING = {};

  /** A node gives room back when a quarter of it and these bytes are free. */
  private static final int SLACK_BYTES = 96;

  private final NodeStore nodes;
  private long heldBytes;

  // What is searched for.
  private double keyScore;
  private boolean keyIsAboveScore;
  private byte[] key = NOTHING;
  private int keyFrom;
  private int keyTo;

  // The member that was loaded.
  private byte[] member = NOTHING;
  private int memberOffset;
  private int memberLength;

  SortedTreeNodes(NodeStore nodes) {
    this.nodes = nodes;
  }

  /** Bytes that all nodes take. */
  long heldBytes() {
    return heldBytes;
  }

  /** Makes an empty node. */
  int create(int level) {
    int node = allocate(HEADER_BYTES + 8 * (level == 0 ? LEAF_SLOT_BYTES : INNER_SLOT_BYTES));
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    Bytes.putInt(a, at + COUNT, 0);
    Bytes.putInt(a, at + LEVEL, level);
    Bytes.putShort(a, at + ROOM, nodes.capacity(node));
    Bytes.putInt(a, at + PREVIOUS, NodeStore.NONE);
    Bytes.putInt(a, at + NEXT, NodeStore.NONE);
    return node;
  }

  private int allocate(int bytes) {
    int node = nodes.allocate(bytes);
    heldBytes += nodes.heldBytes(node);
    return node;
  }

  /** Gives a node back, but not the nodes of its members. */
  void free(int node) {
    heldBytes -= nodes.heldBytes(node);
    nodes.free(node);
  }

  int count(int node) {
    return Bytes.getShort(nodes.array(node), nodes.offset(node) + COUNT);
  }

  int level(int node) {
    return nodes.array(node)[nodes.offset(node) + LEVEL];
  }

  /** Bytes in use. */
  int usedBytes(int node) {
    return SortedNodeFormat.usedBytes(nodes.array(node), nodes.offset(node));
  }

  /** The leaf behind a leaf. */
  int next(int node) {
    return Bytes.getInt(nodes.array(node), nodes.offset(node) + NEXT);
  }

  /** The leaf before a leaf. */
  int previous(int node) {
    return Bytes.getInt(nodes.array(node), nodes.offset(node) + PREVIOUS);
  }

  /** Makes two leaves neighbours; either may be none. */
  void link(int left, int right) {
    if (left != NodeStore.NONE) {
      Bytes.putInt(nodes.array(left), nodes.offset(left) + NEXT, right);
    }
    if (right != NodeStore.NONE) {
      Bytes.putInt(nodes.array(right), nodes.offset(right) + PREVIOUS, left);
    }
  }

  double score(int node, int i) {
    byte[] a = nodes.array(node);
    return SortedNodeFormat.score(a, slot(a, nodes.offset(node), i));
  }

  void score(int node, int i, double value) {
    byte[] a = nodes.array(node);
    Bytes.putLong(a, slot(a, nodes.offset(node), i), Double.doubleToRawLongBits(value));
  }

  int child(int node, int i) {
    byte[] a = nodes.array(node);
    return Bytes.getInt(a, slot(a, nodes.offset(node), i) + CHILD);
  }

  /** Number of elements below an entry. */
  int under(int node, int i) {
    byte[] a = nodes.array(node);
    return Bytes.getInt(a, slot(a, nodes.offset(node), i) + UNDER);
  }

  void addUnder(int node, int i, int difference) {
    byte[] a = nodes.array(node);
    int p = slot(a, nodes.offset(node), i) + UNDER;
    Bytes.putInt(a, p, Bytes.getInt(a, p) + difference);
  }

  void child(int node, int i, int child, int under) {
    byte[] a = nodes.array(node);
    int p = slot(a, nodes.offset(node), i);
    Bytes.putInt(a, p + CHILD, child);
    Bytes.putInt(a, p + UNDER, under);
  }

  /** Number of elements below the entries before one, or in a leaf the number of those entries. */
  int underBefore(int node, int i) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    if (a[at + LEVEL] == 0) {
      return i;
    }
    int sum = 0;
    int end = slot(a, at, i) + UNDER;
    for (int p = at + HEADER_BYTES + UNDER; p < end; p += INNER_SLOT_BYTES) {
      sum += Bytes.getInt(a, p);
    }
    return sum;
  }

  /** The child in which the element of a rank lies; the rank must be below the sum. */
  int childOfRank(int node, long rank) {
    byte[] a = nodes.array(node);
    int p = nodes.offset(node) + HEADER_BYTES + UNDER;
    long rest = rank;
    int i = 0;
    while (rest >= Bytes.getInt(a, p)) {
      rest -= Bytes.getInt(a, p);
      p += INNER_SLOT_BYTES;
      i++;
    }
    return i;
  }

  /** Sets what is searched for; the bytes are borrowed until the search is over. */
  void key(double score, byte[] bytes, int offset, int length) {
    keyScore = score;
    keyIsAboveScore = false;
    key = bytes;
    keyFrom = offset;
    keyTo = offset + length;
  }

  /** What is searched for lies just behind all elements of a score. */
  void keyAbove(double score) {
    keyScore = score;
    keyIsAboveScore = true;
  }

  /** An entry against the key, negative where the entry comes first. */
  int compare(int node, int i) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    return compare(a, at, slot(a, at, i));
  }

  private int compare(byte[] a, int at, int slot) {
    double score = SortedNodeFormat.score(a, slot);
    if (score != keyScore) {
      return score < keyScore ? -1 : 1;
    }
    if (keyIsAboveScore) {
      return -1;
    }
    int p = memberAt(a, at, slot);
    int length = a[p];
    if (length >= 0) {
      return Arrays.compareUnsigned(a, p + 1, p + 1 + length, key, keyFrom, keyTo);
    }
    load(a, p);
    return Arrays.compareUnsigned(
        member, memberOffset, memberOffset + memberLength, key, keyFrom, keyTo);
  }

  /** Number of a leaf's entries that come before the key. */
  int searchLeaf(int node) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int low = 0;
    int high = Bytes.getShort(a, at + COUNT);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(a, at, at + HEADER_BYTES + middle * LEAF_SLOT_BYTES) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The entry below which the key is, or belongs. */
  int searchInner(int node) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int low = 1;
    int high = Bytes.getShort(a, at + COUNT);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(a, at, at + HEADER_BYTES + middle * INNER_SLOT_BYTES) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Loads the member of an entry: see {@link #memberArray}. */
  void load(int node, int i) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    load(a, memberAt(a, at, slot(a, at, i)));
  }

  private void load(byte[] a, int p) {
    int length = a[p];
    if (length >= 0) {
      member = a;
      memberOffset = p + 1;
      memberLength = length;
    } else if (isLong(a, p)) {
      int node = Bytes.getInt(a, p + LONG_NODE);
      member = nodes.array(node);
      memberOffset = nodes.offset(node);
      memberLength = Bytes.getInt(a, p + LONG_LENGTH);
    } else {
      member = a;
      memberOffset = p + 2;
      memberLength = (length & 0x7f) << 8 | (a[p + 1] & 0xff);
    }
  }

  /** The array of the loaded member, until nodes are made, resized or freed. */
  byte[] memberArray() {
    return member;
  }

  int memberOffset() {
    return memberOffset;
  }

  int memberLength() {
    return memberLength;
  }

  /** Lets go of arrays, which may be those of pages that are given back. */
  void forget() {
    key = NOTHING;
    member = NOTHING;
  }

  /** Makes an entry before another one; its score, child and member are left to the caller. */
  private void open(int node, int i, int memberBytes) {
    makeRoom(node, memberBytes);
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int from = slot(a, at, i);
    int count = Bytes.getShort(a, at + COUNT);
    int slotBytes = slotBytes(a, at);
    System.arraycopy(a, from, a, from + slotBytes, (count - i) * slotBytes);
    int heap = Bytes.getShort(a, at + HEAP) + memberBytes;
    Bytes.putShort(a, at + COUNT, count + 1);
    Bytes.putShort(a, at + HEAP, heap);
    Bytes.putShort(a, from + DISTANCE, heap);
  }

  private void makeRoom(int node, int memberBytes) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int needed = SortedNodeFormat.usedBytes(a, at) + slotBytes(a, at) + memberBytes;
    if (needed > Bytes.getShort(a, at + ROOM)) {
      resize(node, needed);
    }
  }

  private void resize(int node, int bytes) {
    int room = NodeStore.roomFor(bytes);
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int old = Bytes.getShort(a, at + ROOM);
    int heap = Bytes.getShort(a, at + HEAP);
    heldBytes -= nodes.heldBytes(node);
    if (room < old) {
      System.arraycopy(a, at + old - heap, a, at + room - heap, heap);
    }
    nodes.resize(node, bytes);
    a = nodes.array(node);
    at = nodes.offset(node);
    if (room > old) {
      System.arraycopy(a, at + old - heap, a, at + room - heap, heap);
    }
    Bytes.putShort(a, at + ROOM, room);
    heldBytes += nodes.heldBytes(node);
  }

  /** Puts an element into a leaf, before an entry. The bytes must not lie in nodes. */
  void insert(int leaf, int i, double score, byte[] bytes, int offset, int length) {
    int bytesOfOwn = length > INLINE_MAX ? allocate(length) : NodeStore.NONE;
    open(leaf, i, encodedBytes(length));
    score(leaf, i, score);
    write(leaf, i, bytesOfOwn, bytes, offset, length);
  }

  private void write(int node, int i, int ofOwn, byte[] bytes, int offset, int length) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int p = memberAt(a, at, slot(a, at, i));
    if (length < 128) {
      a[p] = (byte) length;
      System.arraycopy(bytes, offset, a, p + 1, length);
    } else if (length <= INLINE_MAX) {
      a[p] = (byte) (0x80 | length >>> 8);
      a[p + 1] = (byte) length;
      System.arraycopy(bytes, offset, a, p + 2, length);
    } else {
      Bytes.putShort(a, p, LONG_MARK);
      Bytes.putInt(a, p + LONG_LENGTH, length);
      Bytes.putInt(a, p + LONG_NODE, ofOwn);
      System.arraycopy(bytes, offset, nodes.array(ofOwn), nodes.offset(ofOwn), length);
    }
  }

  /** Makes an entry for the first child of a node, which nothing separates from one before. */
  void insertFirstChild(int node, int child, int under) {
    open(node, 0, 1);
    write(node, 0, NodeStore.NONE, NOTHING, 0, 0);
    score(node, 0, 0);
    child(node, 0, child, under);
  }

  /**
   * Makes an entry for a leaf, separated from the leaf before by as little as is needed. Both have
   * entries.
   */
  void insertLeaf(int node, int i, int left, int leaf, int under) {
    double score = score(leaf, 0);
    int length = 0;
    int last = count(left) - 1;
    if (score(left, last) == score) {
      load(left, last);
      byte[] before = member;
      int from = memberOffset;
      int to = from + memberLength;
      load(leaf, 0);
      int end = memberOffset + memberLength;
      length = 1 + Arrays.mismatch(before, from, to, member, memberOffset, end);
    }
    int ofOwn = length > INLINE_MAX ? allocate(length) : NodeStore.NONE;
    open(node, i, encodedBytes(length));
    load(leaf, 0);
    write(node, i, ofOwn, member, memberOffset, length);
    score(node, i, score);
    child(node, i, leaf, under);
  }

  /** Removes an entry and gives its member's node back where it has one. */
  void remove(int node, int i) {
    freeMember(node, i);
    close(node, i);
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int used = SortedNodeFormat.usedBytes(a, at);
    int room = Bytes.getShort(a, at + ROOM);
    if (room - used > room / 4 + SLACK_BYTES) {
      resize(node, used);
    }
  }

  /** Removes all entries of a node that will be freed or filled anew. */
  void clear(int node) {
    for (int i = count(node) - 1; i >= 0; i--) {
      freeMember(node, i);
    }
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    Bytes.putShort(a, at + COUNT, 0);
    Bytes.putShort(a, at + HEAP, 0);
  }

  /** Gives the node of an entry's member back; how many nodes that were, 0 or 1. */
  int freeMember(int node, int i) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int p = memberAt(a, at, slot(a, at, i));
    if (!isLong(a, p)) {
      return 0;
    }
    free(Bytes.getInt(a, p + LONG_NODE));
    return 1;
  }

  private void close(int node, int i) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int slot = slot(a, at, i);
    int slotBytes = slotBytes(a, at);
    int count = Bytes.getShort(a, at + COUNT) - 1;
    int heap = Bytes.getShort(a, at + HEAP);
    int distance = Bytes.getShort(a, slot + DISTANCE);
    int room = Bytes.getShort(a, at + ROOM);
    int bytes = encodedBytes(a, at + room - distance);
    System.arraycopy(a, at + room - heap, a, at + room - heap + bytes, heap - distance);
    System.arraycopy(a, slot + slotBytes, a, slot, (count - i) * slotBytes);
    int end = at + HEADER_BYTES + count * slotBytes + DISTANCE;
    for (int p = at + HEADER_BYTES + DISTANCE; p < end; p += slotBytes) {
      int other = Bytes.getShort(a, p);
      if (other > distance) {
        Bytes.putShort(a, p, other - bytes);
      }
    }
    Bytes.putShort(a, at + COUNT, count);
    Bytes.putShort(a, at + HEAP, heap - bytes);
  }

  /** Forgets the last entry of a node that is being taken down. */
  void dropLast(int node) {
    Bytes.putShort(nodes.array(node), nodes.offset(node) + COUNT, count(node) - 1);
  }

  /** Bytes of room that the entries in a range take, in a node of their own. */
  int bytesOf(int node, int first, int end) {
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int bytes = HEADER_BYTES + (end - first) * slotBytes(a, at);
    for (int i = first; i < end; i++) {
      bytes += encodedBytes(a, memberAt(a, at, slot(a, at, i)));
    }
    return bytes;
  }

  /** Puts copies of entries behind those of another node of the level; the others stay. */
  void append(int from, int first, int end, int to) {
    int needed = usedBytes(to) + bytesOf(from, first, end) - HEADER_BYTES;
    if (needed > Bytes.getShort(nodes.array(to), nodes.offset(to) + ROOM)) {
      resize(to, needed);
    }
    for (int i = first; i < end; i++) {
      appendOne(from, i, to);
    }
  }

  private void appendOne(int from, int i, int to) {
    byte[] a = nodes.array(from);
    int at = nodes.offset(from);
    int p = memberAt(a, at, slot(a, at, i));
    int bytes = encodedBytes(a, p);
    int j = count(to);
    open(to, j, bytes);
    byte[] target = nodes.array(to);
    int targetAt = nodes.offset(to);
    copySlot(a, slot(a, at, i), target, slot(target, targetAt, j), slotBytes(a, at));
    System.arraycopy(a, p, target, memberAt(target, targetAt, slot(target, targetAt, j)), bytes);
  }

  private static void copySlot(byte[] a, int slot, byte[] target, int to, int slotBytes) {
    System.arraycopy(a, slot, target, to, DISTANCE);
    System.arraycopy(a, slot + CHILD, target, to + CHILD, slotBytes - CHILD);
  }

  /** Forgets all entries from one on, whose members were moved elsewhere. */
  void truncate(int node, int end) {
    int kept = create(level(node));
    append(node, 0, end, kept);
    int used = usedBytes(kept);
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    Bytes.putShort(a, at + COUNT, 0);
    Bytes.putShort(a, at + HEAP, 0);
    resize(node, used);
    append(kept, 0, end, node);
    free(kept);
  }

  /** The entry in the middle by bytes, neither the first nor behind the last. */
  int middle(int node) {
    int last = count(node) - 1;
    int half = usedBytes(node) / 2;
    byte[] a = nodes.array(node);
    int at = nodes.offset(node);
    int slotBytes = slotBytes(a, at);
    int bytes = HEADER_BYTES;
    int i = 0;
    while (i < last && (i == 0 || bytes < half)) {
      int slot = slot(a, at, i);
      bytes += slotBytes + encodedBytes(a, memberAt(a, at, slot));
      i++;
    }
    return i;
  }

  /** Moves the entries of a node from one on to a new, right neighbour of the same level. */
  int split(int node, int at) {
    int right = create(level(node));
    append(node, at, count(node), right);
    truncate(node, at);
    return right;
  }

  /**
   * Makes an entry that is separated from the one before as an entry of another node is. Of the
   * two, one must then be cleared or removed: they would share the node of a long member.
   */
  void moveSeparator(int from, int i, int to, int j) {
    byte[] a = nodes.array(from);
    int at = nodes.offset(from);
    int bytes = encodedBytes(a, memberAt(a, at, slot(a, at, i)));
    open(to, j, bytes);
    a = nodes.array(from);
    at = nodes.offset(from);
    byte[] target = nodes.array(to);
    int targetAt = nodes.offset(to);
    int p = memberAt(a, at, slot(a, at, i));
    int slot = slot(target, targetAt, j);
    int toAt = memberAt(target, targetAt, slot);
    System.arraycopy(a, p, target, toAt, bytes);
    score(to, j, score(from, i));
  }

  /** Moves what separates a child from the one before into the child, to its first entry. */
  void replaceSeparator(int parent, int i, int right) {
    int child = child(right, 0);
    int under = under(right, 0);
    freeMember(right, 0);
    close(right, 0);
    moveSeparator(parent, i, right, 0);
    child(right, 0, child, under);
    clearSeparator(parent, i);
  }

  /** Forgets what separates an entry from the one before, which was moved elsewhere. */
  void clearSeparator(int node, int i) {
    int child = child(node, i);
    int under = under(node, i);
    close(node, i);
    open(node, i, 1);
    write(node, i, NodeStore.NONE, NOTHING, 0, 0);
    score(node, i, 0);
    child(node, i, child, under);
  }
}
