package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;
import java.util.Arrays;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;

/**
 * A hash table per slot: from a key's tag to its entry's reference.
 *
 * <pre>
 *   root = 0: no key | the name of one segment, see {@link SegmentFormat} | bit 63: a directory
 *   directory = names of segments, by the upper bits of the tag; a power of two of them
 * </pre>
 *
 * <p>The cells of a segment are sorted by tag (linear probing without wrap-around; home = tag
 * scaled to the number of homes). So a look-up ends at the first greater tag, growing is one
 * sequential pass that touches no entry, and "all tags below T are visited" is a cursor that stays
 * true however the table changes. A segment that would exceed {@value SegmentFormat#BYTES_MAX}
 * bytes splits by the next bit of the tag (extendible hashing), so that the longest pause of
 * growing is that of one segment; two sparse halves merge again.
 */
final class SlotTables {
  private static final long DIRECTORY = Long.MIN_VALUE;

  /** A half of a full segment fills a segment of this class as one that has just grown. */
  private static final int CLASS_OF_HALF = SegmentFormat.CLASS_MAX - 6;

  /** While keys are expected, a segment grows to at most about four times its size. */
  private static final int CLASS_STEP_EXPECTING = 12;

  private static final int MERGED_CELLS_MAX = SegmentFormat.cells(SegmentFormat.CLASS_MAX) / 4;
  private static final int GROUP_LOG2 = 7;
  private static final long[] NONE = {};

  private final PageArena arena;
  private final long[] roots;
  private final int[] counts;

  /** Keys in groups of slots: to find the slot of a rank in few steps. */
  private final long[] groups;

  private long[][] directories = new long[0][];
  private long directoryBytes;

  /** The class that the segments of most slots are going to have. */
  private int expectedClass;

  /** Page and byte of the cell that the last successful look-up found. */
  private byte[] cellPage = {};

  private int cellAt;
  private long cellSegment;

  SlotTables(PageArena arena, int slots) {
    this.arena = arena;
    this.roots = new long[slots];
    this.counts = new int[slots];
    this.groups = new long[(slots >> GROUP_LOG2) + 1];
  }

  /** Has tables grow in fewer steps until there are so many keys in all slots; 0: as always. */
  void expect(long keys) {
    long inSlot = keys / counts.length;
    long spread = (long) Math.sqrt((double) inSlot);
    long cells = Math.min(inSlot + inSlot / 7 + spread, SegmentFormat.cells(CLASS_OF_HALF));
    expectedClass = inSlot == 0 ? 0 : SegmentFormat.classFor((int) cells);
  }

  /** Keys in a slot. */
  int count(int slot) {
    return counts[slot];
  }

  /** Number of slots. */
  int slots() {
    return roots.length;
  }

  /** The segment that holds a tag; 0 where the slot is empty. */
  long segmentFor(int slot, long tag) {
    long root = roots[slot];
    if (root >= 0) {
      return root;
    }
    long[] directory = directories[(int) root];
    return directory[indexIn(directory, tag)];
  }

  private static int indexIn(long[] directory, long tag) {
    return (int) (tag >>> (SegmentFormat.TAG_BITS - log2(directory.length)));
  }

  private static int log2(int powerOfTwo) {
    return Integer.numberOfTrailingZeros(powerOfTwo);
  }

  private byte[] pageOf(long segment) {
    return arena.page(SegmentFormat.ref(segment));
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
    byte[] page = pageOf(segment);
    int end = SegmentFormat.cellsEnd(segment);
    for (int at = SegmentFormat.homeAt(segment, tag); at < end; at += Long.BYTES) {
      long cell = Bytes.getLong(page, at);
      long cellTag = SegmentFormat.tagOf(cell);
      if (cell == 0 || cellTag > tag) {
        return 0;
      }
      if (cellTag == tag && matcher.matches(SegmentFormat.refOf(cell))) {
        cellPage = page;
        cellAt = at;
        cellSegment = segment;
        return SegmentFormat.refOf(cell);
      }
    }
    return 0;
  }

