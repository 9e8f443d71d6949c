package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.RandomSource;
import java.util.Arrays;

/**
 * Elements, each a key and a value of bytes, found by their key's hash.
 *
 * <p>Extendible hashing: a directory leads from the upper bits of the hash to a {@link HashLeaf},
 * which is a node. A leaf that is full splits by the next bit of the hash, so that no growth takes
 * longer than that of one leaf, or a copy of the directory; two sparse halves merge again. The
 * longest elements have nodes of their own.
 *
 * <p>The verbs that find or add an element make it the current one, whose key and value can be read
 * until something is written, here or to the node store. Bytes that are given may lie anywhere but
 * in this table.
 */
public final class HashTable implements LargeValue {
  /** Positions of {@link #scan} are below 2 to the power of this: the upper bits of the hash. */
  private static final int TAG_BITS = 32;

  static final long TAGS = 1L << TAG_BITS;

  /** A leaf with as many elements splits when another one comes. */
  private static final int LEAF_COUNT_MAX = 64;

  /** So does a leaf whose elements would take more bytes. */
  private static final int LEAF_BYTES_MAX = 4096;

  /** Leaves of elements that no bit tells apart take no more bytes than this. */
  private static final int CROWDED_BYTES_MAX = 0xffff;

  /** One step of a scan visits about as many elements. */
  private static final int SCAN_STEP = 8;

  /** Of this object and those that it has for itself, without the directory's places. */
  private static final int OBJECT_BYTES = 216;

  private static final int MANY_ELEMENTS = 1024;

  private static final int LOW_BYTE = 0xff;

  private final NodeStore nodes;
  private final HashNodes parts;
  private final KeyHash hash;
  private final int depthMax;

  private final LeafDirectory directory;
  private int count;

  /** Where {@link #release} goes on. */
  private int released;

  private boolean isReleased;

  private final HashSnapshot snapshot;

  // The current element: its leaf and cell, the node it lies in, and places relative to that.
  private int leaf;
  private int cell;
  private int node;
  private int keyAt;
  private int keyLength;
  private int valueAt;
  private int valueLength;

  /** An empty table whose nodes are in that store. */
  public HashTable(NodeStore nodes, KeyHash hash) {
    this(nodes, hash, TAG_BITS);
  }

  /** For tests: leaves of that depth do not split. */
  HashTable(NodeStore nodes, KeyHash hash, int depthMax) {
    this.nodes = nodes;
    this.parts = new HashNodes(nodes);
    this.hash = hash;
    this.depthMax = depthMax;
    this.directory = new LeafDirectory(nodes, parts.newLeaf(HashLeaf.CELLS_STEP, 0, 0));
    this.snapshot = new HashSnapshot(nodes, parts, directory);
    nodes.countHeapBytes(heapBytes());
  }

  private HashTable(HashTable other, NodeStore nodes) {
    this.nodes = nodes;
    this.parts = new HashNodes(nodes);
    this.hash = other.hash;
    this.depthMax = other.depthMax;
    this.count = other.count;
    this.directory = new LeafDirectory(nodes, other.directory);
    this.snapshot = new HashSnapshot(nodes, parts, directory);
    nodes.countHeapBytes(heapBytes());
  }

  private long heapBytes() {
    return OBJECT_BYTES + directory.heapBytes();
  }

  @Override
  public long usedBytes() {
    return parts.heldBytes() + heapBytes();
  }

  /** Number of elements. */
  public int count() {
    return count;
  }

  /**
   * Looks an element up.
   *
   * @return whether it is there; then it is the current one
   */
  public boolean find(byte[] key, int offset, int length) {
    return find(hash.of(key, offset, length), key, offset, length);
  }

  private boolean find(long keyHash, byte[] key, int offset, int length) {
    int inLeaf = directory.leaf(keyHash);
    byte[] a = nodes.array(inLeaf);
    int at = nodes.offset(inLeaf);
    int lowByte = (int) keyHash & LOW_BYTE;
    int i = HashLeaf.next(a, at, lowByte, 0);
    while (i >= 0) {
      int e = HashLeaf.element(a, at, i);
      if (HashLeaf.isOutside(a, e)
          ? parts.isOutside(HashLeaf.outsideNode(a, e), key, offset, length)
          : isHere(a, e, key, offset, length)) {
        point(inLeaf, a, at, i);
        return true;
      }
      i = HashLeaf.next(a, at, lowByte, i + 1);
    }
    return false;
  }

