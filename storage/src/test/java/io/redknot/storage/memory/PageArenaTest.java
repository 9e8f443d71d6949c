package io.redknot.storage.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageArenaTest {
  private static final long MIB = 1024 * 1024;

  /** A block as the model knows it; its bytes follow from the stamp. */
  private record Block(long ref, int sizeClass, long stamp) {
    long start() {
      return (ref >>> 17) * MIB + PageArena.offset(ref);
    }

    int bytes() {
      return PageArena.classBytes(sizeClass);
    }
  }

  /** An arena beside a model of what was handed out. */
  private static final class Checked {
    final PageArena arena;
    final List<Block> blocks = new ArrayList<>();
    final TreeMap<Long, Block> byStart = new TreeMap<>();
    final SplittableRandom random;
    long used;

    Checked(long seed) {
      this(seed, new PagePool());
    }

    Checked(long seed, PagePool pool) {
      random = new SplittableRandom(seed);
      arena = new PageArena(pool);
    }

    void allocate(int sizeClass) {
      add(new Block(arena.allocate(sizeClass), sizeClass, random.nextLong()));
    }

    void add(Block block) {
      assertNotEquals(0, block.ref());
      Map.Entry<Long, Block> below = byStart.lowerEntry(block.start() + block.bytes());
      assertTrue(
          below == null || below.getKey() + below.getValue().bytes() <= block.start(),
          () -> block + " overlaps " + below);
      byStart.put(block.start(), block);
      blocks.add(block);
      used += block.bytes();
      write(block);
      assertEquals(used, arena.usedBytes());
    }

    void write(Block block) {
      byte[] page = arena.page(block.ref());
      int at = PageArena.offset(block.ref());
      for (int i = 0; i < block.bytes(); i += 8) {
        Bytes.putLong(page, at + i, block.stamp() + i);
      }
    }

    void assertContent(Block block) {
      byte[] page = arena.page(block.ref());
      int at = PageArena.offset(block.ref());
      for (int i = 0; i < block.bytes(); i += 8) {
        assertEquals(block.stamp() + i, Bytes.getLong(page, at + i));
      }
    }

    void free(int index) {
      Block block = blocks.get(index);
      assertContent(block);
      blocks.set(index, blocks.getLast());
      blocks.removeLast();
      byStart.remove(block.start());
      used -= block.bytes();
      arena.free(block.ref(), block.sizeClass());
      assertEquals(used, arena.usedBytes());
    }

    void freeAll() {
      while (!blocks.isEmpty()) {
        free(random.nextInt(blocks.size()));
      }
    }

    /** Runs one step of evacuation and follows it. */
    int evacuate(long minimumFreeBytes) {
      Map<Long, Block> byRef = new TreeMap<>();
      blocks.forEach(block -> byRef.put(block.ref(), block));
      int moved =
          arena.evacuate(minimumFreeBytes, ref -> move(Objects.requireNonNull(byRef.get(ref))));
      assertEquals(used, arena.usedBytes());
      return moved;
    }

    private void move(Block block) {
      int index = blocks.indexOf(block);
      allocate(block.sizeClass());
      Block copy = blocks.getLast();
      Block same = new Block(copy.ref(), copy.sizeClass(), block.stamp());
      blocks.set(blocks.size() - 1, same);
      byStart.put(same.start(), same);
      write(same);
      free(index);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void blocksNeverOverlapAndKeepTheirBytes(long seed) {
    Checked checked = new Checked(seed);
    int wanted = 0;
    for (int i = 0; i < 60_000; i++) {
      if (i % 5_000 == 0) {
        wanted = checked.random.nextInt(3_000);
      }
      boolean grow = checked.random.nextInt(100) < (checked.blocks.size() < wanted ? 70 : 30);
      if (grow || checked.blocks.isEmpty()) {
        int log2 = checked.random.nextInt(19);
        int bytes = 1 + checked.random.nextInt(1 << log2);
        checked.allocate(PageArena.classOf(bytes));
      } else {
        checked.free(checked.random.nextInt(checked.blocks.size()));
      }
      if (checked.random.nextInt(2_000) == 0) {
        checked.evacuate(0);
      }
      assertTrue(checked.arena.pageBytes() >= checked.used);
    }
    checked.blocks.forEach(checked::assertContent);
    checked.freeAll();
    assertEquals(0, checked.arena.usedBytes());
    assertTrue(checked.arena.pagesHeld() <= 1, "one page may stay as a reserve");
    assertEquals(checked.arena.pageBytes(), checked.arena.fragmentedBytes());
  }

  @ParameterizedTest
  @ValueSource(longs = {41, 42, 43})
  void arenasOfOnePoolLeaveEachOthersBytesAlone(long seed) {
    PagePool pool = new PagePool();
    SplittableRandom random = new SplittableRandom(seed);
    List<Checked> arenas = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      arenas.add(new Checked(random.nextLong(), pool));
    }
    for (int i = 0; i < 20_000; i++) {
      Checked checked = arenas.get(random.nextInt(arenas.size()));
      boolean grow = random.nextInt(100) < (i / 4_000 % 2 == 0 ? 80 : 20);
      if (grow || checked.blocks.isEmpty()) {
        checked.allocate(PageArena.classOf(1 + random.nextInt(1 << random.nextInt(15))));
      } else {
        checked.free(random.nextInt(checked.blocks.size()));
      }
      if (random.nextInt(1_000) == 0) {
        checked.evacuate(0);
      }
    }
    for (Checked checked : arenas) {
      checked.blocks.forEach(checked::assertContent);
      checked.freeAll();
    }
  }

  @Test
  void pagesOfSmallArenasLieInOneArray() {
    PagePool pool = new PagePool();
    Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    int sizeClass = PageArena.classOf(16 * 1024);
    for (int i = 0; i < PageArena.UNITS_PER_PAGE / 4; i++) {
      PageArena arena = new PageArena(pool);
      arena.allocate(sizeClass);
      arena.allocate(sizeClass);
      arrays.add(arena.page(arena.allocate(sizeClass)));
    }
    assertEquals(1, arrays.size());
    assertEquals(0, pool.freeUnits());
  }

  @Test
  void arenaThatGrowsLeavesLittleFree() {
    PagePool pool = new PagePool();
    PageArena arena = new PageArena(pool);
    int sizeClass = PageArena.classOf(16 * 1024);
    for (int units = 1; units <= 3_000; units++) {
      arena.allocate(sizeClass);
      long own = arena.pageBytes() / (16 * 1024);
      long held = own + pool.freeUnits();
      assertTrue(own <= 1.0625 * units + 8, units + " in " + own);
      // What the pool has left of its last array is for the next page.
      assertTrue(held <= 1.0625 * units + 2 * PageArena.UNITS_PER_PAGE, units + " in " + held);
    }
  }

  @Test
  void whatOneArenaGivesBackAnotherTakes() {
    PagePool pool = new PagePool();
    PageArena first = new PageArena(pool);
    int sizeClass = PageArena.classOf(16 * 1024);
    List<Long> refs = new ArrayList<>();
    for (int i = 0; i < PageArena.UNITS_PER_PAGE; i++) {
      refs.add(first.allocate(sizeClass));
    }
    Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    refs.forEach(ref -> arrays.add(first.page(ref)));
    refs.subList(1, refs.size() - 1).forEach(ref -> first.free(ref, sizeClass));
    PageArena second = new PageArena(pool);
    second.allocate(sizeClass);
    second.allocate(sizeClass);
    for (int i = 0; i < PageArena.UNITS_PER_PAGE / 2; i++) {
      assertTrue(arrays.contains(second.page(second.allocate(sizeClass))), "block " + i);
    }
  }

  @Test
  void freedPagesAreUsedAgain() {
    Checked checked = new Checked(7);
    int sizeClass = PageArena.classOf(10_000);
    for (int i = 0; i < 1_000; i++) {
      checked.allocate(sizeClass);
    }
    Set<Integer> before = pages(checked.blocks);
    long held = checked.arena.pageBytes();
    for (int round = 0; round < 5; round++) {
      checked.freeAll();
      for (int i = 0; i < 1_000; i++) {
        checked.allocate(sizeClass);
      }
    }
    assertTrue(checked.arena.pageBytes() <= held + MIB);
    Set<Integer> after = pages(checked.blocks);
    after.removeAll(before);
    assertTrue(after.size() <= 2, () -> "page indexes that were free stayed unused: " + after);
  }

  private static Set<Integer> pages(List<Block> blocks) {
    Set<Integer> pages = new HashSet<>();
    blocks.forEach(block -> pages.add((int) (block.ref() >>> 17)));
    return pages;
  }

  @Test
  void smallArenasHaveSmallPages() {
    PageArena arena = new PageArena(new PagePool());
    assertEquals(0, arena.pageBytes());
    arena.allocate(PageArena.classOf(100));
    assertEquals(32 * 1024, arena.pageBytes());
  }

  @Test
  void sizeClassesCoverAllSizesAndWasteAnEighthOrWhereMostCollectionsAreASixteenth() {
    assertEquals(0, SizeClasses.classOf(1));
    for (int bytes = 1; bytes <= PageArena.BLOCK_BYTES_MAX; bytes++) {
      int sizeClass = SizeClasses.classOf(bytes);
      int block = SizeClasses.blockBytes(sizeClass);
      assertTrue(block >= bytes);
      double part = bytes > 1024 && bytes <= 4096 ? 16.0 : 8.0;
      assertTrue(block == 16 || block - bytes < bytes / part + 8, bytes + " in " + block);
      assertTrue(sizeClass == 0 || SizeClasses.blockBytes(sizeClass - 1) < bytes);
    }
    assertEquals(SizeClasses.COUNT - 1, SizeClasses.classOf(PageArena.BLOCK_BYTES_MAX));
    assertTrue(SizeClasses.COUNT <= 128, "a class is kept in a signed byte");
  }

  @Test
  void runsFitInPagesAndWasteASixteenthOrLess() {
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      int runBytes = SizeClasses.units(i) * SizeClasses.UNIT_BYTES;
      int used = SizeClasses.blocks(i) * SizeClasses.blockBytes(i);
      assertTrue(runBytes <= PageArena.PAGE_BYTES);
      assertTrue(used > 0 && runBytes - used <= runBytes / 16, "class " + i);
      int block = SizeClasses.blockBytes(i);
      boolean betterInTwoUnits = block <= 4096 && 32768 % block <= 1024;
      assertTrue(!betterInTwoUnits || runBytes - used <= runBytes / 32, "class " + i);
      assertTrue(SizeClasses.blocks(i) <= Short.MAX_VALUE);
      assertEquals(0, SizeClasses.blockBytes(i) % 8);
    }
  }

  @Test
  void contiguousFindsTheLowestFit() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 20_000; i++) {
      long bits = random.nextLong();
      for (int more = random.nextInt(3); more > 0; more--) {
        bits |= random.nextLong();
      }
      int wanted = 1 + random.nextInt(random.nextBoolean() ? 8 : 64);
      assertEquals(lowestFit(bits, wanted), PageArena.contiguous(bits, wanted));
    }
    assertEquals(0, PageArena.contiguous(-1L, 64));
    assertEquals(-1, PageArena.contiguous(-2L, 64));
    assertEquals(-1, PageArena.contiguous(0, 1));
    assertEquals(63, PageArena.contiguous(Long.MIN_VALUE, 1));
  }

  private static int lowestFit(long bits, int wanted) {
    for (int start = 0; start + wanted <= 64; start++) {
      int have = 0;
      while (have < wanted && (bits >>> (start + have) & 1) != 0) {
        have++;
      }
      if (have == wanted) {
        return start;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void evacuationGivesSparsePagesBack(long seed) {
    Checked checked = new Checked(seed);
    for (int i = 0; i < 6_000; i++) {
      int log2 = 4 + checked.random.nextInt(9);
      checked.allocate(PageArena.classOf(1 + checked.random.nextInt(1 << log2)));
    }
    while (checked.blocks.size() > 600) {
      checked.free(checked.random.nextInt(checked.blocks.size()));
    }
    int steps = 0;
    while (checked.evacuate(64 * 1024) > 0) {
      steps++;
      assertTrue(steps < 2_000, "evacuation comes to an end");
    }
    checked.blocks.forEach(checked::assertContent);
    long bound = checked.used + checked.used / 2 + 3 * MIB;
    assertTrue(
        checked.arena.pageBytes() <= bound,
        () -> checked.arena.pageBytes() + " bytes of pages for " + checked.used);
  }

  @Test
  void pagesWithOneRunEachAreEvacuatedIntoFewPages() {
    Checked checked = new Checked(31);
    int sizeClass = PageArena.classOf(16 * 1024);
    for (int i = 0; i < 64 * 40; i++) {
      checked.allocate(sizeClass);
    }
    Set<Integer> seen = new HashSet<>();
    for (int i = checked.blocks.size() - 1; i >= 0; i--) {
      if (!seen.add((int) (checked.blocks.get(i).ref() >>> 17))) {
        checked.free(i);
      }
    }
    assertTrue(checked.arena.pageBytes() > 30 * MIB);
    while (checked.evacuate(0) > 0) {
      assertTrue(checked.arena.pageBytes() > 0);
    }
    checked.blocks.forEach(checked::assertContent);
    assertTrue(checked.arena.pageBytes() <= 4 * MIB, () -> "" + checked.arena.pageBytes());
  }

  @Test
  void aMoverThatDoesNotMoveIsAnError() {
    PageArena arena = new PageArena(new PagePool());
    int sizeClass = PageArena.classOf(64);
    List<Long> refs = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      refs.add(arena.allocate(sizeClass));
    }
    for (int i = 0; i < 2_000; i++) {
      if (i % 10 != 0) {
        arena.free(refs.get(i), sizeClass);
      }
    }
    assertThrows(IllegalStateException.class, () -> arena.evacuate(0, ref -> {}));
  }
}