  /** Reads the cells where the search for a tag begins, for what that brings to the caches. */
  long approach(int slot, long tag) {
    long segment = segmentFor(slot, tag);
    if (segment == 0) {
      return 0;
    }
    byte[] page = pageOf(segment);
    return SegmentFormat.used(page, segment)
        + Bytes.getLong(page, SegmentFormat.homeAt(segment, tag));
  }

  private long foundCell(long ref) {
    long cell = Bytes.getLong(cellPage, cellAt);
    if (SegmentFormat.refOf(cell) != ref) {
      throw new IllegalStateException("the entry is not the one that was looked up last");
    }
    return cell;
  }

  /** Points the cell that was found to another block. */
  void replaceFound(long before, long now) {
    long cell = foundCell(before);
    Bytes.putLong(cellPage, cellAt, SegmentFormat.cell(SegmentFormat.tagOf(cell), now));
  }

  /** Removes the cell that was found. */
  void removeFound(int slot, long ref) {
    long segment = cellSegment;
    byte[] page = cellPage;
    long tag = SegmentFormat.tagOf(foundCell(ref));
    int next = cellAt + Long.BYTES;
    int end = SegmentFormat.cellsEnd(segment);
    while (next < end) {
      long cell = Bytes.getLong(page, next);
      if (cell == 0 || SegmentFormat.homeAt(segment, SegmentFormat.tagOf(cell)) == next) {
        break;
      }
      next += Long.BYTES;
    }
    System.arraycopy(page, cellAt + Long.BYTES, page, cellAt, next - cellAt - Long.BYTES);
    Bytes.putLong(page, next - Long.BYTES, 0);
    int used = SegmentFormat.used(page, segment) - 1;
    SegmentFormat.used(page, segment, used);
    counts[slot]--;
    groups[slot >> GROUP_LOG2]--;
    if (counts[slot] == 0) {
      clear(slot);
    } else if (isTimeToShrink(used, SegmentFormat.cells(SegmentFormat.sizeClass(segment)) / 4)) {
      shrink(slot, tag, segment, used);
    }
  }

  /** When it is sparse, and seldom then: keys that go in order leave what fits into no smaller. */
  private static boolean isTimeToShrink(int used, int sparse) {
    return used == sparse - 1 || (used < sparse && (used & (used - 1)) == 0);
  }

  private void shrink(int slot, long tag, long segment, int used) {
    boolean done = SegmentFormat.depth(segment) > 0 && merge(slot, tag, segment, used);
    if (done) {
      halveDirectory(slot);
    }
    for (int i = classFor(used); !done && i < SegmentFormat.sizeClass(segment); i++) {
      done = rebuiltAs(i, slot, tag, segment);
    }
  }

  /** The class for that many used cells and half as many to come. */
  private static int classFor(int used) {
    return SegmentFormat.classFor(used + used / 2 + 2);
  }

  /** Adds an entry whose key is not there yet. */
  void insert(int slot, long tag, long ref) {
    if (roots[slot] == 0) {
      roots[slot] = newSegment(slot, tag, SegmentFormat.CLASS_MIN, 0);
    }
    while (!tryInsert(segmentFor(slot, tag), tag, ref)) {
      grow(slot, tag);
    }
    counts[slot]++;
    groups[slot >> GROUP_LOG2]++;
  }

