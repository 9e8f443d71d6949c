package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * A leaf of a {@link HashTable}: elements one behind the other without gaps, and cells that lead to
 * them.
 *
 * <pre>
 *   0  u16  elements
 *   2  u16  cells, a multiple of 8
 *   4  u16  bytes of the elements
 *   6  u8   depth: how many upper bits of the hash all elements share
 *   7  u8   1: elements may lie outside
 *   8       cells in groups of 8: low bytes of the hashes of their elements,
 *           u16 each where the elements begin, relative to the first one
 *           elements
 *
 *   element = head | key | value length | value
 *   head    = 0k------ or 1k------ flags; with k one more byte in front of the flags
 *             ------ and that byte: key length, its low 6 bits first
 *   value length = 7 bits, or 1------- and a byte: low 7 bits first
 *   element outside = 10000000 | flags | u32 node | u32 upper half of the hash
 *   node            = u32 key length | u32 value length | key | value
 * </pre>
 *
 * <p>Little-endian. Flags: {@link #OUTSIDE}; the rest is kept free, for what an element may need
 * beside its value, such as an expiry of its own.
 *
 * <p>A low byte and the place that goes with it are of one group, so that mostly one cache line has
 * both; the element is another.
 *
 * <p>Verbs take the array, the first byte of the leaf in it, and a cell. An element's place is its
 * first byte in the array.
 */
final class HashLeaf {
  static final int HEADER_BYTES = 8;

  /** The flag of an element whose key and value lie in a node of their own. */
  static final int OUTSIDE = 1;

  /** Bytes in the leaf of such an element. */
  static final int OUTSIDE_BYTES = 10;

  /** A longer element lies outside. */
  static final int ELEMENT_BYTES_MAX = 1024;

  /** Cells are added in groups: as many low bytes of hashes as are compared at once. */
  static final int CELLS_STEP = 8;

  /** Bytes before the key in a node outside. */
  static final int NODE_HEADER_BYTES = 8;

  private static final int CELLS = 2;
  private static final int ELEMENT_BYTES = 4;
  private static final int DEPTH = 6;
  private static final int HAS_OUTSIDE = 7;
  private static final int CELL_BYTES = 3;
  private static final int GROUP_BYTES = CELL_BYTES * CELLS_STEP;
  private static final int FLAGGED = 0x80;
  private static final int LONG_KEY = 0x40;
  private static final int SHORT_KEY_BITS = 6;
  private static final int SHORT_KEY_MASK = (1 << SHORT_KEY_BITS) - 1;
  private static final int SHORT_VALUE_BITS = 7;
  private static final int SHORT_VALUE_MASK = (1 << SHORT_VALUE_BITS) - 1;
  private static final int OUTSIDE_NODE = 2;
  private static final int OUTSIDE_TAG = 6;
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private HashLeaf() {}

  /** Bytes of a leaf. */
  static int bytes(int cells, int elementBytes) {
    return HEADER_BYTES + CELL_BYTES * cells + elementBytes;
  }

  /** Cells for that many elements. */
  static int cellsFor(int count) {
    return Math.max(CELLS_STEP, (count + CELLS_STEP - 1) & -CELLS_STEP);
  }

  /** Writes a leaf without elements. */
  static void clear(byte[] a, int at, int cells, int depth) {
    Bytes.putLong(a, at, 0);
    Bytes.putShort(a, at + CELLS, cells);
    a[at + DEPTH] = (byte) depth;
  }

  static int count(byte[] a, int at) {
    return Bytes.getShort(a, at);
  }

  static int cells(byte[] a, int at) {
    return Bytes.getShort(a, at + CELLS);
  }

  static int elementBytes(byte[] a, int at) {
    return Bytes.getShort(a, at + ELEMENT_BYTES);
  }

  static int depth(byte[] a, int at) {
    return a[at + DEPTH];
  }

  /** Whether there may be elements outside. */
  static boolean hasOutside(byte[] a, int at) {
    return a[at + HAS_OUTSIDE] != 0;
  }

  /**
   * The first cell, from the given one on, whose element's hash may have that low byte; -1: none.
   */
  static int next(byte[] a, int at, int lowByte, int from) {
    int count = count(a, at);
    long pattern = lowByte * LOW_BITS;
    int groupAt = at + HEADER_BYTES + CELL_BYTES * (from & -CELLS_STEP);
    for (int group = from & -CELLS_STEP; group < count; group += CELLS_STEP) {
      long differences = Bytes.getLong(a, groupAt) ^ pattern;
      groupAt += GROUP_BYTES;
      // A high bit for each byte that is zero, and maybe for those above it.
      long zeros = (differences - LOW_BITS) & ~differences & HIGH_BITS;
      if (group < from) {
        zeros &= -1L << ((from - group) * Byte.SIZE);
      }
      if (zeros != 0) {
        int cell = group + (Long.numberOfTrailingZeros(zeros) >>> 3);
        return cell < count ? cell : -1;
      }
    }
    return -1;
  }

  static int lowByte(byte[] a, int at, int cell) {
    return a[lowByteAt(at, cell)] & 0xff;
  }

  private static int groupAt(int at, int cell) {
    return at + HEADER_BYTES + CELL_BYTES * (cell & -CELLS_STEP);
  }

  private static int lowByteAt(int at, int cell) {
    return groupAt(at, cell) + (cell & (CELLS_STEP - 1));
  }

  private static int startAt(int at, int cell) {
    return groupAt(at, cell) + CELLS_STEP + (cell & (CELLS_STEP - 1)) * Short.BYTES;
  }

  /** Place of a cell's element. */
  static int element(byte[] a, int at, int cell) {
    int start = Bytes.getShort(a, startAt(at, cell));
    return at + HEADER_BYTES + CELL_BYTES * cells(a, at) + start;
  }

  static boolean isOutside(byte[] a, int e) {
    return a[e] == (byte) FLAGGED && (a[e + 1] & OUTSIDE) != 0;
  }

  static int outsideNode(byte[] a, int e) {
    return Bytes.getInt(a, e + OUTSIDE_NODE);
  }

  static void outsideNode(byte[] a, int e, int node) {
    Bytes.putInt(a, e + OUTSIDE_NODE, node);
  }

  /** The upper half of the hash of an element outside. */
  static long outsideTag(byte[] a, int e) {
    return Bytes.getInt(a, e + OUTSIDE_TAG) & 0xffffffffL;
  }

  static int keyLength(byte[] a, int e) {
    int head = a[e];
    int low = head & SHORT_KEY_MASK;
    return (head & LONG_KEY) == 0 ? low : low | (a[e + 1] & 0xff) << SHORT_KEY_BITS;
  }

  static int keyAt(byte[] a, int e) {
    int head = a[e];
    return e + 1 + (head >>> SHORT_KEY_BITS & 1) + (head >>> SHORT_VALUE_BITS & 1);
  }

  /** The length of the value whose length is written there. */
  static int valueLength(byte[] a, int lengthAt) {
    int low = a[lengthAt];
    return low >= 0 ? low : (low & SHORT_VALUE_MASK) | (a[lengthAt + 1] & 0xff) << SHORT_VALUE_BITS;
  }

  /** First byte of the value whose length is written there. */
  static int valueAt(byte[] a, int lengthAt) {
    return lengthAt + (a[lengthAt] >= 0 ? 1 : 2);
  }

  /** Bytes of a value together with its length. */
  static int valueBytes(int length) {
    return length + (length <= SHORT_VALUE_MASK ? 1 : 2);
  }

  /** Bytes of an element in the leaf; more than {@link #ELEMENT_BYTES_MAX}: it goes outside. */
  static long bytesOf(int keyLength, int valueLength) {
    int keyHead = keyLength <= SHORT_KEY_MASK ? 1 : 2;
    int valueHead = valueLength <= SHORT_VALUE_MASK ? 1 : 2;
    return (long) keyHead + keyLength + valueHead + valueLength;
  }

  /** Bytes in the leaf of the element at a place. */
  static int bytesAt(byte[] a, int e) {
    if (isOutside(a, e)) {
      return OUTSIDE_BYTES;
    }
    int lengthAt = keyAt(a, e) + keyLength(a, e);
    return valueAt(a, lengthAt) + valueLength(a, lengthAt) - e;
  }

  /** Moves to more cells; there must be room. */
  static void widen(byte[] a, int at, int cells) {
    int cellsEnd = at + HEADER_BYTES + CELL_BYTES * cells(a, at);
    int newEnd = at + HEADER_BYTES + CELL_BYTES * cells;
    System.arraycopy(a, cellsEnd, a, newEnd, elementBytes(a, at));
    Bytes.putShort(a, at + CELLS, cells);
  }

  /**
   * Adds a cell for an element, whose bytes the caller then writes. There must be a free cell and
   * room for the bytes.
   *
   * @return the element's place
   */
  static int add(byte[] a, int at, int lowByte, int bytes) {
    int count = count(a, at);
    int start = elementBytes(a, at);
    a[lowByteAt(at, count)] = (byte) lowByte;
    Bytes.putShort(a, startAt(at, count), start);
    Bytes.putShort(a, at, count + 1);
    Bytes.putShort(a, at + ELEMENT_BYTES, start + bytes);
    return at + HEADER_BYTES + CELL_BYTES * cells(a, at) + start;
  }

  /** Adds a copy of a cell of another leaf. */
  static void addFrom(byte[] a, int at, byte[] from, int fromAt, int cell) {
    int e = element(from, fromAt, cell);
    int bytes = bytesAt(from, e);
    int to = add(a, at, lowByte(from, fromAt, cell), bytes);
    System.arraycopy(from, e, a, to, bytes);
    a[at + HAS_OUTSIDE] |= from[fromAt + HAS_OUTSIDE];
  }

  /** Writes an element that lies in the leaf. */
  static void write(
      byte[] a, int e, byte[] key, int offset, int length, byte[] value, int from, int n) {
    int to = e + 1;
    if (length <= SHORT_KEY_MASK) {
      a[e] = (byte) length;
    } else {
      a[e] = (byte) (LONG_KEY | (length & SHORT_KEY_MASK));
      a[to++] = (byte) (length >>> SHORT_KEY_BITS);
    }
    System.arraycopy(key, offset, a, to, length);
    writeValue(a, to + length, value, from, n);
  }

  /** Writes a value and in front of it its length. */
  static void writeValue(byte[] a, int lengthAt, byte[] value, int from, int n) {
    int to = lengthAt + 1;
    if (n <= SHORT_VALUE_MASK) {
      a[lengthAt] = (byte) n;
    } else {
      a[lengthAt] = (byte) (~SHORT_VALUE_MASK | n);
      a[to++] = (byte) (n >>> SHORT_VALUE_BITS);
    }
    System.arraycopy(value, from, a, to, n);
  }

  /** Writes where an element outside lies. */
  static void writeOutside(byte[] a, int at, int e, int node, long hash) {
    a[e] = (byte) FLAGGED;
    a[e + 1] = OUTSIDE;
    Bytes.putInt(a, e + OUTSIDE_NODE, node);
    Bytes.putInt(a, e + OUTSIDE_TAG, (int) (hash >>> Integer.SIZE));
    a[at + HAS_OUTSIDE] = 1;
  }

  /** Makes an element longer or shorter from one of its bytes on; there must be room. */
  static void stretch(byte[] a, int at, int cell, int behind, int difference) {
    int first = at + HEADER_BYTES + CELL_BYTES * cells(a, at);
    int end = first + elementBytes(a, at);
    System.arraycopy(a, behind, a, behind + difference, end - behind);
    Bytes.putShort(a, at + ELEMENT_BYTES, end - first + difference);
    int start = Bytes.getShort(a, startAt(at, cell));
    for (int i = count(a, at) - 1; i >= 0; i--) {
      int other = Bytes.getShort(a, startAt(at, i));
      if (other > start) {
        Bytes.putShort(a, startAt(at, i), other + difference);
      }
    }
  }

  /** Removes a cell and its element; the last cell takes its place. */
  static void remove(byte[] a, int at, int cell) {
    int e = element(a, at, cell);
    int bytes = bytesAt(a, e);
    stretch(a, at, cell, e + bytes, -bytes);
    int last = count(a, at) - 1;
    a[lowByteAt(at, cell)] = a[lowByteAt(at, last)];
    Bytes.putShort(a, startAt(at, cell), Bytes.getShort(a, startAt(at, last)));
    Bytes.putShort(a, at, last);
  }
}
