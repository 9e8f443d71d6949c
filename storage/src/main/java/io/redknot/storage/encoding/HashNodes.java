package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;

/** The nodes of a {@link HashTable}: its leaves, and the elements that lie outside of them. */
final class HashNodes {
  private final NodeStore nodes;
  private long heldBytes;

  /** Whether new leaves are marked. */
  private boolean mark;

  /** No leaf has ever had more cells. */
  private int cellsMax = HashLeaf.CELLS_STEP;

  HashNodes(NodeStore nodes) {
    this.nodes = nodes;
  }

  /** Bytes that all of them take. */
  long heldBytes() {
    return heldBytes;
  }

  /** No leaf has more cells. */
  int cellsMax() {
    return cellsMax;
  }

  private int newNode(int bytes) {
    int made = nodes.allocate(bytes);
    heldBytes += nodes.heldBytes(made);
    return made;
  }

  void resize(int old, int bytes) {
    heldBytes -= nodes.heldBytes(old);
    nodes.resize(old, bytes);
    heldBytes += nodes.heldBytes(old);
  }

  void free(int old) {
    heldBytes -= nodes.heldBytes(old);
    nodes.free(old);
  }

  /** New leaves are marked, or not, from now on. */
  void mark(boolean marked) {
    mark = marked;
  }

  /** Makes a leaf without elements. */
  int newLeaf(int cells, int elementBytes, int depth) {
    int made = newNode(HashLeaf.bytes(cells, elementBytes));
    HashLeaf.clear(nodes.array(made), nodes.offset(made), cells, depth);
    cellsMax = Math.max(cellsMax, cells);
    if (mark) {
      nodes.mark(made, true);
    }
    return made;
  }

  /** Makes a node of an element. */
  int newOutside(byte[] key, int offset, int length, byte[] value, int from, int n) {
    int made = newNode(HashLeaf.NODE_HEADER_BYTES + length + n);
    byte[] a = nodes.array(made);
    int at = nodes.offset(made);
    Bytes.putInt(a, at, length);
    Bytes.putInt(a, at + Integer.BYTES, n);
    System.arraycopy(key, offset, a, at + HashLeaf.NODE_HEADER_BYTES, length);
    System.arraycopy(value, from, a, at + HashLeaf.NODE_HEADER_BYTES + length, n);
    return made;
  }

  /** Whether the element of a node has that key. */
  boolean isOutside(int outside, byte[] key, int offset, int length) {
    byte[] a = nodes.array(outside);
    int at = nodes.offset(outside);
    int from = at + HashLeaf.NODE_HEADER_BYTES;
    return Bytes.getInt(a, at) == length
        && Arrays.equals(a, from, from + length, key, offset, offset + length);
  }

  /** Adds copies of the cells whose bits are set to one leaf, of the others to another one. */
  void distribute(int full, long highCells, int low, int high) {
    byte[] a = nodes.array(full);
    int at = nodes.offset(full);
    byte[] lowArray = nodes.array(low);
    int lowAt = nodes.offset(low);
    byte[] highArray = nodes.array(high);
    int highAt = nodes.offset(high);
    int elements = HashLeaf.count(a, at);
    for (int i = 0; i < elements; i++) {
      if ((highCells >>> i & 1) != 0) {
        HashLeaf.addFrom(highArray, highAt, a, at, i);
      } else {
        HashLeaf.addFrom(lowArray, lowAt, a, at, i);
      }
    }
  }

  /** Adds copies of all cells of a leaf to another one. */
  void addAll(int to, int from) {
    byte[] a = nodes.array(from);
    int at = nodes.offset(from);
    int elements = HashLeaf.count(a, at);
    for (int i = 0; i < elements; i++) {
      HashLeaf.addFrom(nodes.array(to), nodes.offset(to), a, at, i);
    }
  }

  /** Visits the elements of a leaf. */
  void visit(int leaf, ElementVisitor visitor) {
    byte[] a = nodes.array(leaf);
    int at = nodes.offset(leaf);
    int elements = HashLeaf.count(a, at);
    for (int i = 0; i < elements; i++) {
      visitElement(a, HashLeaf.element(a, at, i), visitor);
    }
  }

  /** Visits the element at a place. */
  void visitElement(byte[] a, int e, ElementVisitor visitor) {
    if (HashLeaf.isOutside(a, e)) {
      visitOutside(HashLeaf.outsideNode(a, e), visitor);
      return;
    }
    int key = HashLeaf.keyAt(a, e);
    int length = HashLeaf.keyLength(a, e);
    int lengthAt = key + length;
    int n = HashLeaf.valueLength(a, lengthAt);
    visitor.element(a, key, length, a, HashLeaf.valueAt(a, lengthAt), n);
  }

  private void visitOutside(int outside, ElementVisitor visitor) {
    byte[] a = nodes.array(outside);
    int at = nodes.offset(outside);
    int length = Bytes.getInt(a, at);
    int key = at + HashLeaf.NODE_HEADER_BYTES;
    visitor.element(a, key, length, a, key + length, Bytes.getInt(a, at + Integer.BYTES));
  }

  /** Gives a leaf back, and what lies outside of it; how many nodes. */
  int release(int leaf) {
    byte[] a = nodes.array(leaf);
    int at = nodes.offset(leaf);
    int given = 1;
    int elements = HashLeaf.hasOutside(a, at) ? HashLeaf.count(a, at) : 0;
    for (int i = 0; i < elements; i++) {
      int e = HashLeaf.element(a, at, i);
      if (HashLeaf.isOutside(a, e)) {
        nodes.free(HashLeaf.outsideNode(a, e));
        given++;
      }
    }
    nodes.free(leaf);
    return given;
  }

  /** Gives a leaf more cells; there must be room. */
  void widen(int leaf, int cells) {
    HashLeaf.widen(nodes.array(leaf), nodes.offset(leaf), cells);
    cellsMax = Math.max(cellsMax, cells);
  }

  /** A copy of a leaf in another store, and of what lies outside of it. */
  int copyLeaf(NodeStore from, int leaf) {
    byte[] a = from.array(leaf);
    int at = from.offset(leaf);
    int cells = HashLeaf.cells(a, at);
    int bytes = HashLeaf.bytes(cells, HashLeaf.elementBytes(a, at));
    int made = copyNode(from, leaf, bytes);
    int outside = HashLeaf.hasOutside(a, at) ? HashLeaf.count(a, at) : 0;
    for (int i = 0; i < outside; i++) {
      int e = HashLeaf.element(a, at, i);
      if (HashLeaf.isOutside(a, e)) {
        int old = HashLeaf.outsideNode(a, e);
        byte[] b = from.array(old);
        int bAt = from.offset(old);
        int length = Bytes.getInt(b, bAt) + Bytes.getInt(b, bAt + Integer.BYTES);
        int copied = copyNode(from, old, HashLeaf.NODE_HEADER_BYTES + length);
        byte[] to = nodes.array(made);
        HashLeaf.outsideNode(to, HashLeaf.element(to, nodes.offset(made), i), copied);
      }
    }
    return made;
  }

  private int copyNode(NodeStore from, int old, int bytes) {
    int made = newNode(bytes);
    System.arraycopy(
        from.array(old), from.offset(old), nodes.array(made), nodes.offset(made), bytes);
    return made;
  }
}
