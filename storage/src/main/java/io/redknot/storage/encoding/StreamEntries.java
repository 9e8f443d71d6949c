package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a stream: listpacks of many entries each (see {@link StreamNode}), found by the id
 * of the first entry that was put into them; and what is known of all entries that there ever were.
 *
 * <pre>
 *   payload of the tree   0  u32  node of the listpack
 *                         4  u32  its entries that are not deleted
 *                         8  u32  bytes that it takes
 * </pre>
 *
 * <p>The tree has the sums of the last two, so that many listpacks need no look at each; those of
 * the listpack that entries are added to are only noted when another one follows it.
 */
public final class StreamEntries implements LargeValue {
  /** A node never has more bytes than this. */
  public static final int NODE_BYTES_MAX = 1 << 30;

  /** Bytes on the Java heap: this object and its tree. */
  private static final int HEAP_BYTES = 200;

  private static final int LIVE = 4;
  private static final int HELD = 8;
  private static final int PAYLOAD_BYTES = 12;

  private static final int MANY_NODES = 16;

  /** Fewer listpacks are given back at once where a stream is trimmed. */
  private static final int CUT_LISTPACKS_MIN = 64;

  private final NodeStore nodes;
  private final IdTree tree;

  /** Bytes that the listpacks take. */
  private long heldBytes;

  private long length;
  private long lastMs;
  private long lastSeq;
  private long added;
  private StreamId first = StreamId.ZERO;
  private StreamId maxDeleted = StreamId.ZERO;

  /** The node that entries are added to, and the id under which it is kept. */
  private int tail = NodeStore.NONE;

  private long tailMs;
  private long tailSeq;

  private @Nullable StreamSnapshot snapshot;

  /** A stream without entries. */
  public StreamEntries(NodeStore nodes) {
    this(nodes, IdTree.withSums(nodes, PAYLOAD_BYTES));
  }

  private StreamEntries(NodeStore nodes, IdTree tree) {
    this.nodes = nodes;
    this.tree = tree;
    nodes.countHeapBytes(HEAP_BYTES);
  }

  NodeStore nodes() {
    return nodes;
  }

  IdTree tree() {
    return tree;
  }

  /** The listpack's node at a place in the tree. */
  int node(long position) {
    return Bytes.getInt(tree.array(position), tree.payload(position));
  }

  /** For tests: entries, not deleted, of the listpack at a place, as noted. */
  int live(long position) {
    return node(position) == tail
        ? StreamNode.live(nodes.array(tail), nodes.offset(tail))
        : Bytes.getInt(tree.array(position), tree.payload(position) + LIVE);
  }

  /** For tests: bytes that the listpack at a place takes, as noted. */
  long heldBytes(long position) {
    return node(position) == tail
        ? nodes.heldBytes(tail)
        : Bytes.getInt(tree.array(position), tree.payload(position) + HELD);
  }

  /** Puts a listpack into the tree. */
  private void put(long ms, long seq, int node) {
    if (tail != NodeStore.NONE && tail != node) {
      note(tree.last());
    }
    long position = tree.insert(ms, seq);
    Bytes.putInt(tree.array(position), tree.payload(position), node);
    tail = node;
    tailMs = ms;
    tailSeq = seq;
  }

  /** Notes what is to be known of a listpack that has changed. */
  private void note(long position) {
    int node = node(position);
    int live = StreamNode.live(nodes.array(node), nodes.offset(node));
    tree.note(position, live, (int) nodes.heldBytes(node));
  }

  /**
   * Begins a snapshot: shows the visitor each listpack that is there now once, as it is now and in
   * order, when {@link #snapshotStep} comes to it. There must be one; one snapshot at a time.
   */
  public void beginSnapshot(StreamNodeVisitor visitor) {
    snapshot = new StreamSnapshot(this, visitor);
  }

  /** Whether it takes long to go over all listpacks, so that it has to be done in pieces. */
  public boolean isManyNodes() {
    return tree.size() >= MANY_NODES;
  }

