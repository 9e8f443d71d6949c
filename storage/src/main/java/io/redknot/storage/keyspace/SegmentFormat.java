package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;

/**
 * A segment of a slot's hash table, and the {@code long} that names it.
 *
 * <pre>
 *    0  u8   {@value EntryFormat#SEGMENT_KIND}
 *    1  u8   depth: how many upper bits of the tag all keys of the segment share
 *    2  u8   0
 *    3  u8   size class of the block
 *    4  i32  cells used
 *    8  i32  slot, as the shard counts slots
 *   12  i32  the shared bits
 *   16       cells of 8 bytes: tag (28 bits) | ref (36 bits); 0 is empty
 *
 *   name = 0 (12 bits) | depth (8) | size class (8) | ref (36)
 * </pre>
 *
 * <p>Little-endian. The cells are sorted by tag, each at or behind its home, with no empty cell
 * between home and cell. The last cells are nobody's home: they take what overflows.
 */
final class SegmentFormat {
  /** Bits of a key's tag: the upper bits of its hash. */
  static final int TAG_BITS = 28;

  static final long TAG_MASK = (1L << TAG_BITS) - 1;
  static final long REF_MASK = (1L << PageArena.REF_BITS) - 1;
  static final int DEPTH = 1;
  static final int USED = 4;
  static final int SLOT = 8;
  static final int PREFIX = 12;
  static final int HEADER_BYTES = 16;

  /** A larger segment splits. */
  static final int BYTES_MAX = 32 * 1024;

  static final int CLASS_MIN = classFor(4);
  static final int CLASS_MAX = PageArena.classOf(BYTES_MAX);

  /**
   * Larger segments grow by a quarter of the power of two below their size, smaller ones by half:
   * where slots have few keys each, segments of many sizes would be spread over as many runs, none
   * of which is full.
   */
  private static final int SMALL_BYTES_MAX = 256;

  private static final int OVERFLOW_CELLS_MAX = 64;
  private static final int CLASS_SHIFT = PageArena.REF_BITS;
  private static final int DEPTH_SHIFT = CLASS_SHIFT + 8;

  private static final int[] CELLS = new int[CLASS_MAX + 1];
  private static final int[] HOMES = new int[CLASS_MAX + 1];

  static {
    for (int i = CLASS_MIN; i <= CLASS_MAX; i++) {
      CELLS[i] = (PageArena.classBytes(i) - HEADER_BYTES) / Long.BYTES;
      HOMES[i] = CELLS[i] - Math.min(OVERFLOW_CELLS_MAX, 2 + CELLS[i] / 16);
    }
  }

  private SegmentFormat() {}

  /** The class of a segment with at least that many cells. */
  static int classFor(int cells) {
    return PageArena.classOf(HEADER_BYTES + Math.max(4, cells) * Long.BYTES);
  }

  static long name(long ref, int sizeClass, int depth) {
    return ref | (long) sizeClass << CLASS_SHIFT | (long) depth << DEPTH_SHIFT;
  }

  static long ref(long segment) {
    return segment & REF_MASK;
  }

  static int sizeClass(long segment) {
    return (int) (segment >>> CLASS_SHIFT) & 0xff;
  }

  static int depth(long segment) {
    return (int) (segment >>> DEPTH_SHIFT) & 0xff;
  }

  /** The class that a segment of one grows to when it is full. */
  static int larger(int sizeClass) {
    int bytes = PageArena.classBytes(sizeClass);
    int more = bytes <= SMALL_BYTES_MAX ? bytes / 2 : Integer.highestOneBit(bytes) / 4;
    return PageArena.classOf(bytes + more);
  }

  /** Number of cells of a class's segments. */
  static int cells(int sizeClass) {
    return CELLS[sizeClass];
  }

  /** Number of cells that are the home of some tag. */
  static int homes(long segment) {
    return HOMES[sizeClass(segment)];
  }

  /** Cells that a class's segments take before they grow; the smallest are filled up. */
  static int cellsUsedMax(int sizeClass) {
    int cells = CELLS[sizeClass];
    return sizeClass == CLASS_MIN ? cells : cells - (cells >> 3);
  }

  /** First byte of the first cell. */
  static int cellsAt(long segment) {
    return PageArena.offset(ref(segment)) + HEADER_BYTES;
  }

  /** The byte behind the last cell. */
  static int cellsEnd(long segment) {
    return cellsAt(segment) + CELLS[sizeClass(segment)] * Long.BYTES;
  }

  /** First byte of the cell where the search for a tag begins. */
  static int homeAt(long segment, long tag) {
    long scaled = (tag << depth(segment)) & TAG_MASK;
    return cellsAt(segment)
        + (int) ((scaled * HOMES[sizeClass(segment)]) >>> TAG_BITS) * Long.BYTES;
  }

  static long cell(long tag, long ref) {
    return tag << PageArena.REF_BITS | ref;
  }

  static long tagOf(long cell) {
    return cell >>> PageArena.REF_BITS;
  }

  static long refOf(long cell) {
    return cell & REF_MASK;
  }

  static int used(byte[] page, long segment) {
    return Bytes.getInt(page, PageArena.offset(ref(segment)) + USED);
  }

  static void used(byte[] page, long segment, int cells) {
    Bytes.putInt(page, PageArena.offset(ref(segment)) + USED, cells);
  }
}
