package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;

/**
 * The nodes of a list in order: of each its number, how many elements it holds, where in it the
 * listpack begins, and a mark of {@link ListSnapshot}. A ring, so that nodes come and go at both
 * ends in constant time.
 */
final class NodeRing {
  private static final int COUNT = 1;
  private static final int START = 2;
  private static final int MARK = 3;
  private static final int WORDS_LOG2 = 2;
  private static final int CAPACITY_MIN = 4;
  private static final int HEAP_BYTES = 64;

  private final NodeStore nodes;

  /** Four words a node, so that a place is found by shifting. */
  private int[] words;

  private int head;
  private int size;

  NodeRing(NodeStore nodes) {
    this(nodes, CAPACITY_MIN);
  }

  private NodeRing(NodeStore nodes, int capacity) {
    this.nodes = nodes;
    this.words = new int[capacity << WORDS_LOG2];
    nodes.countHeapBytes(heapBytes());
  }

  /** Bytes on the Java heap. */
  long heapBytes() {
    return HEAP_BYTES + (long) words.length * Integer.BYTES;
  }

  /** Takes the ring's bytes off the accounts; it is not used any more. */
  void close() {
    nodes.countHeapBytes(-heapBytes());
  }

  int size() {
    return size;
  }

  private int capacity() {
    return words.length >> WORDS_LOG2;
  }

  private int at(int index) {
    return ((head + index) & (capacity() - 1)) << WORDS_LOG2;
  }

  int node(int index) {
    return words[at(index)];
  }

  int count(int index) {
    return words[at(index) + COUNT];
  }

  void count(int index, int value) {
    words[at(index) + COUNT] = value;
  }

  int start(int index) {
    return words[at(index) + START];
  }

  void start(int index, int value) {
    words[at(index) + START] = value;
  }

  /** The mark of a node; 0 where it was added since the marks were set. */
  int mark(int index) {
    return words[at(index) + MARK];
  }

  void mark(int index, int value) {
    words[at(index) + MARK] = value;
  }

  void set(int index, int node, int count, int start) {
    int at = at(index);
    words[at] = node;
    words[at + COUNT] = count;
    words[at + START] = start;
    words[at + MARK] = 0;
  }

  /** Makes the entry of one index that of another. */
  void copy(int from, int to) {
    System.arraycopy(words, at(from), words, at(to), 1 << WORDS_LOG2);
  }

  private void capacity(int entries) {
    int[] larger = new int[entries << WORDS_LOG2];
    int first = Math.min(size, capacity() - head);
    System.arraycopy(words, head << WORDS_LOG2, larger, 0, first << WORDS_LOG2);
    System.arraycopy(words, 0, larger, first << WORDS_LOG2, (size - first) << WORDS_LOG2);
    nodes.countHeapBytes((long) (larger.length - words.length) * Integer.BYTES);
    words = larger;
    head = 0;
  }

  private void reserve() {
    if (size == capacity()) {
      capacity(size * 2);
    }
  }

  void addFirst(int node, int count, int start) {
    reserve();
    head = (head - 1) & (capacity() - 1);
    size++;
    set(0, node, count, start);
  }

  void addLast(int node, int count, int start) {
    reserve();
    size++;
    set(size - 1, node, count, start);
  }

  void insert(int index, int node, int count, int start) {
    if (index < size / 2) {
      addFirst(0, 0, 0);
      for (int i = 0; i < index; i++) {
        copy(i + 1, i);
      }
    } else {
      addLast(0, 0, 0);
      for (int i = size - 1; i > index; i--) {
        copy(i - 1, i);
      }
    }
    set(index, node, count, start);
  }

  void remove(int index) {
    if (index < size / 2) {
      for (int i = index; i > 0; i--) {
        copy(i - 1, i);
      }
      removeFirst(1);
    } else {
      for (int i = index; i < size - 1; i++) {
        copy(i + 1, i);
      }
      removeLast(1);
    }
  }

  void removeFirst(int entries) {
    head = (head + entries) & (capacity() - 1);
    size -= entries;
    shrink();
  }

  void removeLast(int entries) {
    size -= entries;
    shrink();
  }

  private void shrink() {
    // Far below, so that a ring at the edge does not grow and shrink all the time.
    if (size < capacity() / 8 && capacity() > CAPACITY_MIN) {
      capacity(Math.max(CAPACITY_MIN, Integer.highestOneBit(size * 2 | 1)));
    }
  }

  /** Moves the entries of a range into a ring of their own; the caller then removes them here. */
  NodeRing cutOut(int from, int entries) {
    int capacity = Math.max(CAPACITY_MIN, Integer.highestOneBit(entries) * 2);
    NodeRing part = new NodeRing(nodes, capacity);
    for (int i = 0; i < entries; i++) {
      System.arraycopy(words, at(from + i), part.words, i << WORDS_LOG2, 1 << WORDS_LOG2);
    }
    part.size = entries;
    return part;
  }
}