  /** Whether there is a snapshot that has not ended. */
  public boolean hasSnapshot() {
    return snapshot != null;
  }

  /** Shows the next listpack, if there is one; false: all were shown, the snapshot has ended. */
  public boolean snapshotStep() {
    if (snapshot != null && !snapshot.step()) {
      snapshot = null;
    }
    return snapshot != null;
  }

  /** To be called before the listpack at a place changes or is freed. */
  private void preserve(long position) {
    if (snapshot != null) {
      snapshot.preserve(nodeId(position), nodeArray(position), nodeOffset(position));
    }
  }

  /** Number of entries. */
  public long length() {
    return length;
  }

  /** Number of entries that were ever added. */
  public long added() {
    return added;
  }

  /** Sets the number of entries that were ever added. */
  public void added(long value) {
    added = value;
  }

  /** Id of the first entry, {@link StreamId#ZERO} where there is none. */
  public StreamId first() {
    return first;
  }

  /** The greatest id that an entry ever had. */
  public StreamId last() {
    return new StreamId(lastMs, lastSeq);
  }

  /** Sets the id that the next entry's must exceed. */
  public void last(StreamId value) {
    lastMs = value.ms();
    lastSeq = value.seq();
  }

  /** The greatest id of those deleted one by one, {@link StreamId#ZERO} where there is none. */
  public StreamId maxDeleted() {
    return maxDeleted;
  }

  /** Sets the greatest id of those deleted one by one. */
  public void maxDeleted(StreamId value) {
    maxDeleted = value;
  }

  /** Number of listpacks. */
  public long listpacks() {
    return tree.size();
  }

  /** Number of nodes of the tree in which listpacks are found. */
  public int treeNodes() {
    return tree.nodeCount();
  }

  /** Place of the first listpack, or {@link IdTree#NONE}. */
  public long firstNode() {
    return tree.first();
  }

  /** Place of the listpack behind another one, or {@link IdTree#NONE}. */
  public long nextNode(long position) {
    return tree.next(position);
  }

  /** The id under which the listpack at a place is found. */
  public StreamId nodeId(long position) {
    return tree.id(position);
  }

  /** The array that holds the listpack at a place; borrowed. */
  public byte[] nodeArray(long position) {
    return nodes.array(node(position));
  }

  /** First byte of the listpack at a place. */
  public int nodeOffset(long position) {
    return nodes.offset(node(position));
  }

  /**
   * Adds a listpack of entries behind all others.
   *
   * @param id its own, greater than those of all others
   * @param lp a whole one, see {@link StreamNodeCheck}
   */
  public void addNode(StreamId id, byte[] lp) {
    int node = nodes.allocate(lp.length);
    heldBytes += nodes.heldBytes(node);
    System.arraycopy(lp, 0, nodes.array(node), nodes.offset(node), lp.length);
    put(id.ms(), id.seq(), node);
    boolean isFirst = length == 0;
    length += StreamNode.live(lp, 0);
    if (isFirst) {
      StreamCursor cursor = cursor(StreamId.ZERO, StreamId.MAX, false);
      first = cursor.next() ? cursor.id() : StreamId.ZERO;
    }
  }

  /** A walk from one id to another, both included, of which the lesser one stands first. */
  public StreamCursor cursor(StreamId from, StreamId to, boolean backwards) {
    return new StreamCursor(this, from, to, backwards);
  }

  /** Id of the last entry that is not deleted, {@link StreamId#ZERO} where there is none. */
  public StreamId lastLive() {
    StreamCursor cursor = cursor(StreamId.ZERO, StreamId.MAX, true);
    return length > 0 && cursor.next() ? cursor.id() : StreamId.ZERO;
  }

  /** Whether there is an entry with that id. */
  public boolean contains(StreamId id) {
    return cursor(id, id, false).next();
  }

