package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;
import org.jspecify.annotations.Nullable;

/**
 * Shows the elements of a {@link HashTable} as they were at one moment, while the table changes:
 * leaf by leaf in the order of their hashes, but each at the latest before it changes.
 *
 * <p>Whether a leaf was shown is told by its node's mark. Between snapshots all leaves have the
 * same mark, and new ones get it too; a snapshot turns it over.
 */
final class HashSnapshot {
  private final NodeStore nodes;
  private final HashNodes parts;
  private final LeafDirectory directory;

  /** What leaves have that were shown; all others have the opposite. */
  private boolean mark;

  private @Nullable ElementVisitor visitor;

  /** Leaves of hashes below this were shown, by the upper 32 bits; those are {@code TAGS}. */
  private long shownTo;

  HashSnapshot(NodeStore nodes, HashNodes parts, LeafDirectory directory) {
    this.nodes = nodes;
    this.parts = parts;
    this.directory = directory;
  }

  void begin(ElementVisitor to) {
    if (visitor != null) {
      throw new IllegalStateException("there is a snapshot already");
    }
    visitor = to;
    shownTo = 0;
    mark = !mark;
    parts.mark(mark);
  }

  boolean isOpen() {
    return visitor != null;
  }

  /**
   * Shows the next leaf.
   *
   * @param released leaves at places before this are gone; they were shown before
   * @return false: all were shown
   */
  boolean step(int released) {
    long perPlace = HashTable.TAGS / directory.length();
    int place = (int) (shownTo / perPlace);
    if (place < released) {
      shownTo = released * perPlace;
    } else if (shownTo < HashTable.TAGS) {
      int leaf = directory.at(place);
      show(leaf);
      // A leaf that two were merged into may begin before what was shown last.
      long width = HashTable.TAGS >>> HashLeaf.depth(nodes.array(leaf), nodes.offset(leaf));
      shownTo = (shownTo & -width) + width;
    }
    if (shownTo == HashTable.TAGS) {
      visitor = null;
    }
    return visitor != null;
  }

  /** Shows a leaf that is about to change, or whose turn has come, if it was not shown yet. */
  void show(int leaf) {
    ElementVisitor to = visitor;
    if (to != null && nodes.isMarked(leaf) != mark) {
      parts.visit(leaf, to);
      nodes.mark(leaf, mark);
    }
  }
}
