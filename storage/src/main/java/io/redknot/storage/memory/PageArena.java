package io.redknot.storage.memory;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Hands out blocks of bytes inside {@code byte[]} pages.
 *
 * <pre>
 *   ref   = page index (19 bits) | granule of 8 bytes within the page (17 bits); 0 is no block
 *   page  = up to 64 units of 16 KiB; as long as there is little, pages are smaller: the first one
 *           an array of its own, others parts of the arrays of a {@link PagePool}, whose units are
 *           numbered within the array
 *   run   = 1 to 64 contiguous units, cut into blocks of one size class
 * </pre>
 *
 * <p>Invariants: a run is in its class's list exactly while it has a free block and is open; a run
 * without used blocks is given back to its page at once; a page without used units is dropped, save
 * one. A run is closed while it is being evacuated, or its page is: then it hands out no block.
 */
public final class PageArena {
  /** Bits of a reference. */
  public static final int REF_BITS = 36;

  /** Largest block in bytes. */
  public static final int BLOCK_BYTES_MAX = SizeClasses.BLOCK_BYTES_MAX;

  private static final int GRANULE_LOG2 = 3;
  private static final int GRANULES_LOG2 = 17;
  private static final int GRANULE_MASK = (1 << GRANULES_LOG2) - 1;
  private static final int UNIT_LOG2 = 14;
  private static final int UNIT_GRANULES_LOG2 = UNIT_LOG2 - GRANULE_LOG2;
  static final int UNITS_PER_PAGE = 64;
  static final long ALL_UNITS = -1;
  private static final int FIRST_PAGE_UNITS = 2;

  /** A page has as many where that is no more than a quarter of what there is. */
  private static final int PAGE_UNITS_USUAL = 8;

  /** A page that is added has about one part in so many of the bytes that there are: the waste. */
  private static final int GROWTH = 32;

  private static final int PAGES_MAX = 1 << (REF_BITS - GRANULES_LOG2);
  private static final byte[] NO_PAGE = {};

  /** Size of a full page's array. */
  static final int PAGE_BYTES = UNITS_PER_PAGE * SizeClasses.UNIT_BYTES;

  private final PagePool pool;
  private byte[][] pages = {NO_PAGE};

  /** The units of a page's array that are the page's, a bit each. */
  private long[] ownUnits = {0};

  /** Those of them that are free. */
  private long[] freeUnits = {0};

  private int pageCount = 1;
  private int lowestFree = 1;
  private int emptyPages;
  private long freeUnitCount;

  /** The page that is being evacuated; 0: none. */
  private int drained;

  /** No page is worth evacuating while fewer units are free: the last one won nothing. */
  private long drainUnitsMin;

  private long pageBytes;
  private long usedBytes;

  /** Per size class: first run with a free block, or -1. */
  private final int[] partial = new int[SizeClasses.COUNT];

  private final int[] freeBlocks = new int[SizeClasses.COUNT];
  private final RunTable runs = new RunTable();

  /**
   * Makes an arena without pages.
   *
   * @param pool gives the pages, also those of other arenas
   */
  public PageArena(PagePool pool) {
    this.pool = pool;
    Arrays.fill(partial, -1);
  }

  /** Bytes of all blocks handed out, rounded up to their classes. */
  public long usedBytes() {
    return usedBytes;
  }

  /** Bytes of all pages: what the blocks, used and free, occupy. */
  public long pageBytes() {
    return pageBytes;
  }

  /** The page that a block lies in. */
  public byte[] page(long ref) {
    return pages[(int) (ref >>> GRANULES_LOG2)];
  }

  /** A block's first byte in its page. */
  public static int offset(long ref) {
    return ((int) ref & GRANULE_MASK) << GRANULE_LOG2;
  }

  /** Index of the size class for that many bytes; at most 255. */
  public static int classOf(int bytes) {
    return SizeClasses.classOf(bytes);
  }

  /** Size in bytes of a class's blocks. */
  public static int classBytes(int sizeClass) {
    return SizeClasses.blockBytes(sizeClass);
  }

  private static int unitOf(long ref) {
    return (int) (ref >>> UNIT_GRANULES_LOG2);
  }

  private static long refOf(int unit, int byteInRun) {
    return ((long) unit << UNIT_GRANULES_LOG2) + (byteInRun >>> GRANULE_LOG2);
  }