  private static boolean isHere(byte[] a, int e, byte[] key, int offset, int length) {
    if (HashLeaf.keyLength(a, e) != length) {
      return false;
    }
    int from = HashLeaf.keyAt(a, e);
    return Arrays.equals(a, from, from + length, key, offset, offset + length);
  }

  /** Makes the element of a cell the current one. */
  private void point(int inLeaf, byte[] a, int at, int inCell) {
    leaf = inLeaf;
    cell = inCell;
    int e = HashLeaf.element(a, at, inCell);
    if (HashLeaf.isOutside(a, e)) {
      pointOutside(HashLeaf.outsideNode(a, e));
      return;
    }
    node = inLeaf;
    int from = HashLeaf.keyAt(a, e);
    keyLength = HashLeaf.keyLength(a, e);
    keyAt = from - at;
    int lengthAt = from + keyLength;
    valueLength = HashLeaf.valueLength(a, lengthAt);
    valueAt = HashLeaf.valueAt(a, lengthAt) - at;
  }

  private void pointOutside(int outside) {
    byte[] a = nodes.array(outside);
    int at = nodes.offset(outside);
    node = outside;
    keyLength = Bytes.getInt(a, at);
    valueLength = Bytes.getInt(a, at + Integer.BYTES);
    keyAt = HashLeaf.NODE_HEADER_BYTES;
    valueAt = keyAt + keyLength;
  }

  /** The array that holds the current element's key; borrowed. */
  public byte[] keyArray() {
    return nodes.array(node);
  }

  /** First byte of the current element's key in {@link #keyArray}. */
  public int keyOffset() {
    return nodes.offset(node) + keyAt;
  }

  /** Length of the current element's key in bytes. */
  public int keyLength() {
    return keyLength;
  }

  /**
   * The array that holds the current element's value; borrowed; writing into it edits the value.
   */
  public byte[] valueArray() {
    return nodes.array(node);
  }

  /** First byte of the current element's value in {@link #valueArray}. */
  public int valueOffset() {
    return nodes.offset(node) + valueAt;
  }

  /** Length of the current element's value in bytes. */
  public int valueLength() {
    return valueLength;
  }

  /**
   * Gives a key a value; the element becomes the current one.
   *
   * @return whether the key is new
   */
  public boolean put(byte[] key, int offset, int length, byte[] value, int from, int n) {
    long keyHash = hash.of(key, offset, length);
    if (find(keyHash, key, offset, length)) {
      snapshot.show(leaf);
      boolean shorter = n < valueLength;
      replace(keyHash, key, offset, length, value, from, n);
      if (shorter && isSparse()) {
        merge(keyHash);
        find(keyHash, key, offset, length);
      }
      return false;
    }
    insert(keyHash, key, offset, length, value, from, n);
    return true;
  }

  /** Gives the current element another value, which has as many bytes as the one it has. */
  public void overwrite(byte[] value, int from) {
    snapshot.show(leaf);
    System.arraycopy(value, from, valueArray(), valueOffset(), valueLength);
  }

  /** Gives the current element, which has that key, another value; it stays the current one. */
  private void replace(
      long keyHash, byte[] key, int offset, int length, byte[] value, int from, int n) {
    if (n == valueLength) {
      System.arraycopy(value, from, valueArray(), valueOffset(), n);
    } else if (!(node == leaf ? stretch(value, from, n) : stretchOutside(value, from, n))) {
      removeCell();
      insert(keyHash, key, offset, length, value, from, n);
    }
  }

  /** False: the element, or the leaf, would be too long. */
  private boolean stretch(byte[] value, int from, int n) {
    long bytes = HashLeaf.bytesOf(keyLength, n);
    int old = HashLeaf.valueBytes(valueLength);
    int difference = HashLeaf.valueBytes(n) - old;
    byte[] a = nodes.array(leaf);
    int at = nodes.offset(leaf);
    int elementBytes = HashLeaf.elementBytes(a, at) + difference;
    if (bytes > HashLeaf.ELEMENT_BYTES_MAX
        || (elementBytes > LEAF_BYTES_MAX && elementBytes > HashLeaf.elementBytes(a, at))) {
      return false;
    }
    int cells = HashLeaf.cells(a, at);
    if (nodes.capacity(leaf) < HashLeaf.bytes(cells, elementBytes)) {
      parts.resize(leaf, HashLeaf.bytes(cells, elementBytes));
      a = nodes.array(leaf);
      at = nodes.offset(leaf);
    }
    int lengthAt = at + keyAt + keyLength;
    HashLeaf.stretch(a, at, cell, lengthAt + old, difference);
    HashLeaf.writeValue(a, lengthAt, value, from, n);
    point(leaf, a, at, cell);
    return true;
  }

