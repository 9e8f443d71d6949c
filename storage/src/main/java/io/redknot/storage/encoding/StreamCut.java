package io.redknot.storage.encoding;

import org.jspecify.annotations.Nullable;

/**
 * Finds the listpacks that go as a whole where a stream is trimmed, and what they hold together.
 *
 * <p>The sums that the tree keeps lead there: it takes the same few steps for many listpacks as for
 * some. Those of the last listpack, to which entries are added, are not up to date; it stays.
 */
final class StreamCut {
  private final long place;
  private final IdTreeSums.Before before;

  /**
   * Finds where to cut; there must be listpacks and, where an id is given, one that begins with no
   * greater id.
   *
   * @param removed how many entries may go at most
   * @param least the id before which they must be, or null
   */
  StreamCut(IdTree tree, long removed, @Nullable StreamId least) {
    long beyond = tree.beyond(removed);
    if (least != null) {
      long floor = tree.floor(least.ms(), least.seq());
      beyond = tree.id(floor).compareTo(tree.id(beyond)) < 0 ? floor : beyond;
    }
    this.place = beyond;
    this.before = tree.before(beyond);
  }

  /** The first listpack that stays. */
  long place() {
    return place;
  }

  /** Entries before it that are not deleted. */
  long live() {
    return before.second();
  }

  /** Listpacks before it. */
  long listpacks() {
    return before.entries();
  }

  /** Bytes that these take. */
  long heldBytes() {
    return before.third();
  }
}