  /**
   * Adds an entry.
   *
   * @param ms high half of its id, which must exceed {@link #last}
   * @param nodeBytesMax a listpack is not added to where it would have as many bytes
   * @param nodeEntriesMax nor where it has as many entries, the deleted ones included; 0: no limit
   */
  public void append(
      long ms, long seq, EntryFields fields, long nodeBytesMax, long nodeEntriesMax) {
    if (tail == NodeStore.NONE || isFull(fields, nodeBytesMax, nodeEntriesMax)) {
      startNode(ms, seq, fields);
    }
    byte[] lp = nodes.array(tail);
    int at = nodes.offset(tail);
    if (snapshot != null) {
      snapshot.preserve(new StreamId(tailMs, tailSeq), lp, at);
    }
    boolean same = StreamNode.hasFields(lp, at, fields);
    long msPast = ms - tailMs;
    long seqPast = seq - tailSeq;
    long bytesMax = StreamNode.entryBytesMax(fields, same) + StreamNode.COUNTER_SPARE_BYTES;
    if (Listpack.bytes(lp, at) + bytesMax > nodes.capacity(tail)) {
      int bytes = StreamNode.entryBytes(fields, same, msPast, seqPast);
      makeRoom(tail, bytes + StreamNode.COUNTER_SPARE_BYTES);
      lp = nodes.array(tail);
      at = nodes.offset(tail);
    }
    StreamNode.append(lp, at, fields, same, msPast, seqPast);
    length++;
    added++;
    lastMs = ms;
    lastSeq = seq;
    if (length == 1) {
      first = new StreamId(ms, seq);
    }
  }

  private boolean isFull(EntryFields fields, long nodeBytesMax, long nodeEntriesMax) {
    byte[] lp = nodes.array(tail);
    int at = nodes.offset(tail);
    long bytes = Listpack.bytes(lp, at);
    for (int i = 0; i < fields.count(); i++) {
      bytes += fields.length(i);
    }
    if (bytes >= Math.min(nodeBytesMax, NODE_BYTES_MAX)) {
      return true;
    }
    return nodeEntriesMax > 0
        && (long) StreamNode.live(lp, at) + StreamNode.deleted(lp, at) >= nodeEntriesMax;
  }

  private void startNode(long ms, long seq, EntryFields fields) {
    if (tail != NodeStore.NONE) {
      resize(tail, Listpack.bytes(nodes.array(tail), nodes.offset(tail)));
    }
    int bytes = StreamNode.emptyBytes(fields) + StreamNode.entryBytes(fields, true, 0, 0);
    int node = nodes.allocate(bytes);
    heldBytes += nodes.heldBytes(node);
    if (snapshot != null) {
      snapshot.added(new StreamId(ms, seq));
    }
    StreamNode.clear(nodes.array(node), nodes.offset(node), fields);
    put(ms, seq, node);
  }

  /** Makes room behind a listpack; where entries are added, also for some that will follow. */
  private void makeRoom(int node, int more) {
    int needed = Listpack.bytes(nodes.array(node), nodes.offset(node)) + more;
    if (needed > nodes.capacity(node)) {
      int spare = node == tail ? Math.min(needed / 4, NodeStore.PAGED_BYTES_MAX) : 0;
      resize(node, needed + spare);
    }
  }

  private void resize(int node, int bytes) {
    heldBytes -= nodes.heldBytes(node);
    nodes.resize(node, bytes);
    heldBytes += nodes.heldBytes(node);
  }

  private void countDeleted(long position, int difference) {
    int node = node(position);
    makeRoom(node, StreamNode.COUNTER_SPARE_BYTES);
    StreamNode.countDeleted(nodes.array(node), nodes.offset(node), difference);
    note(position);
    length -= difference;
  }

