package io.redknot.storage.keyspace;

import io.redknot.storage.encoding.ChainLengths;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;

/** The memory of a keyspace: exact accounts of it, and the work that wins free room back. */
public final class KeyspaceMemory {
  private static final int MEAN_ENTRY_OVERHEAD_BYTES = 8;

  private final Keyspace keys;
  private final PageArena arena;
  private final NodeStore nodes;
  private final SlotTables tables;
  private final LargeObjects large;
  private final EntryStore store;
  private final Dropped dropped;

  KeyspaceMemory(Keyspace keys, LargeObjects large, EntryStore store, Dropped dropped) {
    this.keys = keys;
    this.arena = keys.arena();
    this.nodes = keys.nodes();
    this.tables = keys.tables();
    this.large = large;
    this.store = store;
    this.dropped = dropped;
  }

  /** Bytes that keys and values take: blocks, large objects and tables. */
  public long usedBytes() {
    return arena.usedBytes() + heapBytes();
  }

  private long heapBytes() {
    return large.usedBytes() + nodes.heapBytes() + tables.overheadBytes();
  }

  /**
   * So many keys are about to be put here; 0: no longer. It is a hint that saves time: nothing is
   * taken in advance, and no table grows by more than a few times what it holds.
   */
  public void expect(long keyCount) {
    tables.expect(keyCount);
  }

  /** Bytes of the tables alone. */
  public long tableBytes() {
    return tables.overheadBytes();
  }

  /** Counts the keys of each home in the tables; a look at every cell. */
  public void countKeys(ChainLengths lengths) {
    new HomeCount(tables, arena, lengths).count();
  }

  /** Counts the keys of each bucket of the timing wheel; a look at each that expires. */
  public void countExpiries(ChainLengths lengths) {
    store.wheel.count(lengths);
  }

  /** Bytes of used blocks and large objects together with free room in pages. */
  public long heldBytes() {
    return arena.pageBytes() + heapBytes();
  }

  /** Bytes of free room in pages that {@link #compact} could win. */
  public long fragmentedBytes() {
    return arena.fragmentedBytes();
  }

  /** Bytes that an entry takes: its block, its large objects and its part of the tables. */
  public long usage(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    long bytes =
        (long) PageArena.classBytes(EntryFormat.sizeClass(page, at)) + MEAN_ENTRY_OVERHEAD_BYTES;
    if (store.isCollection(ref)) {
      bytes += store.collection(ref).usedBytes();
    } else if (EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)) {
      bytes += store.valueArray(ref).length;
    }
    if (EntryFormat.has(page, at, EntryFormat.LARGE_KEY)) {
      bytes += store.keyArray(ref).length;
    }
    return bytes;
  }

  /** Gives back nodes of collections that were deleted; how many. */
  public int releaseDropped(int nodesMax) {
    return dropped.release(nodesMax);
  }

  /** Number of deleted collections whose nodes are not all given back yet. */
  public int dropped() {
    return dropped.size();
  }

  /**
   * Moves blocks out of sparse runs, so that pages can be given back.
   *
   * @param budgetBytes how much to move at most, about
   * @param minimumFreeBytes leaves runs alone while fewer bytes are in free blocks, and pages while
   *     fewer are in free units
   * @return bytes moved
   */
  public int compact(int budgetBytes, long minimumFreeBytes) {
    int moved = 0;
    while (moved < budgetBytes) {
      int step = arena.evacuate(minimumFreeBytes, this::relocate);
      if (step == 0) {
        break;
      }
      moved += step;
    }
    keys.stats().compactedBytes += moved;
    return moved;
  }

  private void relocate(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    switch (page[at] & 0xff) {
      case EntryFormat.SEGMENT_KIND -> tables.segmentMoved(relocateSegment(ref));
      case NodeStore.KIND -> nodes.relocate(ref);
      default -> relocateEntry(ref);
    }
  }

  private void relocateEntry(long ref) {
    int slot = keys.tableOf(ref);
    long tag = keys.tagOf(ref);
    tables.entryMoved(slot, tag, ref, store.relocate(ref));
  }

  private long relocateSegment(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    int sizeClass = EntryFormat.sizeClass(page, at);
    long target = arena.allocate(sizeClass);
    System.arraycopy(
        page, at, arena.page(target), PageArena.offset(target), PageArena.classBytes(sizeClass));
    arena.free(ref, sizeClass);
    return target;
  }
}