  /**
   * Hands out a block of a class; its content is whatever was there.
   *
   * @return the block's reference, never 0
   * @throws OutOfMemoryError where the heap has no room for a page
   */
  public long allocate(int sizeClass) {
    int run = partial[sizeClass];
    if (run < 0) {
      run = newRun(sizeClass);
    }
    int blockBytes = SizeClasses.blockBytes(sizeClass);
    int at = runs.freeHead[run];
    long ref;
    if (at >= 0) {
      ref = refOf(run, at);
      runs.freeHead[run] = Bytes.getInt(page(ref), offset(ref));
    } else {
      ref = refOf(run, runs.fresh[run] * blockBytes);
      runs.fresh[run]++;
    }
    runs.used[run]++;
    freeBlocks[sizeClass]--;
    usedBytes += blockBytes;
    if (runs.used[run] == SizeClasses.blocks(sizeClass)) {
      unlink(run, sizeClass);
    }
    return ref;
  }

  /** Takes a block back. */
  public void free(long ref, int sizeClass) {
    int unit = unitOf(ref);
    int run = unit - runs.unitsBefore[unit];
    int blockBytes = SizeClasses.blockBytes(sizeClass);
    usedBytes -= blockBytes;
    Bytes.putInt(page(ref), offset(ref), runs.freeHead[run]);
    runs.freeHead[run] = (int) (ref - refOf(run, 0)) << GRANULE_LOG2;
    boolean wasFull = runs.used[run] == SizeClasses.blocks(sizeClass);
    runs.used[run]--;
    freeBlocks[sizeClass]++;
    if (runs.used[run] == 0) {
      releaseRun(run, sizeClass, wasFull);
    } else if (wasFull && !runs.closed[run]) {
      link(run, sizeClass);
    }
  }

  private void link(int run, int sizeClass) {
    int head = partial[sizeClass];
    runs.next[run] = head;
    runs.previous[run] = -1;
    if (head >= 0) {
      runs.previous[head] = run;
    }
    partial[sizeClass] = run;
  }

  private void unlink(int run, int sizeClass) {
    if (runs.closed[run]) {
      return;
    }
    int next = runs.next[run];
    int previous = runs.previous[run];
    if (previous >= 0) {
      runs.next[previous] = next;
    } else {
      partial[sizeClass] = next;
    }
    if (next >= 0) {
      runs.previous[next] = previous;
    }
  }

  private int newRun(int sizeClass) {
    int units = SizeClasses.units(sizeClass);
    int run = findUnits(units);
    runs.open(run, units, sizeClass);
    freeBlocks[sizeClass] += SizeClasses.blocks(sizeClass);
    link(run, sizeClass);
    return run;
  }

  private void releaseRun(int run, int sizeClass, boolean unlinked) {
    if (!unlinked) {
      unlink(run, sizeClass);
    }
    freeBlocks[sizeClass] -= SizeClasses.blocks(sizeClass);
    runs.closed[run] = false;
    runs.sizeClass[run] = -1;
    int page = run >>> 6;
    int units = SizeClasses.units(sizeClass);
    freeUnits[page] |= mask(units) << (run & 63);
    freeUnitCount += units;
    lowestFree = Math.min(lowestFree, page);
    if (isEmpty(page)) {
      pageEmptied(page);
    }
  }

  private boolean isEmpty(int page) {
    return freeUnits[page] == ownUnits[page];
  }

  private int unitsIn(int page) {
    return Long.bitCount(ownUnits[page]);
  }

  private void pageEmptied(int page) {
    if (page == drained) {
      drained = 0;
    }
    if (emptyPages == 0) {
      emptyPages++;
      return;
    }
    int units = unitsIn(page);
    freeUnitCount -= units;
    pageBytes -= (long) units << UNIT_LOG2;
    pool.giveBack(pages[page], ownUnits[page]);
    pages[page] = NO_PAGE;
    ownUnits[page] = 0;
    freeUnits[page] = 0;
  }

  static long mask(int units) {
    return units == UNITS_PER_PAGE ? ALL_UNITS : (1L << units) - 1;
  }

  /** Takes contiguous free units, in the lowest page that has them. */
  private int findUnits(int units) {
    for (int page = lowestFree; page < pageCount; page++) {
      int start = page == drained ? -1 : contiguous(freeUnits[page], units);
      if (start >= 0) {
        return takeUnits(page, start, units);
      }
      if (page == lowestFree && freeUnits[page] == 0) {
        lowestFree++;
      }
    }
    int page = newPage(units);
    return takeUnits(page, Long.numberOfTrailingZeros(ownUnits[page]), units);
  }

  private int takeUnits(int page, int start, int units) {
    if (isEmpty(page)) {
      emptyPages--;
    }
    freeUnits[page] &= ~(mask(units) << start);
    freeUnitCount -= units;
    return (page << 6) + start;
  }

