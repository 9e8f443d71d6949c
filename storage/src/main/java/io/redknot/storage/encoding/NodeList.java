package io.redknot.storage.encoding;

import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import org.jspecify.annotations.Nullable;

/**
 * A long list: nodes in order, each of which holds a listpack, none of them empty.
 *
 * <p>In its node a listpack need not begin at the first byte. Room is left before that of the first
 * node while elements are pushed there, so that a push or a pop at either end writes the element
 * and a header and moves nothing. An element beyond what a node holds has a node of its own.
 */
public final class NodeList implements LargeValue {
  private static final int HEAP_BYTES = 40;

  /** So many nodes are freed at once by a verb that drops elements; more go piecemeal. */
  private static final int NODES_AT_ONCE = 32;

  private static final int MANY_NODES = 16;

  private final NodeStore nodes;
  private final NodeRing ring;
  private long count;
  private boolean closed;

  /** Of this list, or of one that this was a part of. */
  private @Nullable ListSnapshot snapshot;

  /** A list without elements. */
  public NodeList(NodeStore nodes) {
    this(nodes, new NodeRing(nodes));
  }

  private NodeList(NodeStore nodes, NodeRing ring) {
    this.nodes = nodes;
    this.ring = ring;
    nodes.countHeapBytes(HEAP_BYTES);
  }

  /** A list of the elements of a listpack. */
  public static NodeList of(NodeStore nodes, byte[] lp, int at) {
    NodeList list = new NodeList(nodes);
    list.addListpack(lp, at);
    return list;
  }

  /** Adds the elements of a listpack, if there are any, as a node behind all others. */
  public void addListpack(byte[] lp, int at) {
    int elements = Listpack.count(lp, at);
    if (elements > 0) {
      int bytes = Listpack.bytes(lp, at);
      int node = nodes.allocate(bytes);
      System.arraycopy(lp, at, nodes.array(node), nodes.offset(node), bytes);
      ring.addLast(node, elements, 0);
      count += elements;
    }
  }

  /**
   * Begins a snapshot: shows the visitor the listpack of each node that is there now once, as it is
   * now and in order, when {@link #snapshotStep} comes to it. One snapshot at a time.
   */
  public void beginSnapshot(PackVisitor visitor) {
    snapshot = new ListSnapshot(nodes, ring, visitor);
  }

  /** Whether it takes long to go over all nodes, so that it has to be done in pieces. */
  public boolean isManyNodes() {
    return ring.size() >= MANY_NODES;
  }

  /** Whether there is a snapshot that has not ended. */
  public boolean hasSnapshot() {
    return snapshot != null;
  }

  /** Shows the next node; false: all were shown and the snapshot has ended. */
  public boolean snapshotStep() {
    if (snapshot != null && !snapshot.step()) {
      snapshot = null;
    }
    return snapshot != null;
  }

  /** To be called before a node changes or is freed. */
  private void preserve(int index) {
    if (snapshot != null) {
      snapshot.preserve(ring, index);
    }
  }

  /** Number of elements. */
  public long count() {
    return count;
  }

  /** Number of nodes. */
  public int nodes() {
    return ring.size();
  }

  /** The array that holds the listpack of the node of an index. */
  public byte[] array(int index) {
    return nodes.array(ring.node(index));
  }

  /** First byte of that listpack. */
  public int offset(int index) {
    return nodes.offset(ring.node(index)) + ring.start(index);
  }

  private int bytes(int index) {
    return Listpack.bytes(array(index), offset(index));
  }

  /** The place of an element by its index, 0 to {@link #count()} - 1. */
  public ListCursor seek(long index) {
    return index < count / 2 ? fromFirst(index) : fromLast(index);
  }

  private ListCursor fromFirst(long index) {
    long left = index;
    int i = 0;
    while (left >= ring.count(i)) {
      left -= ring.count(i++);
    }
    return new ListCursor(this, i, Listpack.seek(array(i), offset(i), (int) left));
  }

  private ListCursor fromLast(long index) {
    long left = count - 1 - index;
    int i = ring.size() - 1;
    while (left >= ring.count(i)) {
      left -= ring.count(i--);
    }
    return new ListCursor(this, i, Listpack.seek(array(i), offset(i), -1 - (int) left));
  }

  /** Whether a node takes an element of so many bytes in all. */
  private boolean accepts(int index, int bytes, ListLimits limits) {
    return bytes < limits.aloneBytes()
        && ring.count(index) < limits.entriesMax()
        && bytes(index) + bytes <= limits.nodeBytesMax();
  }