  /**
   * Deletes an entry; whether it was there. {@link #maxDeleted} rises to its id where it is less.
   */
  public boolean delete(StreamId id) {
    StreamCursor cursor = cursor(id, id, false);
    if (!cursor.next()) {
      return false;
    }
    long position = cursor.position();
    int node = node(position);
    preserve(position);
    if (StreamNode.live(nodes.array(node), nodes.offset(node)) == 1) {
      removeNode(position);
      length--;
    } else {
      StreamNode.mark(nodes.array(node), nodes.offset(node), cursor.entry());
      countDeleted(position, 1);
    }
    if (id.compareTo(maxDeleted) > 0) {
      maxDeleted = id;
    }
    if (id.equals(first)) {
      findFirst();
    }
    return true;
  }

  private void findFirst() {
    StreamCursor cursor = cursor(StreamId.ZERO, StreamId.MAX, false);
    first = length > 0 && cursor.next() ? cursor.id() : StreamId.ZERO;
  }

  private void removeNode(long position) {
    preserve(position);
    int node = node(position);
    heldBytes -= nodes.heldBytes(node);
    nodes.free(node);
    tree.remove(tree.ms(position), tree.seq(position));
    if (node == tail) {
      long last = tree.last();
      tail = last == IdTree.NONE ? NodeStore.NONE : node(last);
      if (last != IdTree.NONE) {
        tailMs = tree.ms(last);
        tailSeq = tree.seq(last);
      }
    }
  }

  /**
   * Removes entries from the first one on, until so many are left.
   *
   * @param wholeNodesOnly whether to leave entries where a listpack would have to be changed
   * @param removedMax how many to remove at most, except that of a listpack all are removed or as
   *     many as must be; 0: no limit
   * @return how many were removed
   */
  public long trimToLength(long lengthMax, boolean wholeNodesOnly, long removedMax) {
    return trim(lengthMax, null, wholeNodesOnly, removedMax);
  }

  /** As {@link #trimToLength}, until no entry's id is less than this one. */
  public long trimBefore(StreamId least, boolean wholeNodesOnly, long removedMax) {
    return trim(0, least, wholeNodesOnly, removedMax);
  }

  /**
   * As {@link #trimToLength} of whole listpacks, but where these are many they are only taken out,
   * for the caller to release in steps; null: they are few, or a snapshot has still to show them.
   */
  public @Nullable LargeValue cutToLength(long lengthMax, long removedMax) {
    long tooMany = length - lengthMax;
    return tooMany < CUT_LISTPACKS_MIN ? null : cut(tooMany, null, removedMax);
  }

  /** As {@link #cutToLength}, of listpacks in which all ids are less than this one. */
  public @Nullable LargeValue cutBefore(StreamId least, long removedMax) {
    boolean none = tree.floor(least.ms(), least.seq()) == IdTree.NONE;
    return none ? null : cut(Long.MAX_VALUE, least, removedMax);
  }

  private @Nullable LargeValue cut(long tooMany, @Nullable StreamId least, long removedMax) {
    if (tree.size() <= CUT_LISTPACKS_MIN || snapshot != null) {
      return null;
    }
    long removed = removedMax > 0 ? Math.min(tooMany, removedMax) : tooMany;
    StreamCut cut = new StreamCut(tree, removed, least);
    if (cut.listpacks() < CUT_LISTPACKS_MIN) {
      return null;
    }
    StreamEntries taken = new StreamEntries(nodes, tree.cutBefore(cut.place()));
    taken.heldBytes = cut.heldBytes();
    heldBytes -= cut.heldBytes();
    length -= cut.live();
    findFirst();
    return taken;
  }

  /** Bytes that the listpacks take. */
  long listpackBytes() {
    return heldBytes;
  }

  /** Removes entries that are too many and, where an id is given, less than that. */
  private long trim(
      long lengthMax, @Nullable StreamId least, boolean wholeNodesOnly, long removedMax) {
    long removed = 0;
    // A listpack may be left that has only deleted entries: by its ids it can still go.
    while (least == null ? length > lengthMax : tree.size() > 0) {
      long position = tree.first();
      int node = node(position);
      int live = StreamNode.live(nodes.array(node), nodes.offset(node));
      if (removedMax > 0 && removed + live > removedMax) {
        break;
      }
      if (length - live >= lengthMax && isBefore(position, least)) {
        removeNode(position);
        length -= live;
        removed += live;
      } else {
        if (!wholeNodesOnly) {
          removed += trimNode(position, lengthMax, least);
        }
        break;
      }
    }
    if (removed > 0) {
      findFirst();
    }
    return removed;
  }