  /** Lowest position at which that many bits are set one after the other; -1: nowhere. */
  static int contiguous(long bits, int wanted) {
    int have = 1;
    long starts = bits;
    while (have < wanted && starts != 0) {
      int shift = Math.min(have, wanted - have);
      starts &= starts >>> shift;
      have += shift;
    }
    return starts == 0 ? -1 : Long.numberOfTrailingZeros(starts);
  }

  private int newPage(int unitsWanted) {
    int runs = Math.ceilDiv(unitsToGrow(), unitsWanted);
    int wanted = Math.min(runs * unitsWanted, UNITS_PER_PAGE);
    int page = pageIndex();
    PagePool.Part taken = pageBytes == 0 ? PagePool.alone(wanted) : pool.take(wanted, unitsWanted);
    int units = taken.units();
    pages[page] = taken.array();
    ownUnits[page] = mask(units) << taken.unit();
    freeUnits[page] = ownUnits[page];
    pageBytes += (long) units << UNIT_LOG2;
    freeUnitCount += units;
    emptyPages++;
    if (drained != 0) {
      drainUnitsMin = freeUnitCount + UNITS_PER_PAGE;
    }
    lowestFree = Math.min(lowestFree, page);
    return page;
  }

  /** What is noted of a small page takes as much as of the largest. */
  private int unitsToGrow() {
    if (pageBytes == 0) {
      return FIRST_PAGE_UNITS;
    }
    long units = pageBytes >> UNIT_LOG2;
    long usual = Math.clamp(units / 4, PagePool.PIECE_UNITS_MIN, PAGE_UNITS_USUAL);
    return (int) Math.clamp(units / GROWTH, usual, UNITS_PER_PAGE);
  }

  private int pageIndex() {
    if (pageCount < pages.length) {
      return pageCount++;
    }
    for (int i = 1; i < pageCount; i++) {
      if (pages[i].length == 0) {
        return i;
      }
    }
    if (pageCount >= PAGES_MAX) {
      throw new OutOfMemoryError("an arena has no page left");
    }
    int capacity = Math.min(PAGES_MAX, pages.length + Math.max(4, pages.length / 4));
    int old = pages.length;
    pages = Arrays.copyOf(pages, capacity);
    Arrays.fill(pages, old, capacity, NO_PAGE);
    ownUnits = Arrays.copyOf(ownUnits, capacity);
    freeUnits = Arrays.copyOf(freeUnits, capacity);
    runs.resize(capacity << 6);
    return pageCount++;
  }

  /** Free blocks of a class in its runs, in bytes: what evacuation could win. */
  private long freeBytes(int sizeClass) {
    return (long) freeBlocks[sizeClass] * SizeClasses.blockBytes(sizeClass);
  }