  /** Adds an element before all others. */
  public void addFirst(byte[] text, int offset, int length, ListLimits limits) {
    int bytes = Listpack.encodedBytes(text, offset, length);
    if (count == 0 || !accepts(0, bytes, limits)) {
      int node = newNode(bytes, limits);
      ring.addFirst(node, 0, startAtRight(node));
      seal(1);
    }
    prepend(0, bytes, text, offset, length, limits);
  }

  /** Adds an element behind all others. */
  public void addLast(byte[] text, int offset, int length, ListLimits limits) {
    int bytes = Listpack.encodedBytes(text, offset, length);
    if (count == 0 || !accepts(ring.size() - 1, bytes, limits)) {
      ring.addLast(newNode(bytes, limits), 0, 0);
      seal(ring.size() - 2);
    }
    append(ring.size() - 1, bytes, text, offset, length, limits);
  }

  /** Makes a node with an empty listpack and room for an element of so many bytes in all. */
  private int newNode(int bytes, ListLimits limits) {
    int node = nodes.allocate(grown(Listpack.EMPTY_BYTES + bytes, limits));
    Listpack.clear(nodes.array(node), nodes.offset(node));
    return node;
  }

  /** Moves an empty listpack to the end of its node. */
  private int startAtRight(int node) {
    int start = nodes.capacity(node) - Listpack.EMPTY_BYTES;
    Listpack.clear(nodes.array(node), nodes.offset(node) + start);
    return start;
  }

  /** Room for a listpack of so many bytes that is going to grow. */
  private static int grown(int bytes, ListLimits limits) {
    long twice = Math.min(2L * bytes, limits.nodeBytesMax());
    return (int) Math.max(bytes, twice);
  }

  private void prepend(
      int index, int bytes, byte[] text, int offset, int length, ListLimits limits) {
    preserve(index);
    if (ring.start(index) < bytes) {
      int used = bytes(index);
      reserve(index, used, bytes, limits);
      int free = nodes.capacity(ring.node(index)) - used - bytes;
      // A node that is also the last one keeps half of the room for pushes at the other end.
      place(index, bytes + (ring.size() == 1 ? free / 2 : free), used);
    }
    int at = ListpackRuns.prepend(array(index), offset(index), text, offset, length);
    ring.start(index, at - nodes.offset(ring.node(index)));
    added(index);
  }

  private void append(
      int index, int bytes, byte[] text, int offset, int length, ListLimits limits) {
    preserve(index);
    reserveBehind(index, bytes, limits);
    int at = offset(index);
    byte[] lp = array(index);
    Listpack.insert(lp, at, Listpack.end(lp, at), text, offset, length);
    added(index);
  }

  private void added(int index) {
    ring.count(index, ring.count(index) + 1);
    count++;
  }

  /** Makes room behind a node's listpack for so many more bytes. */
  private void reserveBehind(int index, int more, ListLimits limits) {
    int used = bytes(index);
    if (nodes.capacity(ring.node(index)) - ring.start(index) - used < more) {
      reserve(index, used, more, limits);
      int free = nodes.capacity(ring.node(index)) - used - more;
      place(index, ring.size() == 1 ? free / 2 : 0, used);
    }
  }

  /** Makes room for so many more bytes before and behind the listpack together. */
  private void reserve(int index, int used, int more, ListLimits limits) {
    int node = ring.node(index);
    if (nodes.capacity(node) - used < more) {
      nodes.resize(node, grown(used + more, limits));
    }
  }

  /** Moves a node's listpack within the node. */
  private void place(int index, int start, int used) {
    int base = nodes.offset(ring.node(index));
    byte[] lp = array(index);
    System.arraycopy(lp, base + ring.start(index), lp, base + start, used);
    ring.start(index, start);
  }

  /** Takes back the room of a node that it is not going to use. */
  private void seal(int index) {
    if (index < 0 || index >= ring.size()) {
      return;
    }
    int node = ring.node(index);
    int used = bytes(index);
    if (NodeStore.roomFor(used) < nodes.capacity(node)) {
      preserve(index);
      place(index, 0, used);
      nodes.resize(node, used);
    }
  }

  /**
   * Inserts an element before or behind that of a place.
   *
   * @param place of an element of this list; not valid any more afterwards
   */
  public void insert(
      ListCursor place, boolean behind, byte[] text, int offset, int length, ListLimits limits) {
    int i = place.node();
    int p = place.position();
    insert(i, behind ? p + elementBytes(i, p) : p, text, offset, length, limits);
  }

  private int elementBytes(int index, int p) {
    return Listpack.elementBytes(array(index), offset(index), p);
  }

