package io.redknot.storage.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;

/** Checks what {@link SegmentFormat} and {@link SlotTables} promise of every segment. */
final class TableChecker {
  private final SlotTables tables;
  private final PageArena arena;

  private TableChecker(Keyspace keys) {
    this.tables = keys.tables();
    this.arena = keys.arena();
  }

  static void check(Keyspace keys) {
    TableChecker checker = new TableChecker(keys);
    long total = 0;
    for (int slot = 0; slot < keys.walk().slots(); slot++) {
      total += checker.checkSlot(slot);
    }
    assertEquals(keys.size(), total);
  }

  private int checkSlot(int slot) {
    int count = 0;
    long tag = 0;
    while (tag <= SegmentFormat.TAG_MASK) {
      long segment = tables.segmentFor(slot, tag);
      if (segment == 0) {
        break;
      }
      count += checkSegment(slot, tag, segment);
      tag += 1L << (SegmentFormat.TAG_BITS - SegmentFormat.depth(segment));
    }
    assertEquals(tables.count(slot), count);
    assertEquals(count == 0, tables.segmentFor(slot, 0) == 0);
    return count;
  }

  private int checkSegment(int slot, long firstTag, long segment) {
    byte[] page = arena.page(SegmentFormat.ref(segment));
    int at = PageArena.offset(SegmentFormat.ref(segment));
    int ownBits = SegmentFormat.TAG_BITS - SegmentFormat.depth(segment);
    assertEquals(0, firstTag & ((1L << ownBits) - 1), "a segment begins where its tags do");
    assertEquals(EntryFormat.SEGMENT_KIND, page[at] & 0xff);
    assertEquals(slot, Bytes.getInt(page, at + SegmentFormat.SLOT));
    assertEquals(SegmentFormat.depth(segment), page[at + SegmentFormat.DEPTH]);
    assertEquals(firstTag >>> ownBits, Bytes.getInt(page, at + SegmentFormat.PREFIX));
    assertEquals(SegmentFormat.sizeClass(segment), EntryFormat.sizeClass(page, at));
    int used = checkCells(page, segment, firstTag >>> ownBits, ownBits);
    assertEquals(SegmentFormat.used(page, segment), used);
    return used;
  }

  private static int checkCells(byte[] page, long segment, long prefix, int ownBits) {
    int used = 0;
    int lastEmpty = -1;
    long lastTag = 0;
    int end = SegmentFormat.cellsEnd(segment);
    for (int at = SegmentFormat.cellsAt(segment); at < end; at += Long.BYTES) {
      long cell = Bytes.getLong(page, at);
      if (cell == 0) {
        lastEmpty = at;
        continue;
      }
      long tag = SegmentFormat.tagOf(cell);
      int home = SegmentFormat.homeAt(segment, tag);
      assertEquals(prefix, tag >>> ownBits);
      assertTrue(tag >= lastTag, "cells are sorted by tag");
      assertTrue(at >= home, "a cell is not before its home");
      assertTrue(lastEmpty < home, "no empty cell between home and cell");
      lastTag = tag;
      used++;
    }
    return used;
  }
}
