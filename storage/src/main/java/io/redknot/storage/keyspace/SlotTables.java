package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * A hash table per slot: from a key's tag to its entry's reference.
 *
 * <pre>
 *   cell     = tag (28 bits, the upper bits of the key's hash) | ref (36 bits); 0 is empty
 *   segment  = u8 kind, u8 depth, u16 0, i32 cells used, i32 slot, u32 0, then the cells
 *   root     = 0: no key | depth (8) class (8) ref (36): one segment | bit 63: a directory's index
 * </pre>
 *
 * <p>The cells of a segment are sorted by tag, each at or behind its home (linear probing without
 * wrap-around; home = tag scaled to the number of homes). So a look-up ends at the first greater
 * tag, growing is one sequential pass that touches no entry, and "all tags below T are visited" is
 * a cursor that stays true however the table changes. A segment that would exceed {@value
 * #SEGMENT_BYTES_MAX} bytes splits by the next bit of the tag, behind a directory (extendible
 * hashing), so that the longest pause of growing is that of one segment.
 */
final class SlotTables {
  static final int TAG_BITS = 28;
  static final long TAG_MASK = (1L << TAG_BITS) - 1;
  private static final long REF_MASK = (1L << PageArena.REF_BITS) - 1;

  private static final int SEGMENT_BYTES_MAX = 32 * 1024;
  private static final int SEGMENT_DEPTH = 1;
  private static final int SEGMENT_USED = 4;
  static final int SEGMENT_SLOT = 8;
  private static final int SEGMENT_HEADER_BYTES = 16;

  private static final int CLASS_SHIFT = PageArena.REF_BITS;
  private static final int DEPTH_SHIFT = CLASS_SHIFT + 8;
  private static final long DIRECTORY = Long.MIN_VALUE;
  private static final int CLASS_MIN = PageArena.classOf(SEGMENT_HEADER_BYTES + 4 * Long.BYTES);
  private static final int CLASS_MAX = PageArena.classOf(SEGMENT_BYTES_MAX);
  private static final int CLASS_STEP = 2;
  private static final int GROUP_LOG2 = 6;
  private static final int GROUP_SLOTS = 1 << GROUP_LOG2;

  /** Per size class: cells, and those of them that are homes; the rest takes what overflows. */
  private static final int[] CELLS = new int[CLASS_MAX + 1];

  private static final int[] HOMES = new int[CLASS_MAX + 1];

  static {
    for (int i = CLASS_MIN; i <= CLASS_MAX; i++) {
      CELLS[i] = (PageArena.classBytes(i) - SEGMENT_HEADER_BYTES) / Long.BYTES;
      HOMES[i] = CELLS[i] - Math.min(64, 2 + CELLS[i] / 16);
    }
  }

  private final PageArena arena;
  private final long[] roots;
  private final int[] counts;

  /** Keys in each {@value #GROUP_SLOTS} neighbouring slots: finds a slot of many quickly. */
  private final int[] groupCounts;

  private long[][] directories = new long[0][];
  private long directoryBytes;

  /** Page and byte of the cell that the last successful look-up found. */
  private byte[] cellPage = {};

  private int cellAt;
  private long cellSegment;
  private final EntryMatcher moved;

  SlotTables(PageArena arena, int slots) {
    this.arena = arena;
    this.roots = new long[slots];
    this.counts = new int[slots];
    this.groupCounts = new int[(slots + GROUP_SLOTS - 1) >>> GROUP_LOG2];
    this.moved = new EntryMatcher(arena, new LargeObjects());
  }

  /** Keys in a slot. */
  int count(int slot) {
    return counts[slot];
  }

  private void count(int slot, int change) {
    counts[slot] += change;
    groupCounts[slot >>> GROUP_LOG2] += change;
  }

  /** Number of slots. */
  int slots() {
    return roots.length;
  }

  /** The first slot from the given one on that has keys; -1: none. */
  int nextUsed(int from) {
    int slot = from;
    while (slot < counts.length) {
      if ((slot & (GROUP_SLOTS - 1)) == 0 && groupCounts[slot >>> GROUP_LOG2] == 0) {
        slot += GROUP_SLOTS;
      } else if (counts[slot] == 0) {
        slot++;
      } else {
        return slot;
      }
    }
    return -1;
  }

  /** The slot of the key with that rank, in the order of the slots; the rank is below the size. */
  int slotOfRank(long rank) {
    long left = rank;
    int group = 0;
    while (left >= groupCounts[group]) {
      left -= groupCounts[group++];
    }
    int slot = group << GROUP_LOG2;
    while (left >= counts[slot]) {
      left -= counts[slot++];
    }
    return slot;
  }

  private long segmentFor(int slot, long tag) {
    long root = roots[slot];
    if (root >= 0) {
      return root;
    }
    long[] directory = directories[(int) root];
    return directory[indexIn(directory, tag)];
  }

  private static int indexIn(long[] directory, long tag) {
    return (int) (tag >>> (TAG_BITS - log2(directory.length)));
  }

  private static int log2(int powerOfTwo) {
    return Integer.numberOfTrailingZeros(powerOfTwo);
  }

  private static int classOf(long segment) {
    return (int) (segment >>> CLASS_SHIFT) & 0xff;
  }

  private static int depthOf(long segment) {
    return (int) (segment >>> DEPTH_SHIFT) & 0xff;
  }

  private static int homeOf(long segment, long tag) {
    long scaled = (tag << depthOf(segment)) & TAG_MASK;
    return (int) ((scaled * HOMES[classOf(segment)]) >>> TAG_BITS);
  }

  /**
   * Finds the entry of a key among those with its tag.
   *
   * @return the entry's reference, 0 where there is none; after success, as after {@link #insert},
   *     {@link #replaceFound} and {@link #removeFound} act on it until the table changes
   */
  long find(int slot, long tag, EntryMatcher matcher) {
    long segment = segmentFor(slot, tag);
    if (segment == 0) {
      return 0;
    }
    long ref = segment & REF_MASK;
    byte[] page = arena.page(ref);
    int cells = PageArena.offset(ref) + SEGMENT_HEADER_BYTES;
    int at = cells + homeOf(segment, tag) * Long.BYTES;
    int end = cells + CELLS[classOf(segment)] * Long.BYTES;
    for (; at < end; at += Long.BYTES) {
      long cell = Bytes.getLong(page, at);
      long cellTag = cell >>> PageArena.REF_BITS;
      if (cellTag >= tag) {
        if (cellTag > tag) {
          return 0;
        }
        if (matcher.matches(cell & REF_MASK)) {
          cellPage = page;
          cellAt = at;
          cellSegment = segment;
          return cell & REF_MASK;
        }
      } else if (cell == 0) {
        return 0;
      }
    }
    return 0;
  }

  /** Points the cell that was found to another block. */
  void replaceFound(long ref) {
    long cell = Bytes.getLong(cellPage, cellAt);
    Bytes.putLong(cellPage, cellAt, (cell & ~REF_MASK) | ref);
  }

  /** Removes the cell that was found. */
  void removeFound(int slot) {
    long segment = cellSegment;
    byte[] page = cellPage;
    int base = PageArena.offset(segment & REF_MASK);
    int cells = base + SEGMENT_HEADER_BYTES;
    int end = cells + CELLS[classOf(segment)] * Long.BYTES;
    long tag = Bytes.getLong(page, cellAt) >>> PageArena.REF_BITS;
    int next = cellAt + Long.BYTES;
    while (next < end) {
      long cell = Bytes.getLong(page, next);
      if (cell == 0 || cells + homeOf(segment, cell >>> PageArena.REF_BITS) * Long.BYTES == next) {
        break;
      }
      next += Long.BYTES;
    }
    System.arraycopy(page, cellAt + Long.BYTES, page, cellAt, next - cellAt - Long.BYTES);
    Bytes.putLong(page, next - Long.BYTES, 0);
    int used = Bytes.getInt(page, base + SEGMENT_USED) - 1;
    Bytes.putInt(page, base + SEGMENT_USED, used);
    count(slot, -1);
    if (counts[slot] == 0) {
      clear(slot);
    } else if (used < CELLS[classOf(segment)] / 4 && classOf(segment) > CLASS_MIN) {
      rebuild(slot, tag, segment, classFor(used + used / 2 + 2));
    }
  }

  private static int classFor(int cells) {
    return Math.max(CLASS_MIN, PageArena.classOf(SEGMENT_HEADER_BYTES + cells * Long.BYTES));
  }

  /** Adds an entry whose key is not there yet. */
  void insert(int slot, long tag, long ref) {
    if (roots[slot] == 0) {
      roots[slot] = newSegment(slot, CLASS_MIN, 0);
    }
    while (!tryInsert(segmentFor(slot, tag), tag, ref)) {
      grow(slot, tag);
    }
    count(slot, 1);
  }

  private boolean tryInsert(long segment, long tag, long ref) {
    long block = segment & REF_MASK;
    byte[] page = arena.page(block);
    int base = PageArena.offset(block);
    int capacity = CELLS[classOf(segment)];
    int used = Bytes.getInt(page, base + SEGMENT_USED);
    if (used >= capacity - (capacity >> 3) && capacity > CELLS[CLASS_MIN]) {
      return false;
    }
    int cells = base + SEGMENT_HEADER_BYTES;
    int end = cells + capacity * Long.BYTES;
    int at = cells + homeOf(segment, tag) * Long.BYTES;
    long cell = 0;
    while (at < end
        && (cell = Bytes.getLong(page, at)) != 0
        && cell >>> PageArena.REF_BITS <= tag) {
      at += Long.BYTES;
    }
    int free = at;
    while (free < end && Bytes.getLong(page, free) != 0) {
      free += Long.BYTES;
    }
    if (free >= end) {
      return false;
    }
    System.arraycopy(page, at, page, at + Long.BYTES, free - at);
    Bytes.putLong(page, at, tag << PageArena.REF_BITS | ref);
    Bytes.putInt(page, base + SEGMENT_USED, used + 1);
    cellPage = page;
    cellAt = at;
    cellSegment = segment;
    return true;
  }

  private long newSegment(int slot, int sizeClass, int depth) {
    long ref = arena.allocate(sizeClass);
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    Arrays.fill(page, at, at + PageArena.classBytes(sizeClass), (byte) 0);
    page[at] = (byte) EntryFormat.SEGMENT_KIND;
    page[at + SEGMENT_DEPTH] = (byte) depth;
    page[at + EntryFormat.SIZE_CLASS] = (byte) sizeClass;
    Bytes.putInt(page, at + SEGMENT_SLOT, slot);
    return ref | (long) sizeClass << CLASS_SHIFT | (long) depth << DEPTH_SHIFT;
  }

  private void grow(int slot, long tag) {
    long segment = segmentFor(slot, tag);
    int next = classOf(segment) + CLASS_STEP;
    if (next <= CLASS_MAX) {
      rebuild(slot, tag, segment, next);
    } else {
      split(slot, tag, segment);
    }
  }

  /** Copies a segment into one of another class; larger than asked where it would overflow. */
  private void rebuild(int slot, long tag, long segment, int wantedClass) {
    int sizeClass = wantedClass;
    while (true) {
      long copy = newSegment(slot, sizeClass, depthOf(segment));
      if (copyCells(segment, copy, 0, 0)) {
        replaceSegment(slot, tag, copy);
        free(segment);
        return;
      }
      free(copy);
      sizeClass++;
      if (sizeClass > CLASS_MAX) {
        split(slot, tag, segment);
        return;
      }
    }
  }

  private void free(long segment) {
    arena.free(segment & REF_MASK, classOf(segment));
  }

  /** Copies the cells whose tag has the given bits under the mask; false: no room. */
  private boolean copyCells(long from, long to, long maskBits, long bits) {
    byte[] source = arena.page(from & REF_MASK);
    int sourceAt = PageArena.offset(from & REF_MASK) + SEGMENT_HEADER_BYTES;
    int sourceEnd = sourceAt + CELLS[classOf(from)] * Long.BYTES;
    byte[] target = arena.page(to & REF_MASK);
    int base = PageArena.offset(to & REF_MASK);
    int next = 0;
    int used = 0;
    for (int at = sourceAt; at < sourceEnd; at += Long.BYTES) {
      long cell = Bytes.getLong(source, at);
      long tag = cell >>> PageArena.REF_BITS;
      if (cell == 0 || (tag & maskBits) != bits) {
        continue;
      }
      int position = Math.max(next, homeOf(to, tag));
      if (position >= CELLS[classOf(to)]) {
        return false;
      }
      Bytes.putLong(target, base + SEGMENT_HEADER_BYTES + position * Long.BYTES, cell);
      next = position + 1;
      used++;
    }
    Bytes.putInt(target, base + SEGMENT_USED, used);
    return true;
  }

  private void split(int slot, long tag, long segment) {
    int depth = depthOf(segment);
    if (depth >= TAG_BITS - 1) {
      throw new IllegalStateException("too many keys of one tag in slot " + slot);
    }
    ensureDirectory(slot, depth + 1);
    long bit = 1L << (TAG_BITS - 1 - depth);
    long low = splitHalf(slot, segment, bit, 0);
    long high = splitHalf(slot, segment, bit, bit);
    replaceSegment(slot, tag & ~bit, low);
    replaceSegment(slot, tag | bit, high);
    free(segment);
  }

  private long splitHalf(int slot, long segment, long bit, long bits) {
    int sizeClass = CLASS_MAX - 4;
    while (true) {
      long half = newSegment(slot, sizeClass, depthOf(segment) + 1);
      if (copyCells(segment, half, bit, bits)) {
        return half;
      }
      free(half);
      if (++sizeClass > CLASS_MAX) {
        throw new IllegalStateException("the tags of slot " + slot + " do not spread");
      }
    }
  }

  private void ensureDirectory(int slot, int depth) {
    long root = roots[slot];
    if (root >= 0) {
      int index = freeDirectory();
      directories[index] = new long[] {root, root};
      directoryBytes += 2 * Long.BYTES;
      roots[slot] = DIRECTORY | index;
      root = roots[slot];
    }
    long[] directory = directories[(int) root];
    if (log2(directory.length) < depth) {
      long[] doubled = new long[directory.length * 2];
      for (int i = 0; i < doubled.length; i++) {
        doubled[i] = directory[i / 2];
      }
      directories[(int) root] = doubled;
      directoryBytes += (long) directory.length * Long.BYTES;
    }
  }

  private int freeDirectory() {
    for (int i = 0; i < directories.length; i++) {
      if (directories[i].length == 0) {
        return i;
      }
    }
    int old = directories.length;
    directories = Arrays.copyOf(directories, Math.max(4, old * 2));
    Arrays.fill(directories, old, directories.length, new long[0]);
    return old;
  }

  /** Puts a segment into every place of the directory that its depth and tag cover. */
  private void replaceSegment(int slot, long tag, long segment) {
    long root = roots[slot];
    if (root >= 0) {
      roots[slot] = segment;
      return;
    }
    long[] directory = directories[(int) root];
    int spread = log2(directory.length) - depthOf(segment);
    int first = (indexIn(directory, tag) >>> spread) << spread;
    Arrays.fill(directory, first, first + (1 << spread), segment);
  }

  private void clear(int slot) {
    long root = roots[slot];
    if (root >= 0) {
      free(root);
    } else {
      long[] directory = directories[(int) root];
      for (int i = 0;
          i < directory.length;
          i += 1 << (log2(directory.length) - depthOf(directory[i]))) {
        free(directory[i]);
      }
      directories[(int) root] = new long[0];
      directoryBytes -= (long) directory.length * Long.BYTES;
    }
    roots[slot] = 0;
  }

  /** Follows a segment that was moved to another block. */
  void segmentMoved(long from, long to) {
    byte[] page = arena.page(to);
    int at = PageArena.offset(to);
    int slot = Bytes.getInt(page, at + SEGMENT_SLOT);
    long root = roots[slot];
    if (root >= 0) {
      roots[slot] = (root & ~REF_MASK) | to;
      return;
    }
    long[] directory = directories[(int) root];
    for (int i = 0; i < directory.length; i++) {
      if ((directory[i] & REF_MASK) == from) {
        directory[i] = (directory[i] & ~REF_MASK) | to;
      }
    }
  }

  /** Points the cell with that tag and block to another block. */
  void entryMoved(int slot, long tag, long from, long to) {
    if (find(slot, tag, moved.block(from)) == 0) {
      throw new IllegalStateException("an entry is not in its table");
    }
    replaceFound(to);
  }

  /**
   * Visits the entries of a slot by ascending tag, from a tag on, until the visitor says no; the
   * remaining entries of the tag at which it did are visited all the same.
   *
   * @return the tag to go on with, or -1 at the slot's end
   */
  long visit(int slot, long fromTag, LongPredicate visitor) {
    long tag = fromTag;
    boolean enough = false;
    while (tag <= TAG_MASK && roots[slot] != 0) {
      long segment = segmentFor(slot, tag);
      long block = segment & REF_MASK;
      byte[] page = arena.page(block);
      int cells = PageArena.offset(block) + SEGMENT_HEADER_BYTES;
      int end = cells + CELLS[classOf(segment)] * Long.BYTES;
      long last = -1;
      for (int at = cells + homeOf(segment, tag) * Long.BYTES; at < end; at += Long.BYTES) {
        long cell = Bytes.getLong(page, at);
        long cellTag = cell >>> PageArena.REF_BITS;
        if (cell == 0 || cellTag < tag) {
          continue;
        }
        if (enough && cellTag != last) {
          return cellTag;
        }
        last = cellTag;
        enough |= !visitor.test(cell & REF_MASK);
      }
      tag = ((tag >>> (TAG_BITS - depthOf(segment))) + 1) << (TAG_BITS - depthOf(segment));
      if (enough && tag <= TAG_MASK) {
        return tag;
      }
    }
    return -1;
  }

  /** A uniformly drawn entry of a slot that has some. */
  long random(int slot, java.util.random.RandomGenerator random) {
    long root = roots[slot];
    while (true) {
      long segment = root;
      if (root < 0) {
        long[] directory = directories[(int) root];
        int index = random.nextInt(directory.length);
        segment = directory[index];
        int spread = log2(directory.length) - depthOf(segment);
        if ((index & ((1 << spread) - 1)) != 0) {
          continue;
        }
      }
      int cell = random.nextInt(root < 0 ? CELLS[CLASS_MAX] : CELLS[classOf(segment)]);
      if (cell < CELLS[classOf(segment)]) {
        long block = segment & REF_MASK;
        int at = PageArena.offset(block) + SEGMENT_HEADER_BYTES + cell * Long.BYTES;
        long found = Bytes.getLong(arena.page(block), at);
        if (found != 0) {
          return found & REF_MASK;
        }
      }
    }
  }

  /** Bytes of the arrays outside the arena. */
  long overheadBytes() {
    long tables = (long) roots.length * Long.BYTES + (long) counts.length * Integer.BYTES;
    return tables + directoryBytes;
  }
}