  /** False: the element belongs into the leaf. */
  private boolean stretchOutside(byte[] value, int from, int n) {
    if (HashLeaf.bytesOf(keyLength, n) <= HashLeaf.ELEMENT_BYTES_MAX) {
      return false;
    }
    parts.resize(node, valueAt + n);
    Bytes.putInt(nodes.array(node), nodes.offset(node) + Integer.BYTES, n);
    valueLength = n;
    System.arraycopy(value, from, valueArray(), valueOffset(), n);
    return true;
  }

  /** Adds an element that is not there. */
  private void insert(
      long keyHash, byte[] key, int offset, int length, byte[] value, int from, int n) {
    boolean outside =
        HashLeaf.bytesOf(length, n) > HashLeaf.ELEMENT_BYTES_MAX || isCrowded(keyHash, length + n);
    int bytes = outside ? HashLeaf.OUTSIDE_BYTES : (int) HashLeaf.bytesOf(length, n);
    int inLeaf = leafWithRoom(keyHash, bytes);
    if (outside) {
      int made = parts.newOutside(key, offset, length, value, from, n);
      byte[] a = nodes.array(inLeaf);
      int at = nodes.offset(inLeaf);
      int e = HashLeaf.add(a, at, (int) keyHash & LOW_BYTE, bytes);
      HashLeaf.writeOutside(a, at, e, made, keyHash);
    } else {
      byte[] a = nodes.array(inLeaf);
      int at = nodes.offset(inLeaf);
      int e = HashLeaf.add(a, at, (int) keyHash & LOW_BYTE, bytes);
      HashLeaf.write(a, e, key, offset, length, value, from, n);
    }
    count++;
    byte[] a = nodes.array(inLeaf);
    int at = nodes.offset(inLeaf);
    point(inLeaf, a, at, HashLeaf.count(a, at) - 1);
  }

  private int leafWithRoom(long keyHash, int bytes) {
    int inLeaf = directory.leaf(keyHash);
    snapshot.show(inLeaf);
    while (isFull(inLeaf, bytes)) {
      split(keyHash, inLeaf);
      inLeaf = directory.leaf(keyHash);
    }
    byte[] a = nodes.array(inLeaf);
    int at = nodes.offset(inLeaf);
    int old = HashLeaf.cells(a, at);
    int cells = HashLeaf.count(a, at) < old ? old : HashLeaf.cellsFor(old + (old >> 3) + 1);
    int wanted = HashLeaf.bytes(cells, HashLeaf.elementBytes(a, at) + bytes);
    if (nodes.capacity(inLeaf) < wanted) {
      parts.resize(inLeaf, wanted);
    }
    if (cells != old) {
      parts.widen(inLeaf, cells);
    }
    return inLeaf;
  }

  private boolean isFull(int inLeaf, int bytes) {
    byte[] a = nodes.array(inLeaf);
    int at = nodes.offset(inLeaf);
    int elementBytes = HashLeaf.elementBytes(a, at) + bytes;
    if (HashLeaf.count(a, at) < LEAF_COUNT_MAX && elementBytes <= LEAF_BYTES_MAX) {
      return false;
    }
    if (HashLeaf.depth(a, at) < depthMax) {
      return true;
    }
    if (elementBytes > CROWDED_BYTES_MAX) {
      throw new IllegalStateException("too many elements of one hash");
    }
    return false;
  }

  /** Whether a leaf that can not split is so full that what comes should lie outside. */
  private boolean isCrowded(long keyHash, int bytes) {
    int inLeaf = directory.leaf(keyHash);
    byte[] a = nodes.array(inLeaf);
    int at = nodes.offset(inLeaf);
    return HashLeaf.depth(a, at) == depthMax
        && HashLeaf.elementBytes(a, at) + bytes > LEAF_BYTES_MAX;
  }

  /** The upper half of the hash of an element. */
  private long tag(byte[] a, int e) {
    if (HashLeaf.isOutside(a, e)) {
      return HashLeaf.outsideTag(a, e);
    }
    return hash.of(a, HashLeaf.keyAt(a, e), HashLeaf.keyLength(a, e)) >>> TAG_BITS;
  }

