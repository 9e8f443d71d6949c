package io.redknot.storage.value;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.memory.NodeStore;

/**
 * A consumer of a group: what was delivered to it and not acknowledged yet, and when it was seen.
 */
public final class StreamConsumer {
  /** What {@link #activeMs} is of a consumer that never got anything. */
  public static final long NEVER = -1;

  private static final int HEAP_BYTES = 150;

  private final byte[] name;
  private final int number;
  private final IdTree pending;
  private long seenMs;
  private long activeMs = NEVER;
  private boolean left;

  StreamConsumer(byte[] name, int number, IdTree pending) {
    this.name = name;
    this.number = number;
    this.pending = pending;
  }

  static StreamConsumer of(byte[] name, int number, NodeStore nodes) {
    nodes.countHeapBytes(HEAP_BYTES + name.length);
    return new StreamConsumer(name, number, new IdTree(nodes, 0));
  }

  /** Its name; not to be written to. */
  public byte[] name() {
    return name;
  }

  /** The number by which the group's pending entries name it. */
  int number() {
    return number;
  }

  /** Ids of entries delivered and not acknowledged; read only. */
  public IdTree pending() {
    return pending;
  }

  /** Whether it was removed from its group. */
  boolean hasLeft() {
    return left;
  }

  /** Notes that it was removed from its group. */
  void leave() {
    left = true;
  }

  /** When it last tried to read or claim, Unix ms. */
  public long seenMs() {
    return seenMs;
  }

  /** Sets when it last tried to read or claim, Unix ms. */
  public void seenMs(long value) {
    seenMs = value;
  }

  /** When it was last given something, Unix ms, or {@link #NEVER}. */
  public long activeMs() {
    return activeMs;
  }

  /** Sets when it was last given something, Unix ms. */
  public void activeMs(long value) {
    activeMs = value;
  }

  long usedBytes() {
    return HEAP_BYTES + name.length + pending.heldBytes();
  }

  int release(int nodesMax, NodeStore nodes) {
    int released = pending.release(nodesMax, false);
    if (released < nodesMax) {
      nodes.countHeapBytes(-HEAP_BYTES - name.length);
    }
    return released;
  }

  StreamConsumer copyTo(NodeStore target) {
    target.countHeapBytes(HEAP_BYTES + name.length);
    StreamConsumer copy = new StreamConsumer(name, number, pending.copyTo(target));
    copy.seenMs = seenMs;
    copy.activeMs = activeMs;
    return copy;
  }
}
