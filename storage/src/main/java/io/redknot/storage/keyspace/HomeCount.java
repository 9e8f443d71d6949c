package io.redknot.storage.keyspace;

import io.redknot.storage.encoding.ChainLengths;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;

/** Counts how many keys have the same home in the tables of slots, see {@link SegmentFormat}. */
final class HomeCount {
  private final SlotTables tables;
  private final PageArena arena;
  private final ChainLengths lengths;

  HomeCount(SlotTables tables, PageArena arena, ChainLengths lengths) {
    this.tables = tables;
    this.arena = arena;
    this.lengths = lengths;
  }

  /** Of all homes in the tables. */
  void count() {
    int slot = tables.nextUsed(0);
    while (slot >= 0) {
      for (long tag = 0; tag <= SegmentFormat.TAG_MASK; ) {
        long segment = tables.segmentFor(slot, tag);
        count(segment);
        int ownBits = SegmentFormat.TAG_BITS - SegmentFormat.depth(segment);
        tag = ((tag >>> ownBits) + 1) << ownBits;
      }
      slot = tables.nextUsed(slot + 1);
    }
  }

  /** Cells are sorted, so those of one home stand together. */
  private void count(long segment) {
    byte[] page = arena.page(SegmentFormat.ref(segment));
    int end = SegmentFormat.cellsEnd(segment);
    long empty = SegmentFormat.homes(segment);
    int home = 0;
    int length = 0;
    for (int at = SegmentFormat.cellsAt(segment); at < end; at += Long.BYTES) {
      long cell = Bytes.getLong(page, at);
      if (cell == 0) {
        continue;
      }
      int own = SegmentFormat.homeAt(segment, SegmentFormat.tagOf(cell));
      if (own != home && length > 0) {
        lengths.add(length);
        empty--;
        length = 0;
      }
      home = own;
      length++;
    }
    if (length > 0) {
      lengths.add(length);
      empty--;
    }
    lengths.add(0, empty);
  }
}