  /** Bytes in free blocks and free units: what {@link #evacuate} reduces. */
  public long fragmentedBytes() {
    long bytes = freeUnitCount * SizeClasses.UNIT_BYTES;
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      bytes += freeBytes(i);
    }
    return bytes;
  }

  /**
   * Empties one run: a sparse one, so that its units become free, or else one of a sparse page, so
   * that the page can be given back. The visitor gets each of the run's used blocks and must move
   * it (allocate a block of the same class, copy, change every reference, free the old one).
   *
   * @param minimumFreeBytes runs are left alone while all free blocks are fewer bytes than this,
   *     and pages while all free units are
   * @return bytes of blocks moved; 0: nothing is worth moving
   */
  public int evacuate(long minimumFreeBytes, LongConsumer mover) {
    int run = runToEvacuate(minimumFreeBytes);
    if (run < 0) {
      return 0;
    }
    int sizeClass = runs.sizeClass[run];
    close(run);
    int moved = runs.used[run];
    for (long ref : usedBlocks(run, sizeClass)) {
      mover.accept(ref);
    }
    if (runs.sizeClass[run] == sizeClass && runs.closed[run]) {
      throw new IllegalStateException("a block was not moved");
    }
    return moved * SizeClasses.blockBytes(sizeClass);
  }

  private int runToEvacuate(long minimumFreeBytes) {
    if (drained == 0) {
      int sizeClass = worstClass(minimumFreeBytes);
      if (sizeClass >= 0) {
        return sparsestRun(sizeClass);
      }
      drained = pageToDrain(minimumFreeBytes);
      if (drained == 0) {
        return -1;
      }
      forEachRun(drained, this::close);
    }
    return drained << 6 | Long.numberOfTrailingZeros(usedUnits(drained));
  }

  private long usedUnits(int page) {
    return ownUnits[page] & ~freeUnits[page];
  }

  private void forEachRun(int page, IntConsumer visitor) {
    long used = usedUnits(page);
    while (used != 0) {
      int first = Long.numberOfTrailingZeros(used);
      int run = page << 6 | first;
      used &= ~(mask(SizeClasses.units(runs.sizeClass[run])) << first);
      visitor.accept(run);
    }
  }

  private void close(int run) {
    int sizeClass = runs.sizeClass[run];
    if (runs.used[run] < SizeClasses.blocks(sizeClass)) {
      unlink(run, sizeClass);
    }
    runs.closed[run] = true;
  }

  /**
   * The page with the most free units, if what it holds fits in those of the others; 0: none. That
   * it fits piece by piece is not certain; where a new page was needed, evacuating pages rests.
   */
  private int pageToDrain(long minimumFreeBytes) {
    if (freeUnitCount < drainUnitsMin) {
      return 0;
    }
    drainUnitsMin = 0;
    long freeElsewhere = freeUnitCount;
    int best = 0;
    for (int page = 1; page < pageCount; page++) {
      if (isEmpty(page)) { // the reserve, or no page
        freeElsewhere -= unitsIn(page);
      } else if (best == 0 || Long.bitCount(freeUnits[page]) > Long.bitCount(freeUnits[best])) {
        best = page;
      }
    }
    freeElsewhere -= Long.bitCount(freeUnits[best]);
    boolean worth = freeElsewhere * SizeClasses.UNIT_BYTES > minimumFreeBytes;
    return worth && freeElsewhere / 2 > Long.bitCount(usedUnits(best)) ? best : 0;
  }

  /** The class with the most free bytes, if it can do with a run less and keep some room; or -1. */
  private int worstClass(long minimumFreeBytes) {
    int worst = -1;
    long most = 0;
    long total = 0;
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      int blocks = SizeClasses.blocks(i);
      total += freeBytes(i);
      if (freeBytes(i) > most && freeBlocks[i] > blocks + blocks / 4) {
        most = freeBytes(i);
        worst = i;
      }
    }
    return total > minimumFreeBytes ? worst : -1;
  }

  /** Looks at a bounded number of runs: a sparse one is enough. */
  private int sparsestRun(int sizeClass) {
    int best = partial[sizeClass];
    int run = best;
    for (int i = 0; i < 64 && run >= 0; i++) {
      if (runs.used[run] < runs.used[best]) {
        best = run;
      }
      run = runs.next[run];
    }
    return best;
  }

  private long[] usedBlocks(int run, int sizeClass) {
    int blockBytes = SizeClasses.blockBytes(sizeClass);
    boolean[] isFree = new boolean[runs.fresh[run]];
    int at = runs.freeHead[run];
    while (at >= 0) {
      isFree[at / blockBytes] = true;
      long ref = refOf(run, at);
      at = Bytes.getInt(page(ref), offset(ref));
    }
    long[] used = new long[runs.used[run]];
    int count = 0;
    for (int i = 0; i < isFree.length; i++) {
      if (!isFree[i]) {
        used[count++] = refOf(run, i * blockBytes);
      }
    }
    return used;
  }

  /** What is known of each run, in parallel arrays by the run's first unit. */
  private static final class RunTable {
    /** Distance of a unit to its run's first unit. */
    private byte[] unitsBefore = new byte[UNITS_PER_PAGE];

    private byte[] sizeClass = new byte[UNITS_PER_PAGE];
    private boolean[] closed = new boolean[UNITS_PER_PAGE];
    private short[] used = new short[UNITS_PER_PAGE];

    /** Blocks never handed out start at this index. */
    private short[] fresh = new short[UNITS_PER_PAGE];

    /** First byte in the run of the first free block; free blocks are linked; -1 ends. */
    private int[] freeHead = new int[UNITS_PER_PAGE];

    private int[] next = new int[UNITS_PER_PAGE];
    private int[] previous = new int[UNITS_PER_PAGE];

    void resize(int units) {
      unitsBefore = Arrays.copyOf(unitsBefore, units);
      sizeClass = Arrays.copyOf(sizeClass, units);
      closed = Arrays.copyOf(closed, units);
      used = Arrays.copyOf(used, units);
      fresh = Arrays.copyOf(fresh, units);
      freeHead = Arrays.copyOf(freeHead, units);
      next = Arrays.copyOf(next, units);
      previous = Arrays.copyOf(previous, units);
    }

    void open(int run, int units, int ofClass) {
      for (int i = 0; i < units; i++) {
        unitsBefore[run + i] = (byte) i;
      }
      sizeClass[run] = (byte) ofClass;
      closed[run] = false;
      used[run] = 0;
      fresh[run] = 0;
      freeHead[run] = -1;
    }
  }

  /** For tests: the number of pages held. */
  int pagesHeld() {
    int held = 0;
    for (byte[] page : pages) {
      held += page.length > 0 ? 1 : 0;
    }
    return held;
  }
}