  private void insert(int i, int p, byte[] text, int offset, int length, ListLimits limits) {
    int bytes = Listpack.encodedBytes(text, offset, length);
    boolean first = p == Listpack.HEADER_BYTES;
    boolean last = p == bytes(i) - 1;
    if (accepts(i, bytes, limits)) {
      preserve(i);
      reserveBehind(i, bytes, limits);
      Listpack.insert(array(i), offset(i), p, text, offset, length);
      added(i);
    } else if (first && i > 0 && accepts(i - 1, bytes, limits)) {
      append(i - 1, bytes, text, offset, length, limits);
    } else if (last && i + 1 < ring.size() && accepts(i + 1, bytes, limits)) {
      prepend(i + 1, bytes, text, offset, length, limits);
    } else {
      int gap = first ? i : i + 1;
      if (!first && !last) {
        split(i, p);
      }
      insertBetween(gap, bytes, text, offset, length, limits);
    }
  }

  /** Inserts an element before the node of an index, in a node beside it or in one of its own. */
  private void insertBetween(
      int gap, int bytes, byte[] text, int offset, int length, ListLimits limits) {
    if (gap > 0 && accepts(gap - 1, bytes, limits)) {
      append(gap - 1, bytes, text, offset, length, limits);
      mergeAround(gap, limits);
    } else if (gap < ring.size() && accepts(gap, bytes, limits)) {
      prepend(gap, bytes, text, offset, length, limits);
      mergeAround(gap, limits);
    } else {
      ring.insert(gap, newNode(bytes, limits), 0, 0);
      append(gap, bytes, text, offset, length, limits);
      mergeAround(gap + 1, limits);
      mergeAround(gap, limits);
    }
  }

  /** Moves the elements of a node from a position on into a new node behind it. */
  private void split(int i, int p) {
    preserve(i);
    int before = ListpackRuns.countBefore(array(i), offset(i), p);
    int elements = ring.count(i) - before;
    int node = nodes.allocate(ListpackRuns.bytesFrom(array(i), offset(i), p));
    byte[] target = nodes.array(node);
    ListpackRuns.copyFrom(array(i), offset(i), p, elements, target, nodes.offset(node));
    ListpackRuns.cutFrom(array(i), offset(i), p, elements);
    ring.count(i, before);
    ring.insert(i + 1, node, elements, 0);
    seal(i);
  }

  /** Joins the nodes around the one before an index, where they have become small. */
  private void mergeAround(int index, ListLimits limits) {
    if (index + 1 < ring.size() && isSparse(index, index + 1, limits)) {
      join(index, index + 1);
      ring.remove(index + 1);
    }
    if (index > 1 && index - 1 < ring.size() && isSparse(index - 2, index - 1, limits)) {
      join(index - 2, index - 1);
      ring.remove(index - 1);
    }
  }

  /** Whether two neighbours fit into one node, with room for more. */
  private boolean isSparse(int i, int k, ListLimits limits) {
    long bytes = (long) bytes(i) + bytes(k) - Listpack.EMPTY_BYTES;
    return bytes <= limits.nodeBytesMax() - limits.nodeBytesMax() / 4
        && (long) ring.count(i) + ring.count(k) <= limits.entriesMax();
  }

  /** Moves all elements of a node behind those of another one, and frees it. */
  private void join(int i, int from) {
    preserve(i);
    preserve(from);
    int used = bytes(i);
    int all = used + bytes(from) - Listpack.EMPTY_BYTES;
    int node = ring.node(i);
    place(i, 0, used);
    nodes.resize(node, all);
    ListpackRuns.append(array(i), offset(i), array(from), offset(from), ring.count(from));
    ring.count(i, ring.count(i) + ring.count(from));
    nodes.free(ring.node(from));
  }

  /**
   * Puts a text in the place of an element.
   *
   * @param place of an element of this list; not valid any more afterwards
   */
  public void replace(ListCursor place, byte[] text, int offset, int length, ListLimits limits) {
    int i = place.node();
    int p = place.position();
    preserve(i);
    int old = elementBytes(i, p);
    int bytes = Listpack.encodedBytes(text, offset, length);
    if (bytes <= old || bytes(i) - old + bytes <= limits.nodeBytesMax() || ring.count(i) == 1) {
      reserveBehind(i, Math.max(0, bytes - old), limits);
      Listpack.replace(array(i), offset(i), p, text, offset, length);
      fit(i);
    } else {
      Listpack.remove(array(i), offset(i), p, 1);
      ring.count(i, ring.count(i) - 1);
      count--;
      insert(i, p, text, offset, length, limits);
    }
  }

