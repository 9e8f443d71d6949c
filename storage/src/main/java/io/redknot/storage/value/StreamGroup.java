package io.redknot.storage.value;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group of a stream: how far it has read, its consumers, and the entries that were
 * delivered to them and not acknowledged yet.
 */
public final class StreamGroup implements LargeValue {
  /** What {@link #entriesRead} is where nobody knows. */
  public static final long UNKNOWN = -1;

  private static final int HEAP_BYTES = 250;

  private final NodeStore nodes;
  private final byte[] name;
  private final GroupPending pending;
  private final ByName<StreamConsumer> consumers = new ByName<>(StreamConsumer::name);

  private long lastMs;
  private long lastSeq;
  private long entriesRead;

  StreamGroup(NodeStore nodes, byte[] name, GroupPending pending) {
    this.nodes = nodes;
    this.name = name;
    this.pending = pending;
    nodes.countHeapBytes(HEAP_BYTES + name.length);
  }

  static StreamGroup of(NodeStore nodes, byte[] name, StreamId last, long entriesRead) {
    StreamGroup group = new StreamGroup(nodes, name, GroupPending.empty(nodes));
    group.last(last);
    group.entriesRead = entriesRead;
    return group;
  }

  /** Its name; not to be written to. */
  public byte[] name() {
    return name;
  }

  /** Id of the last entry delivered. */
  public StreamId last() {
    return new StreamId(lastMs, lastSeq);
  }

  /** Sets the id of the last entry delivered. */
  public void last(StreamId value) {
    last(value.ms(), value.seq());
  }

  /** As {@link #last(StreamId)}. */
  public void last(long ms, long seq) {
    lastMs = ms;
    lastSeq = seq;
  }

  /** Whether an id is greater than that of the last entry delivered. */
  public boolean isNew(long ms, long seq) {
    return StreamId.compare(ms, seq, lastMs, lastSeq) > 0;
  }

  /** How many entries of the stream's history were delivered, or {@link #UNKNOWN}. */
  public long entriesRead() {
    return entriesRead;
  }

  /** Sets how many entries of the stream's history were delivered, or {@link #UNKNOWN}. */
  public void entriesRead(long value) {
    entriesRead = value;
  }

  /** The consumers in the order of their names. */
  public List<StreamConsumer> consumers() {
    return consumers.items();
  }

  /** The consumer of a name; null where there is none. */
  public @Nullable StreamConsumer consumer(byte[] array, int offset, int length) {
    return consumers.find(array, offset, length);
  }

  /** Adds a consumer whose name is not there. */
  public StreamConsumer addConsumer(byte[] consumerName, long nowMs) {
    StreamConsumer added = pending.newConsumer(consumerName, nodes);
    added.seenMs(nowMs);
    consumers.add(added);
    return added;
  }

  /**
   * Removes a consumer and what is pending with it.
   *
   * @return for the caller to give back, before the group if that is to go as well
   */
  public RemovedConsumer removeConsumer(StreamConsumer consumer) {
    pending.orphan(consumer);
    consumers.remove(consumer);
    return new RemovedConsumer(pending, consumer, nodes);
  }

  /** Entries delivered and not acknowledged; changed by the verbs of the group. */
  public GroupPending pending() {
    return pending;
  }

  /** Adds a pending entry whose id is not there, delivered once; its position. */
  public long addPending(long ms, long seq, StreamConsumer consumer, long unixMs) {
    long position = pending.add(ms, seq);
    pending.delivered(position, unixMs, 1);
    pending.owner(position, consumer);
    consumer.pending().insert(ms, seq);
    return position;
  }

  /** Gives a pending entry to a consumer, which may be the one that has it. */
  public void give(long position, StreamConsumer consumer) {
    StreamConsumer before = pending.owner(position);
    if (before != consumer) {
      long ms = pending.ms(position);
      long seq = pending.seq(position);
      before.pending().remove(ms, seq);
      consumer.pending().insert(ms, seq);
      pending.owner(position, consumer);
    }
  }

  /** Notes that an entry was delivered to a consumer for the first time, or as if it were. */
  public void deliver(long ms, long seq, StreamConsumer consumer, long unixMs) {
    long position = pending.find(ms, seq);
    if (position == IdTree.NONE) {
      addPending(ms, seq, consumer, unixMs);
    } else {
      give(position, consumer);
      pending.delivered(position, unixMs, 1);
    }
  }

  /** Removes a pending entry; whether it was there. */
  public boolean acknowledge(long ms, long seq) {
    long position = pending.find(ms, seq);
    if (position == IdTree.NONE) {
      return false;
    }
    pending.owner(position).pending().remove(ms, seq);
    pending.remove(ms, seq);
    return true;
  }

  @Override
  public long usedBytes() {
    long bytes = HEAP_BYTES + name.length + pending.heldBytes();
    for (StreamConsumer consumer : consumers.items()) {
      bytes += consumer.usedBytes();
    }
    return bytes;
  }

  /** A consumer counts as a node. */
  @Override
  public int release(int nodesMax) {
    List<StreamConsumer> left = consumers.items();
    int released = 0;
    while (released < nodesMax && !left.isEmpty()) {
      int wanted = nodesMax - released;
      int nodesOfOne = left.getLast().release(wanted, nodes);
      released += nodesOfOne;
      if (nodesOfOne < wanted) {
        left.removeLast();
        released++;
      }
    }
    int wanted = nodesMax - released;
    if (wanted > 0) {
      int own = pending.release(wanted);
      released += own;
      if (own < wanted) {
        nodes.countHeapBytes(-HEAP_BYTES - name.length);
      }
    }
    return released;
  }

  @Override
  public StreamGroup copyTo(NodeStore target) {
    StreamGroup copy = new StreamGroup(target, name, pending.copyTo(target));
    copy.last(lastMs, lastSeq);
    copy.entriesRead = entriesRead;
    for (StreamConsumer consumer : consumers.items()) {
      StreamConsumer copied = consumer.copyTo(target);
      copy.pending.put(copied);
      copy.consumers.add(copied);
    }
    return copy;
  }
}
