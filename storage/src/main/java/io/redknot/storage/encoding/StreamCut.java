package io.redknot.storage.encoding;

import org.jspecify.annotations.Nullable;

/**
 * Finds the listpacks that go as a whole where a stream is trimmed, and what they hold together.
 *
 * <p>It counts from both ends at once until one of them has come to the place, so it takes as long
 * as what goes or what stays, whichever is less. It looks at what the tree notes of the listpacks,
 * not at these: some nanoseconds for each.
 */
final class StreamCut {
  private final StreamEntries entries;
  private final IdTree tree;
  private final long lengthMax;
  private final boolean byLength;

  /** By id: the first listpack that stays. */
  private final long end;

  private long place;
  private long live;
  private long listpacks;
  private long heldBytes;

  /**
   * Finds where to cut; there must be more entries than may stay, or a listpack that begins with no
   * greater id.
   *
   * @param lengthMax how many entries may stay
   * @param least instead, the id before which all go
   */
  StreamCut(StreamEntries entries, long lengthMax, @Nullable StreamId least) {
    this.entries = entries;
    this.tree = entries.tree();
    this.lengthMax = lengthMax;
    this.byLength = least == null;
    this.end = least == null ? IdTree.NONE : tree.floor(least.ms(), least.seq());
    find();
  }

  /** The first listpack that stays. */
  long place() {
    return place;
  }

  /** Entries before it that are not deleted. */
  long live() {
    return live;
  }

  /** Listpacks before it. */
  long listpacks() {
    return listpacks;
  }

  /** Bytes that these take. */
  long heldBytes() {
    return heldBytes;
  }

  private void find() {
    place = tree.first();
    long back = tree.last();
    long liveBehind = 0;
    long listpacksBehind = 0;
    long bytesBehind = 0;
    while (!stays(place)) {
      live += entries.live(place);
      listpacks++;
      heldBytes += entries.heldBytes(place);
      place = tree.next(place);
      liveBehind += entries.live(back);
      listpacksBehind++;
      bytesBehind += entries.heldBytes(back);
      if (byLength ? liveBehind >= lengthMax : back == end) {
        place = back;
        live = entries.length() - liveBehind;
        listpacks = tree.size() - listpacksBehind;
        heldBytes = entries.listpackBytes() - bytesBehind;
        return;
      }
      back = tree.previous(back);
    }
  }

  private boolean stays(long position) {
    return byLength
        ? entries.length() - live - entries.live(position) < lengthMax
        : position == end;
  }
}
