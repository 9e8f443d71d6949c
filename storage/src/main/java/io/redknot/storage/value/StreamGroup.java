package io.redknot.storage.value;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group of a stream: how far it has read, its consumers, and the entries that were
 * delivered to them and not acknowledged yet.
 *
 * <pre>
 *   pending entry   0  i64  when it was delivered last, Unix ms
 *                   8  i64  how often it was delivered
 *                  16  u32  number of the consumer that has it
 * </pre>
 *
 * <p>Positions of pending entries are those of an {@link IdTree}: true until one is added or
 * removed.
 */
public final class StreamGroup implements LargeValue {
  /** What {@link #entriesRead} is where nobody knows. */
  public static final long UNKNOWN = -1;

  private static final int DELIVERIES = 8;
  private static final int CONSUMER = 16;
  private static final int PENDING_BYTES = 20;
  private static final int HEAP_BYTES = 250;

  private final NodeStore nodes;
  private final byte[] name;
  private final IdTree pending;
  private final ByName<StreamConsumer> consumers = new ByName<>(StreamConsumer::name);

  /** By number; null where a number is free. */
  private @Nullable StreamConsumer[] numbered = {};

  /** No number below is free. */
  private int lowestFree;

  private long lastMs;
  private long lastSeq;
  private long entriesRead;

  StreamGroup(NodeStore nodes, byte[] name, IdTree pending) {
    this.nodes = nodes;
    this.name = name;
    this.pending = pending;
    nodes.countHeapBytes(HEAP_BYTES + name.length);
  }

  static StreamGroup of(NodeStore nodes, byte[] name, StreamId last, long entriesRead) {
    StreamGroup group = new StreamGroup(nodes, name, new IdTree(nodes, PENDING_BYTES));
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
    int number = lowestFree;
    while (number < numbered.length && numbered[number] != null) {
      number++;
    }
    if (number == numbered.length) {
      numbered = Arrays.copyOf(numbered, number + 1 + number / 2);
    }
    lowestFree = number + 1;
    StreamConsumer added = StreamConsumer.of(consumerName, number, nodes);
    added.seenMs(nowMs);
    numbered[number] = added;
    consumers.add(added);
    return added;
  }

  /**
   * Removes a consumer and what is pending with it.
   *
   * @return how many entries were pending
   */
  public long removeConsumer(StreamConsumer consumer) {
    IdTree owned = consumer.pending();
    long count = owned.size();
    for (long p = owned.first(); p != IdTree.NONE; p = owned.next(p)) {
      pending.remove(owned.ms(p), owned.seq(p));
    }
    releaseAll(consumer);
    numbered[consumer.number()] = null;
    lowestFree = Math.min(lowestFree, consumer.number());
    consumers.remove(consumer);
    return count;
  }

  private void releaseAll(StreamConsumer consumer) {
    int released = consumer.release(Integer.MAX_VALUE, nodes);
    assert released < Integer.MAX_VALUE;
  }

  /** Ids of entries delivered and not acknowledged; read only, and by the verbs of the group. */
  public IdTree pending() {
    return pending;
  }

  /** When a pending entry was delivered last, Unix ms. */
  public long deliveredMs(long position) {
    return Bytes.getLong(pending.array(position), pending.payload(position));
  }

  /** How often a pending entry was delivered. */
  public long deliveries(long position) {
    return Bytes.getLong(pending.array(position), pending.payload(position) + DELIVERIES);
  }

  /** Notes a delivery of a pending entry to the consumer that has it. */
  public void delivered(long position, long unixMs, long deliveries) {
    byte[] array = pending.array(position);
    int at = pending.payload(position);
    Bytes.putLong(array, at, unixMs);
    Bytes.putLong(array, at + DELIVERIES, deliveries);
  }

  /** The consumer that has a pending entry. */
  public StreamConsumer owner(long position) {
    int at = pending.payload(position) + CONSUMER;
    StreamConsumer owner = numbered[Bytes.getInt(pending.array(position), at)];
    if (owner == null) {
      throw new IllegalStateException("a pending entry has no consumer");
    }
    return owner;
  }

  /** Adds a pending entry whose id is not there, delivered once; its position. */
  public long addPending(long ms, long seq, StreamConsumer consumer, long unixMs) {
    long position = pending.insert(ms, seq);
    delivered(position, unixMs, 1);
    putOwner(position, consumer);
    consumer.pending().insert(ms, seq);
    return position;
  }

  private void putOwner(long position, StreamConsumer consumer) {
    int at = pending.payload(position) + CONSUMER;
    Bytes.putInt(pending.array(position), at, consumer.number());
  }

  /** Gives a pending entry to a consumer, which may be the one that has it. */
  public void give(long position, StreamConsumer consumer) {
    StreamConsumer before = owner(position);
    if (before != consumer) {
      long ms = pending.ms(position);
      long seq = pending.seq(position);
      before.pending().remove(ms, seq);
      consumer.pending().insert(ms, seq);
      putOwner(position, consumer);
    }
  }

  /** Notes that an entry was delivered to a consumer for the first time, or as if it were. */
  public void deliver(long ms, long seq, StreamConsumer consumer, long unixMs) {
    long position = pending.find(ms, seq);
    if (position == IdTree.NONE) {
      addPending(ms, seq, consumer, unixMs);
    } else {
      give(position, consumer);
      delivered(position, unixMs, 1);
    }
  }

  /** Removes a pending entry; whether it was there. */
  public boolean acknowledge(long ms, long seq) {
    long position = pending.find(ms, seq);
    if (position == IdTree.NONE) {
      return false;
    }
    owner(position).pending().remove(ms, seq);
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
      int own = pending.release(wanted, false);
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
    copy.numbered = new StreamConsumer[numbered.length];
    copy.lowestFree = lowestFree;
    for (StreamConsumer consumer : consumers.items()) {
      StreamConsumer copied = consumer.copyTo(target);
      copy.numbered[copied.number()] = copied;
      copy.consumers.add(copied);
    }
    return copy;
  }
}