  /** Whether all entries of a listpack, deleted ones included, have a lesser id. */
  private boolean isBefore(long position, @Nullable StreamId least) {
    if (least == null) {
      return true;
    }
    int node = node(position);
    byte[] lp = nodes.array(node);
    int at = nodes.offset(node);
    int entry = StreamNode.previousEntry(lp, at, Listpack.end(lp, at));
    return compare(lp, at, entry, position, least) < 0;
  }

  private int compare(byte[] lp, int at, int entry, long position, StreamId id) {
    int p = StreamNode.behind(lp, at, entry);
    long ms = tree.ms(position) + Listpack.integer(lp, at, p);
    p = StreamNode.behind(lp, at, p);
    long seq = tree.seq(position) + Listpack.integer(lp, at, p);
    return StreamId.compare(ms, seq, id.ms(), id.seq());
  }

  private int trimNode(long position, long lengthMax, @Nullable StreamId least) {
    int node = node(position);
    byte[] lp = nodes.array(node);
    int at = nodes.offset(node);
    int nodeFields = StreamNode.fieldCount(lp, at);
    int marked = 0;
    int entry = StreamNode.firstEntry(lp, at);
    while (entry != Listpack.end(lp, at)
        && length - marked > lengthMax
        && (least == null || compare(lp, at, entry, position, least) < 0)) {
      int flags = (int) Listpack.integer(lp, at, entry);
      if ((flags & StreamNode.DELETED) == 0) {
        preserve(position);
        StreamNode.mark(lp, at, entry);
        marked++;
      }
      int p = StreamNode.behind(lp, at, entry, StreamNode.ENTRY_HEAD);
      entry = StreamNode.behindEntry(lp, at, flags, p, nodeFields);
    }
    if (marked > 0) {
      countDeleted(position, marked);
    }
    return marked;
  }

  @Override
  public long usedBytes() {
    return HEAP_BYTES + heldBytes + tree.heldBytes();
  }

  @Override
  public int release(int nodesMax) {
    if (snapshot != null && snapshot.preserveNext(nodesMax) == nodesMax) {
      // None is given back before all are copied.
      return nodesMax;
    }
    int released = tree.release(nodesMax, true);
    if (released < nodesMax) {
      nodes.countHeapBytes(-HEAP_BYTES);
    }
    return released;
  }

  @Override
  public StreamEntries copyTo(NodeStore target) {
    StreamEntries copy = new StreamEntries(target, tree.copyTo(target));
    for (long p = copy.tree.first(); p != IdTree.NONE; p = copy.tree.next(p)) {
      int made = copy.copyNode(nodes, copy.node(p));
      Bytes.putInt(copy.tree.array(p), copy.tree.payload(p), made);
      copy.note(p);
    }
    copy.length = length;
    copy.lastMs = lastMs;
    copy.lastSeq = lastSeq;
    copy.added = added;
    copy.first = first;
    copy.maxDeleted = maxDeleted;
    long end = copy.tree.last();
    copy.tail = end == IdTree.NONE ? NodeStore.NONE : copy.node(end);
    copy.tailMs = tailMs;
    copy.tailSeq = tailSeq;
    return copy;
  }

  private int copyNode(NodeStore from, int node) {
    int bytes = Listpack.bytes(from.array(node), from.offset(node));
    int made = nodes.allocate(bytes);
    heldBytes += nodes.heldBytes(made);
    System.arraycopy(
        from.array(node), from.offset(node), nodes.array(made), nodes.offset(made), bytes);
    return made;
  }
}
