package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;

/**
 * A walk over the entries of a stream that are not deleted, in either direction. The stream must
 * not change on the way; other collections may.
 */
public final class StreamCursor {
  private final StreamEntries entries;
  private final boolean backwards;
  private final long firstMs;
  private final long firstSeq;
  private final long lastMs;
  private final long lastSeq;

  /** The node's place in the tree, its number, its id and its fields. */
  private long position;

  private int node;
  private long nodeMs;
  private long nodeSeq;
  private int nodeFields;
  private int nodeFieldsAt;
  private int firstEntry;

  /** Forwards where the next entry begins, backwards where the last one began; 0: not known. */
  private int boundary;

  // The current entry.
  private byte[] lp = {};
  private int at;
  private int entry;
  private int flags;
  private long ms;
  private long seq;
  private int fields;
  private int fieldsAt;

  StreamCursor(StreamEntries entries, StreamId first, StreamId last, boolean backwards) {
    this.entries = entries;
    this.backwards = backwards;
    this.firstMs = first.ms();
    this.firstSeq = first.seq();
    this.lastMs = last.ms();
    this.lastSeq = last.seq();
    StreamId from = backwards ? last : first;
    long start = first.compareTo(last) > 0 ? IdTree.NONE : tree().floor(from.ms(), from.seq());
    if (start == IdTree.NONE && !backwards && first.compareTo(last) <= 0) {
      start = tree().first();
    }
    enter(start);
  }

  private IdTree tree() {
    return entries.tree();
  }

  private void enter(long to) {
    position = to;
    if (to == IdTree.NONE) {
      node = NodeStore.NONE;
      return;
    }
    node = entries.node(to);
    nodeMs = tree().ms(to);
    nodeSeq = tree().seq(to);
    locate();
    nodeFields = StreamNode.fieldCount(lp, at);
    nodeFieldsAt = StreamNode.fieldsAt(lp, at);
    firstEntry = StreamNode.behind(lp, at, nodeFieldsAt, nodeFields + 1);
    boundary = backwards ? Listpack.end(lp, at) : firstEntry;
  }

  private void locate() {
    lp = entries.nodes().array(node);
    at = entries.nodes().offset(node);
  }

  /** Goes to the next entry; false where there is none any more. */
  public boolean next() {
    while (node != NodeStore.NONE) {
      locate();
      if (backwards ? !stepBack() : !stepOn()) {
        enter(backwards ? tree().previous(position) : tree().next(position));
      } else if (isBehind()) {
        node = NodeStore.NONE;
      } else if ((flags & StreamNode.DELETED) == 0 && isWithin()) {
        return true;
      }
    }
    return false;
  }

  private boolean isBehind() {
    return backwards
        ? StreamId.compare(ms, seq, firstMs, firstSeq) < 0
        : StreamId.compare(ms, seq, lastMs, lastSeq) > 0;
  }

  private boolean isWithin() {
    return backwards
        ? StreamId.compare(ms, seq, lastMs, lastSeq) <= 0
        : StreamId.compare(ms, seq, firstMs, firstSeq) >= 0;
  }

  private boolean stepOn() {
    int from = boundary;
    if (from == 0) {
      int p = (flags & StreamNode.SAME_FIELDS) != 0 ? fieldsAt : fieldsAt - fieldCountBytes();
      from = StreamNode.behindEntry(lp, at, flags, p, nodeFields);
    }
    if (from == Listpack.end(lp, at)) {
      return false;
    }
    read(from);
    boundary = 0;
    return true;
  }

  private int fieldCountBytes() {
    return Listpack.encodedBytes(fields);
  }

  private boolean stepBack() {
    if (boundary == firstEntry) {
      return false;
    }
    boundary = StreamNode.previousEntry(lp, at, boundary);
    read(boundary);
    return true;
  }

  private void read(int from) {
    entry = from;
    flags = (int) Listpack.integer(lp, at, from);
    int p = StreamNode.behind(lp, at, from);
    ms = nodeMs + Listpack.integer(lp, at, p);
    p = StreamNode.behind(lp, at, p);
    seq = nodeSeq + Listpack.integer(lp, at, p);
    p = StreamNode.behind(lp, at, p);
    if ((flags & StreamNode.SAME_FIELDS) != 0) {
      fields = nodeFields;
    } else {
      fields = (int) Listpack.integer(lp, at, p);
      p = StreamNode.behind(lp, at, p);
    }
    fieldsAt = p;
  }

  /** High half of the current entry's id. */
  public long ms() {
    return ms;
  }

  /** Low half of the current entry's id. */
  public long seq() {
    return seq;
  }

  /** The current entry's id. */
  public StreamId id() {
    return new StreamId(ms, seq);
  }

  /** Number of the current entry's fields. */
  public int fields() {
    return fields;
  }

  /** Place in the tree of the current entry's node. */
  long position() {
    return position;
  }

  /** Position of the current entry in its node's listpack. */
  int entry() {
    return entry;
  }

  /** Shows the current entry's fields and values in turn: a field, its value, the next field. */
  public void visit(EntryVisitor visitor) {
    int p = fieldsAt;
    if ((flags & StreamNode.SAME_FIELDS) == 0) {
      for (int i = 0; i < 2 * fields; i++) {
        p = show(p, visitor);
      }
    } else {
      int field = nodeFieldsAt;
      for (int i = 0; i < fields; i++) {
        field = show(field, visitor);
        p = show(p, visitor);
      }
    }
    if (!backwards) {
      // Behind the values only the number of elements is left.
      boundary = StreamNode.behind(lp, at, p);
    }
  }

  private int show(int p, EntryVisitor visitor) {
    if (Listpack.isInteger(lp, at, p)) {
      visitor.integer(Listpack.integer(lp, at, p));
    } else {
      visitor.text(lp, Listpack.textOffset(lp, at, p), Listpack.textLength(lp, at, p));
    }
    return StreamNode.behind(lp, at, p);
  }
}