  /** Gives a node that has become much smaller a smaller block. */
  private void fit(int index) {
    if (bytes(index) < nodes.capacity(ring.node(index)) / 2) {
      seal(index);
    }
  }

  /**
   * Removes elements from the front, at most as many as there are.
   *
   * @return what is left to release of them, or null
   */
  public @Nullable LargeValue removeFirst(long elements) {
    long left = elements;
    int whole = 0;
    while (whole < ring.size() && left >= ring.count(whole)) {
      left -= ring.count(whole++);
    }
    LargeValue rest = dropNodes(0, whole);
    ring.removeFirst(whole);
    if (left > 0) {
      preserve(0);
      byte[] lp = array(0);
      int at = offset(0);
      int p = Listpack.seek(lp, at, (int) left);
      int now = ListpackRuns.cutBefore(lp, at, p, (int) left);
      ring.start(0, ring.start(0) + now - at);
      ring.count(0, ring.count(0) - (int) left);
    }
    count -= elements;
    return rest;
  }

  /**
   * Removes elements from the back, at most as many as there are.
   *
   * @return what is left to release of them, or null
   */
  public @Nullable LargeValue removeLast(long elements) {
    long left = elements;
    int whole = 0;
    while (whole < ring.size() && left >= ring.count(ring.size() - 1 - whole)) {
      left -= ring.count(ring.size() - 1 - whole++);
    }
    LargeValue rest = dropNodes(ring.size() - whole, whole);
    ring.removeLast(whole);
    if (left > 0) {
      int i = ring.size() - 1;
      preserve(i);
      byte[] lp = array(i);
      int at = offset(i);
      ListpackRuns.cutFrom(lp, at, Listpack.seek(lp, at, (int) -left), (int) left);
      ring.count(i, ring.count(i) - (int) left);
    }
    count -= elements;
    return rest;
  }

  private @Nullable LargeValue dropNodes(int from, int number) {
    if (number > NODES_AT_ONCE) {
      NodeList rest = new NodeList(nodes, ring.cutOut(from, number));
      rest.snapshot = snapshot;
      return rest;
    }
    for (int i = 0; i < number; i++) {
      preserve(from + i);
      nodes.free(ring.node(from + i));
    }
    return null;
  }

  /**
   * Removes elements that are equal to a text.
   *
   * @param max how many at most
   * @param fromLast whether to begin at the last element
   * @return how many were removed
   */
  public long removeEqual(
      byte[] text, int offset, int length, long max, boolean fromLast, ListLimits limits) {
    return new NodeSieve(this, limits, fromLast).remove(text, offset, length, max);
  }

  /** Removes elements of one node. */
  int sieve(int i, byte[] text, int offset, int length, long max, boolean fromLast) {
    byte[] lp = array(i);
    int at = offset(i);
    if (snapshot != null
        && Listpack.find(lp, at, Listpack.first(lp, at), text, offset, length, 0)
            != Listpack.NONE) {
      preserve(i);
    }
    int removed =
        fromLast
            ? ListpackRuns.removeLastEqual(lp, at, text, offset, length, max)
            : ListpackRuns.removeEqual(lp, at, text, offset, length, 0, max);
    ring.count(i, ring.count(i) - removed);
    count -= removed;
    return removed;
  }

  NodeRing ring() {
    return ring;
  }

  /** Whether the node of an index has elements; one without is freed. */
  boolean keep(int index) {
    if (ring.count(index) == 0) {
      nodes.free(ring.node(index));
      return false;
    }
    fit(index);
    return true;
  }

  /** Joins a node to the one before it where both are sparse; whether it was. */
  boolean joinIfSparse(int index, int from, ListLimits limits) {
    if (!isSparse(index, from, limits)) {
      return false;
    }
    join(index, from);
    return true;
  }

  @Override
  public long usedBytes() {
    long bytes = HEAP_BYTES + ring.heapBytes();
    for (int i = 0; i < ring.size(); i++) {
      bytes += nodes.heldBytes(ring.node(i));
    }
    return bytes;
  }

  @Override
  public int release(int nodesMax) {
    int released = Math.min(nodesMax, ring.size());
    for (int i = 0; i < released; i++) {
      preserve(ring.size() - 1);
      nodes.free(ring.node(ring.size() - 1));
      ring.removeLast(1);
    }
    if (released < nodesMax && !closed) {
      closed = true;
      ring.close();
      nodes.countHeapBytes(-HEAP_BYTES);
    }
    return released;
  }

  @Override
  public LargeValue copyTo(NodeStore target) {
    NodeList copy = new NodeList(target);
    for (int i = 0; i < ring.size(); i++) {
      copy.addListpack(array(i), offset(i));
    }
    return copy;
  }
}