  private boolean tryInsert(long segment, long tag, long ref) {
    byte[] page = pageOf(segment);
    int used = SegmentFormat.used(page, segment);
    if (used >= SegmentFormat.cellsUsedMax(SegmentFormat.sizeClass(segment))) {
      return false;
    }
    int end = SegmentFormat.cellsEnd(segment);
    int at = SegmentFormat.homeAt(segment, tag);
    while (at < end) {
      long cell = Bytes.getLong(page, at);
      if (cell == 0 || SegmentFormat.tagOf(cell) > tag) {
        break;
      }
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
    Bytes.putLong(page, at, SegmentFormat.cell(tag, ref));
    SegmentFormat.used(page, segment, used + 1);
    cellPage = page;
    cellAt = at;
    cellSegment = segment;
    return true;
  }

  private long newSegment(int slot, long tag, int sizeClass, int depth) {
    long ref = arena.allocate(sizeClass);
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    Arrays.fill(page, at, at + PageArena.classBytes(sizeClass), (byte) 0);
    page[at] = (byte) EntryFormat.SEGMENT_KIND;
    page[at + SegmentFormat.DEPTH] = (byte) depth;
    page[at + EntryFormat.SIZE_CLASS] = (byte) sizeClass;
    Bytes.putInt(page, at + SegmentFormat.SLOT, slot);
    Bytes.putInt(page, at + SegmentFormat.PREFIX, (int) (tag >>> (SegmentFormat.TAG_BITS - depth)));
    return SegmentFormat.name(ref, sizeClass, depth);
  }

  private void grow(int slot, long tag) {
    long segment = segmentFor(slot, tag);
    int sizeClass = SegmentFormat.sizeClass(segment);
    int ahead = Math.min(expectedClass, sizeClass + CLASS_STEP_EXPECTING);
    int next = Math.max(SegmentFormat.larger(sizeClass), ahead);
    for (int i = next; i <= SegmentFormat.CLASS_MAX; i++) {
      if (rebuiltAs(i, slot, tag, segment)) {
        return;
      }
    }
    split(slot, tag, segment);
  }

  /** Copies a segment into one of another class, which takes its place; false: it has no room. */
  private boolean rebuiltAs(int sizeClass, int slot, long tag, long segment) {
    long copy = newSegment(slot, tag, sizeClass, SegmentFormat.depth(segment));
    if (!copyCells(segment, copy, 0, 0)) {
      free(copy);
      return false;
    }
    replaceSegment(slot, tag, copy);
    free(segment);
    return true;
  }

  private void free(long segment) {
    arena.free(SegmentFormat.ref(segment), SegmentFormat.sizeClass(segment));
  }

  /**
   * Copies the cells whose tag has the given bits under the mask behind those that the target has;
   * false: no room.
   */
  private boolean copyCells(long from, long to, long maskBits, long bits) {
    byte[] source = pageOf(from);
    int sourceEnd = SegmentFormat.cellsEnd(from);
    byte[] target = pageOf(to);
    int targetEnd = SegmentFormat.cellsEnd(to);
    int used = SegmentFormat.used(target, to);
    int next = used == 0 ? 0 : behindLast(target, to);
    for (int at = SegmentFormat.cellsAt(from); at < sourceEnd; at += Long.BYTES) {
      long cell = Bytes.getLong(source, at);
      long tag = SegmentFormat.tagOf(cell);
      if (cell == 0 || (tag & maskBits) != bits) {
        continue;
      }
      int position = Math.max(next, SegmentFormat.homeAt(to, tag));
      if (position >= targetEnd) {
        return false;
      }
      Bytes.putLong(target, position, cell);
      next = position + Long.BYTES;
      used++;
    }
    SegmentFormat.used(target, to, used);
    return true;
  }

  private static int behindLast(byte[] page, long segment) {
    int at = SegmentFormat.cellsEnd(segment);
    while (Bytes.getLong(page, at - Long.BYTES) == 0) {
      at -= Long.BYTES;
    }
    return at;
  }

  private void split(int slot, long tag, long segment) {
    int depth = SegmentFormat.depth(segment) + 1;
    if (depth >= SegmentFormat.TAG_BITS) {
      throw new IllegalStateException("too many keys of one tag in slot " + slot);
    }
    ensureDirectory(slot, depth);
    long bit = 1L << (SegmentFormat.TAG_BITS - depth);
    long low = splitHalf(slot, tag & ~bit, segment);
    long high = splitHalf(slot, tag | bit, segment);
    replaceSegment(slot, tag & ~bit, low);
    replaceSegment(slot, tag | bit, high);
    free(segment);
  }

  private long splitHalf(int slot, long tag, long segment) {
    int depth = SegmentFormat.depth(segment) + 1;
    long bit = 1L << (SegmentFormat.TAG_BITS - depth);
    for (int i = CLASS_OF_HALF; i <= SegmentFormat.CLASS_MAX; i++) {
      long half = newSegment(slot, tag, i, depth);
      if (copyCells(segment, half, bit, tag & bit)) {
        return half;
      }
      free(half);
    }
    throw new IllegalStateException("the tags of slot " + slot + " do not spread");
  }

  /** Puts a sparse segment and the other half of its tags together; false: it stays as it is. */
  private boolean merge(int slot, long tag, long segment, int used) {
    int depth = SegmentFormat.depth(segment);
    long bit = 1L << (SegmentFormat.TAG_BITS - depth);
    long other = segmentFor(slot, tag ^ bit);
    int together = used + SegmentFormat.used(pageOf(other), other);
    if (SegmentFormat.depth(other) != depth || together > MERGED_CELLS_MAX) {
      return false;
    }
    long low = (tag & bit) == 0 ? segment : other;
    long high = low == segment ? other : segment;
    for (int i = classFor(together); i <= SegmentFormat.CLASS_MAX; i++) {
      long merged = newSegment(slot, tag, i, depth - 1);
      if (copyCells(low, merged, 0, 0) && copyCells(high, merged, 0, 0)) {
        replaceSegment(slot, tag, merged);
        free(low);
        free(high);
        return true;
      }
      free(merged);
    }
    return false;
  }

  private void ensureDirectory(int slot, int depth) {
    long root = roots[slot];
    if (root >= 0) {
      int index = freeDirectory();
      setDirectory(index, new long[] {root, root});
      roots[slot] = DIRECTORY | index;
      return;
    }
    long[] directory = directories[(int) root];
    if (log2(directory.length) < depth) {
      long[] doubled = new long[directory.length * 2];
      for (int i = 0; i < doubled.length; i++) {
        doubled[i] = directory[i / 2];
      }
      setDirectory((int) root, doubled);
    }
  }

  private void halveDirectory(int slot) {
    int index = (int) roots[slot];
    long[] directory = directories[index];
    while (directory.length > 1 && !isFullDepth(directory)) {
      long[] half = new long[directory.length / 2];
      for (int i = 0; i < half.length; i++) {
        half[i] = directory[2 * i];
      }
      directory = half;
    }
    if (directory.length == 1) {
      roots[slot] = directory[0];
      setDirectory(index, NONE);
    } else {
      setDirectory(index, directory);
    }
  }

  private static boolean isFullDepth(long[] directory) {
    int depth = log2(directory.length);
    for (long segment : directory) {
      if (SegmentFormat.depth(segment) == depth) {
        return true;
      }
    }
    return false;
  }

  private void setDirectory(int index, long[] directory) {
    directoryBytes += (long) (directory.length - directories[index].length) * Long.BYTES;
    directories[index] = directory;
  }

  private int freeDirectory() {
    for (int i = 0; i < directories.length; i++) {
      if (directories[i].length == 0) {
        return i;
      }
    }
    int old = directories.length;
    directories = Arrays.copyOf(directories, Math.max(4, old * 2));
    Arrays.fill(directories, old, directories.length, NONE);
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
    int spread = log2(directory.length) - SegmentFormat.depth(segment);
    int first = (indexIn(directory, tag) >>> spread) << spread;
    Arrays.fill(directory, first, first + (1 << spread), segment);
  }

  private void clear(int slot) {
    long root = roots[slot];
    if (root >= 0) {
      free(root);
    } else {
      long[] directory = directories[(int) root];
      int log2 = log2(directory.length);
      for (int i = 0; i < directory.length; i += 1 << (log2 - SegmentFormat.depth(directory[i]))) {
        free(directory[i]);
      }
      setDirectory((int) root, NONE);
    }
    roots[slot] = 0;
  }

  /** Follows a segment that was copied to another block. */
  void segmentMoved(long to) {
    byte[] page = arena.page(to);
    int at = PageArena.offset(to);
    int slot = Bytes.getInt(page, at + SegmentFormat.SLOT);
    int depth = page[at + SegmentFormat.DEPTH];
    long prefix = Bytes.getInt(page, at + SegmentFormat.PREFIX);
    long segment = SegmentFormat.name(to, EntryFormat.sizeClass(page, at), depth);
    replaceSegment(slot, prefix << (SegmentFormat.TAG_BITS - depth), segment);
  }

  /** Points the cell with that tag and block to another block. */
  void entryMoved(int slot, long tag, long from, long to) {
    long segment = segmentFor(slot, tag);
    byte[] page = pageOf(segment);
    int end = segment == 0 ? 0 : SegmentFormat.cellsEnd(segment);
    long wanted = SegmentFormat.cell(tag, from);
    for (int at = SegmentFormat.homeAt(segment, tag); at < end; at += Long.BYTES) {
      if (Bytes.getLong(page, at) == wanted) {
        Bytes.putLong(page, at, SegmentFormat.cell(tag, to));
        return;
      }
    }
    throw new IllegalStateException("an entry is not in its table");
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
    while (tag <= SegmentFormat.TAG_MASK && roots[slot] != 0) {
      long segment = segmentFor(slot, tag);
      byte[] page = pageOf(segment);
      int end = SegmentFormat.cellsEnd(segment);
      long last = -1;
      for (int at = SegmentFormat.homeAt(segment, tag); at < end; at += Long.BYTES) {
        long cell = Bytes.getLong(page, at);
        long cellTag = SegmentFormat.tagOf(cell);
        if (cell == 0 || cellTag < tag) {
          continue;
        }
        if (enough && cellTag != last) {
          return cellTag;
        }
        last = cellTag;
        enough |= !visitor.test(SegmentFormat.refOf(cell));
      }
      int ownBits = SegmentFormat.TAG_BITS - SegmentFormat.depth(segment);
      tag = ((tag >>> ownBits) + 1) << ownBits;
      if (enough && tag <= SegmentFormat.TAG_MASK) {
        return tag;
      }
    }
    return -1;
  }

  /** The first slot from the given one on that has keys; -1: none. */
  int nextUsed(int from) {
    int slot = from;
    while (slot < counts.length) {
      if ((slot & ((1 << GROUP_LOG2) - 1)) == 0 && groups[slot >> GROUP_LOG2] == 0) {
        slot += 1 << GROUP_LOG2;
      } else if (counts[slot] == 0) {
        slot++;
      } else {
        return slot;
      }
    }
    return -1;
  }

  /**
   * The slot of the key with that rank, 0 to the number of keys less 1, when slots are in order.
   */
  int slotOfRank(long rank) {
    long left = rank;
    int group = 0;
    while (left >= groups[group]) {
      left -= groups[group++];
    }
    int slot = group << GROUP_LOG2;
    while (left >= counts[slot]) {
      left -= counts[slot++];
    }
    return slot;
  }

  /** A uniformly drawn entry of a slot that has some: cells are drawn until one is used. */
  long random(int slot, RandomGenerator random) {
    long root = roots[slot];
    if (root >= 0) {
      int cells = SegmentFormat.cells(SegmentFormat.sizeClass(root));
      while (true) {
        long ref = refAt(root, random.nextInt(cells));
        if (ref != 0) {
          return ref;
        }
      }
    }
    long[] directory = directories[(int) root];
    int cellsMax = SegmentFormat.cells(SegmentFormat.CLASS_MAX);
    while (true) {
      int index = random.nextInt(directory.length);
      long segment = directory[index];
      int cell = random.nextInt(cellsMax);
      int spread = log2(directory.length) - SegmentFormat.depth(segment);
      // A segment at several places counts at the first only; a cell it has not is a miss.
      if ((index & ((1 << spread) - 1)) == 0
          && cell < SegmentFormat.cells(SegmentFormat.sizeClass(segment))) {
        long ref = refAt(segment, cell);
        if (ref != 0) {
          return ref;
        }
      }
    }
  }

  private long refAt(long segment, int cell) {
    int at = SegmentFormat.cellsAt(segment) + cell * Long.BYTES;
    return SegmentFormat.refOf(Bytes.getLong(pageOf(segment), at));
  }

  /** Bytes of the arrays outside the arena. */
  long overheadBytes() {
    return (long) roots.length * (Long.BYTES + Integer.BYTES) + directoryBytes;
  }
}
