package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;

/**
 * The layout of a {@link SortedTree}'s nodes.
 *
 * <pre>
 *    0  u16  number of entries
 *    2  u16  bytes of all members
 *    4  u8   level: 0 is a leaf, 1 has leaves as children ...
 *    6  u16  bytes of room of the node, this header included
 *    8  u32  the leaf before, the leaf behind (leaves only)
 *   16       entries in order: score f64, distance u16 of the member from the end of the room;
 *            above the leaves also child u32 and number u32 of elements below it
 *            free
 *            members in any order, up to the end of the room
 *
 *   0xxxxxxx                   bytes     member of up to 127 bytes
 *   1xxxxxxx xxxxxxxx          bytes     member of up to {@link #INLINE_MAX} bytes
 *   11111111 11111111 u32 u32            length, and the node that is the member
 * </pre>
 *
 * Little-endian but for the two bytes of a length. An entry above the leaves is a child and what
 * separates it from the child before: less than or equal to all below it, greater than all before.
 * What the first entry of a node says of that is ignored.
 */
final class SortedNodeFormat {
  static final int COUNT = 0;
  static final int HEAP = 2;
  static final int LEVEL = 4;
  static final int ROOM = 6;
  static final int PREVIOUS = 8;
  static final int NEXT = 12;
  static final int HEADER_BYTES = 16;

  static final int DISTANCE = 8;
  static final int CHILD = 10;
  static final int UNDER = 14;
  static final int LEAF_SLOT_BYTES = 10;
  static final int INNER_SLOT_BYTES = 18;

  /** A longer member lies in a node of its own. */
  static final int INLINE_MAX = 1024;

  static final int LONG_MARK = 0xffff;
  static final int LONG_LENGTH = 2;
  static final int LONG_NODE = 6;
  private static final int LONG_BYTES = 10;

  private SortedNodeFormat() {}

  static int slotBytes(byte[] a, int at) {
    return a[at + LEVEL] == 0 ? LEAF_SLOT_BYTES : INNER_SLOT_BYTES;
  }

  /** Where an entry begins. */
  static int slot(byte[] a, int at, int i) {
    return at + HEADER_BYTES + i * slotBytes(a, at);
  }

  /** Bytes in use. */
  static int usedBytes(byte[] a, int at) {
    return HEADER_BYTES
        + Bytes.getShort(a, at + COUNT) * slotBytes(a, at)
        + Bytes.getShort(a, at + HEAP);
  }

  static double score(byte[] a, int slot) {
    return Double.longBitsToDouble(Bytes.getLong(a, slot));
  }

  /** Where the member of an entry begins. */
  static int memberAt(byte[] a, int at, int slot) {
    return at + Bytes.getShort(a, at + ROOM) - Bytes.getShort(a, slot + DISTANCE);
  }

  /** Whether a member lies in a node of its own. */
  static boolean isLong(byte[] a, int p) {
    return a[p] < 0 && Bytes.getShort(a, p) == LONG_MARK;
  }

  /** Bytes of a member in its node. */
  static int encodedBytes(byte[] a, int p) {
    int length = a[p];
    if (length >= 0) {
      return length + 1;
    }
    return isLong(a, p) ? LONG_BYTES : ((length & 0x7f) << 8 | (a[p + 1] & 0xff)) + 2;
  }

  /** Bytes that a member of a length takes in its node. */
  static int encodedBytes(int length) {
    return length < 128 ? length + 1 : length <= INLINE_MAX ? length + 2 : LONG_BYTES;
  }
}
