package io.redknot.storage.encoding;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Shows the listpacks of {@link StreamEntries} as they were at one moment, in order, while the
 * stream changes: one that has not had its turn is copied before it changes.
 */
final class StreamSnapshot {
  /** Stands for a listpack that was not there at the beginning. */
  private static final byte[] ABSENT = {};

  private final StreamEntries entries;
  private final StreamNodeVisitor visitor;

  /** Id of the last listpack at the beginning; what is behind it is new. */
  private final StreamId end;

  /** Copies of what changed before its turn, by id. */
  private final TreeMap<StreamId, byte[]> copies = new TreeMap<>();

  /** Listpacks of this id and greater ones were not shown; null: all were. */
  private @Nullable StreamId from = StreamId.ZERO;

  /** Of a stream that is given up: those of lesser ids have been copied. */
  private @Nullable StreamId copiedTo = StreamId.ZERO;

  /** All that was not shown has been copied. */
  private boolean detached;

  /** Begins, with entries that have a listpack. */
  StreamSnapshot(StreamEntries entries, StreamNodeVisitor visitor) {
    this.entries = entries;
    this.visitor = visitor;
    this.end = entries.nodeId(entries.tree().last());
  }

  private static @Nullable StreamId behind(StreamId id) {
    return id.isMax() ? null : id.next();
  }

  /** Place of the first listpack of at least an id, of those at the beginning, or none. */
  private long place(StreamId least) {
    if (detached) {
      return IdTree.NONE;
    }
    long place = entries.tree().ceiling(least.ms(), least.seq());
    return place == IdTree.NONE || entries.nodeId(place).compareTo(end) > 0 ? IdTree.NONE : place;
  }

  /** Shows the next listpack, if there is one; false: there was none, all were shown. */
  boolean step() {
    while (from != null) {
      Map.Entry<StreamId, byte[]> copy = copies.firstEntry();
      long place = place(from);
      if (place != IdTree.NONE
          && (copy == null || entries.nodeId(place).compareTo(copy.getKey()) < 0)) {
        StreamId id = entries.nodeId(place);
        visitor.node(id, entries.nodeArray(place), entries.nodeOffset(place));
        from = behind(id);
        return true;
      }
      from = copy == null ? null : behind(copy.getKey());
      if (copy != null) {
        copies.remove(copy.getKey());
        if (copy.getValue().length > 0) {
          visitor.node(copy.getKey(), copy.getValue(), 0);
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a listpack of that id is still to be shown, if it was there at the beginning. */
  private boolean isDue(StreamId id) {
    StreamId least = from;
    return least != null && id.compareTo(least) >= 0 && id.compareTo(end) <= 0;
  }

  /** The listpack of an id is about to change, or to go. */
  void preserve(StreamId id, byte[] lp, int at) {
    if (isDue(id) && !copies.containsKey(id)) {
      copies.put(id, Arrays.copyOfRange(lp, at, at + Listpack.bytes(lp, at)));
    }
  }

  /** A listpack is about to be added. */
  void added(StreamId id) {
    if (isDue(id)) {
      copies.putIfAbsent(id, ABSENT);
    }
  }

  /**
   * The stream is about to go: copies some of the listpacks that are still to be shown.
   *
   * @return how many were looked at; fewer than asked for: all are copied
   */
  int preserveNext(int nodesMax) {
    int looked = 0;
    while (looked < nodesMax && !detached) {
      StreamId least = copiedTo;
      if (least != null && from != null && from.compareTo(least) > 0) {
        least = from;
      }
      long place = least == null || from == null ? IdTree.NONE : place(least);
      if (place == IdTree.NONE) {
        detached = true;
      } else {
        StreamId id = entries.nodeId(place);
        preserve(id, entries.nodeArray(place), entries.nodeOffset(place));
        copiedTo = behind(id);
        looked++;
      }
    }
    return looked;
  }
}