  private void split(long keyHash, int full) {
    byte[] a = nodes.array(full);
    int at = nodes.offset(full);
    int newDepth = HashLeaf.depth(a, at) + 1;
    long bit = TAGS >>> newDepth;
    long highCells = 0;
    int highBytes = 0;
    for (int i = HashLeaf.count(a, at) - 1; i >= 0; i--) {
      int e = HashLeaf.element(a, at, i);
      if ((tag(a, e) & bit) != 0) {
        highCells |= 1L << i;
        highBytes += HashLeaf.bytesAt(a, e);
      }
    }
    int high = parts.newLeaf(HashLeaf.cellsFor(Long.bitCount(highCells)), highBytes, newDepth);
    int lowCount = HashLeaf.count(a, at) - Long.bitCount(highCells);
    int lowBytes = HashLeaf.elementBytes(a, at) - highBytes;
    int low = parts.newLeaf(HashLeaf.cellsFor(lowCount), lowBytes, newDepth);
    parts.distribute(full, highCells, low, high);
    directory.split(keyHash, newDepth, low, high);
    parts.free(full);
  }

  /** Removes an element; whether it was there. */
  public boolean remove(byte[] key, int offset, int length) {
    long keyHash = hash.of(key, offset, length);
    if (!find(keyHash, key, offset, length)) {
      return false;
    }
    removeFound(keyHash);
    return true;
  }

  /** Removes the current element. */
  public void removeCurrent() {
    byte[] a = nodes.array(leaf);
    removeFound(tag(a, HashLeaf.element(a, nodes.offset(leaf), cell)) << TAG_BITS);
  }

  private void removeFound(long keyHash) {
    snapshot.show(leaf);
    removeCell();
    if (isSparse()) {
      merge(keyHash);
    }
  }

  /** Whether the leaf of the current element has much more room than it needs. */
  private boolean isSparse() {
    byte[] a = nodes.array(leaf);
    int at = nodes.offset(leaf);
    int cells = HashLeaf.cellsFor(HashLeaf.count(a, at));
    return HashLeaf.bytes(cells, HashLeaf.elementBytes(a, at)) < nodes.capacity(leaf) / 2;
  }

  private void removeCell() {
    if (node != leaf) {
      parts.free(node);
    }
    HashLeaf.remove(nodes.array(leaf), nodes.offset(leaf), cell);
    count--;
  }

  /** Puts a sparse leaf together with the other half, or into a smaller node. */
  private void merge(long keyHash) {
    boolean merged = false;
    while (mergeOnce(keyHash)) {
      merged = true;
    }
    if (!merged) {
      rebuild(keyHash);
    }
  }

  private boolean mergeOnce(long keyHash) {
    int sparse = directory.leaf(keyHash);
    byte[] a = nodes.array(sparse);
    int at = nodes.offset(sparse);
    int depth = HashLeaf.depth(a, at);
    int other = depth == 0 ? sparse : directory.other(keyHash, depth);
    byte[] b = nodes.array(other);
    int bAt = nodes.offset(other);
    int together = HashLeaf.count(a, at) + HashLeaf.count(b, bAt);
    int bytes = HashLeaf.elementBytes(a, at) + HashLeaf.elementBytes(b, bAt);
    if (other == sparse
        || HashLeaf.depth(b, bAt) != depth
        || together > LEAF_COUNT_MAX / 2
        || bytes > LEAF_BYTES_MAX / 2) {
      return false;
    }
    snapshot.show(other);
    int merged = parts.newLeaf(HashLeaf.cellsFor(together), bytes, depth - 1);
    parts.addAll(merged, sparse);
    parts.addAll(merged, other);
    directory.merge(keyHash, depth - 1, merged);
    parts.free(sparse);
    parts.free(other);
    return true;
  }

  /** Puts a leaf into a smaller node. */
  private void rebuild(long keyHash) {
    int old = directory.leaf(keyHash);
    byte[] a = nodes.array(old);
    int at = nodes.offset(old);
    int depth = HashLeaf.depth(a, at);
    int cells = HashLeaf.cellsFor(HashLeaf.count(a, at));
    int made = parts.newLeaf(cells, HashLeaf.elementBytes(a, at), depth);
    parts.addAll(made, old);
    directory.replace(keyHash, depth, made);
    parts.free(old);
  }

  /**
   * Makes a uniformly drawn element the current one; the table must not be empty.
   *
   * @return a number that tells it from all other elements, until the table changes
   */
  public long random(RandomSource random) {
    int cellsMax = parts.cellsMax();
    while (true) {
      long drawn = random.draw((long) directory.length() * cellsMax);
      int index = (int) (drawn / cellsMax);
      int inCell = (int) (drawn % cellsMax);
      int inLeaf = directory.at(index);
      byte[] a = nodes.array(inLeaf);
      int at = nodes.offset(inLeaf);
      // A leaf at several places counts at the first only; a cell it has not is a miss.
      if (inCell < HashLeaf.count(a, at) && directory.isFirst(index, HashLeaf.depth(a, at))) {
        point(inLeaf, a, at, inCell);
        return (long) inLeaf << Short.SIZE | inCell;
      }
    }
  }

  /** Counts the elements of each leaf. */
  public void count(ChainLengths lengths) {
    directory.count(lengths);
  }

  /** Visits all elements, in no order. */
  public void forEach(ElementVisitor visitor) {
    for (int index = 0; index < directory.length(); index = directory.next(index)) {
      parts.visit(directory.at(index), visitor);
    }
  }

  /** As {@link #scan(long, int, ElementVisitor)}, a few elements. */
  public long scan(long position, ElementVisitor visitor) {
    return scan(position, SCAN_STEP, visitor);
  }

  /**
   * Visits some elements from a position on; 0 is the beginning.
   *
   * @param wanted how many, about: it may be none, it may be twice as many
   * @return the position to go on with, 0 at the end. Positions stay true while the table changes:
   *     an element that is there all the time is visited exactly once.
   */
  public long scan(long position, int wanted, ElementVisitor visitor) {
    if (position < 0 || position >= TAGS) {
      return 0;
    }
    int inLeaf = directory.leaf(position << TAG_BITS);
    byte[] a = nodes.array(inLeaf);
    int at = nodes.offset(inLeaf);
    int elements = HashLeaf.count(a, at);
    int depth = HashLeaf.depth(a, at);
    int steps = elements / Math.max(1, wanted);
    int stepBits = Integer.SIZE - Integer.numberOfLeadingZeros(steps);
    long width = TAGS >>> Math.min(TAG_BITS, depth + stepBits);
    long end = (position & -width) + width;
    if (steps == 0 && (position & (width - 1)) == 0) {
      parts.visit(inLeaf, visitor);
    } else {
      for (int i = 0; i < elements; i++) {
        int e = HashLeaf.element(a, at, i);
        long tag = tag(a, e);
        if (tag >= position && tag < end) {
          parts.visitElement(a, e, visitor);
        }
      }
    }
    return end == TAGS ? 0 : end;
  }

  /**
   * Begins a snapshot: shows the visitor each element that is there now once, as it is now. A leaf
   * is shown when {@link #snapshotStep} comes to it, or before it changes for the first time,
   * whatever changes it. One snapshot at a time, which is to be brought to its end.
   */
  public void beginSnapshot(ElementVisitor visitor) {
    snapshot.begin(visitor);
  }

  /** Whether it takes long to go over all elements, so that it has to be done in pieces. */
  public boolean isManyNodes() {
    return count >= MANY_ELEMENTS;
  }

  /** Whether there is a snapshot that has not ended. */
  public boolean hasSnapshot() {
    return snapshot.isOpen();
  }

  /** Shows the elements of the next leaf; false: all were shown and the snapshot has ended. */
  public boolean snapshotStep() {
    return snapshot.step(released);
  }

  @Override
  public int release(int nodesMax) {
    int given = 0;
    while (given < nodesMax && released < directory.length()) {
      int old = directory.at(released);
      snapshot.show(old);
      released = directory.next(released);
      given += parts.release(old);
    }
    if (given < nodesMax && !isReleased) {
      nodes.countHeapBytes(-heapBytes());
      isReleased = true;
    }
    return Math.min(given, nodesMax);
  }

  @Override
  public HashTable copyTo(NodeStore target) {
    HashTable copy = new HashTable(this, target);
    int index = 0;
    while (index < directory.length()) {
      int copied = copy.parts.copyLeaf(nodes, directory.at(index));
      int next = directory.next(index);
      copy.directory.fill(index, next, copied);
      index = next;
    }
    return copy;
  }
}
