package io.redknot.storage.value;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries that were delivered to a group's consumers and not acknowledged yet, by id.
 *
 * <pre>
 *   pending entry   0  i64  when it was delivered last, Unix ms
 *                   8  i64  how often it was delivered
 *                  16  u32  number of the consumer that has it
 * </pre>
 *
 * <p>Positions are those of an {@link IdTree}: true until an entry is added or removed.
 *
 * <p>Entries of a consumer that was removed stay in the tree until {@link RemovedConsumer} comes to
 * them. They are orphans, which no verb shows, and an id that is pending again takes the orphan's
 * place. The consumer keeps its number until the last of them is gone.
 */
public final class GroupPending {
  private static final int DELIVERIES = 8;
  private static final int CONSUMER = 16;
  private static final int PENDING_BYTES = 20;

  /** So many orphans are passed one by one, and at least as many as there are consumers. */
  private static final int PASSED_ORPHANS_MAX = 64;

  private final IdTree tree;

  /** By number; null where a number is free. */
  private @Nullable StreamConsumer[] numbered = {};

  /** No number below is free. */
  private int lowestFree;

  private long orphans;

  private GroupPending(IdTree tree) {
    this.tree = tree;
  }

  static GroupPending empty(NodeStore nodes) {
    return new GroupPending(new IdTree(nodes, PENDING_BYTES));
  }

  /** Makes a consumer with the lowest number that is free. */
  StreamConsumer newConsumer(byte[] name, NodeStore nodes) {
    int number = lowestFree;
    while (number < numbered.length && numbered[number] != null) {
      number++;
    }
    if (number == numbered.length) {
      numbered = Arrays.copyOf(numbered, number + 1 + number / 2);
    }
    lowestFree = number + 1;
    StreamConsumer made = StreamConsumer.of(name, number, nodes);
    numbered[number] = made;
    return made;
  }

  /** Makes the entries of a consumer orphans; its {@link RemovedConsumer} has to follow. */
  void orphan(StreamConsumer consumer) {
    consumer.leave();
    orphans += consumer.pending().size();
  }

  /** Removes an entry if it is an orphan of this consumer, not one that came in its place. */
  void removeOrphan(StreamConsumer consumer, long ms, long seq) {
    long position = tree.find(ms, seq);
    if (position != IdTree.NONE && number(position) == consumer.number()) {
      tree.remove(ms, seq);
      orphans--;
    }
  }

  /** Gives the number of a consumer back, of which no entry is left. */
  void free(StreamConsumer consumer) {
    numbered[consumer.number()] = null;
    lowestFree = Math.min(lowestFree, consumer.number());
  }

  /** Number of entries. */
  public long size() {
    return tree.size() - orphans;
  }

  private boolean isOrphan(long position) {
    return orphans > 0 && owner(position).hasLeft();
  }

  private int passedMax() {
    return Math.max(PASSED_ORPHANS_MAX, numbered.length);
  }

  private long forward(long position) {
    long p = position;
    for (int passed = 0; p != IdTree.NONE && isOrphan(p); passed++) {
      if (passed == passedMax()) {
        return found(ownedFrom(tree.id(p)));
      }
      p = tree.next(p);
    }
    return p;
  }

  private long backward(long position) {
    long p = position;
    for (int passed = 0; p != IdTree.NONE && isOrphan(p); passed++) {
      if (passed == passedMax()) {
        return found(ownedUpTo(tree.id(p)));
      }
      p = tree.previous(p);
    }
    return p;
  }

  private long found(@Nullable StreamId id) {
    return id == null ? IdTree.NONE : tree.find(id.ms(), id.seq());
  }

  /** The least id from one on that a consumer has: millions of orphans may lie before it. */
  private @Nullable StreamId ownedFrom(StreamId least) {
    StreamId best = null;
    for (StreamConsumer consumer : numbered) {
      if (consumer != null && !consumer.hasLeft()) {
        long p = consumer.pending().ceiling(least.ms(), least.seq());
        StreamId id = p == IdTree.NONE ? null : consumer.pending().id(p);
        best = best == null || (id != null && id.compareTo(best) < 0) ? id : best;
      }
    }
    return best;
  }

  /** The greatest id up to one that a consumer has. */
  private @Nullable StreamId ownedUpTo(StreamId greatest) {
    StreamId best = null;
    for (StreamConsumer consumer : numbered) {
      if (consumer != null && !consumer.hasLeft()) {
        long p = consumer.pending().floor(greatest.ms(), greatest.seq());
        StreamId id = p == IdTree.NONE ? null : consumer.pending().id(p);
        best = best == null || (id != null && id.compareTo(best) > 0) ? id : best;
      }
    }
    return best;
  }

  /** Position of the first entry, or {@link IdTree#NONE}. */
  public long first() {
    return forward(tree.first());
  }

  /** Position of the last entry, or {@link IdTree#NONE}. */
  public long last() {
    return backward(tree.last());
  }

  /** Position of the entry that follows, or {@link IdTree#NONE}. */
  public long next(long position) {
    return forward(tree.next(position));
  }

  /** Position of the first entry whose id is at least this one, or {@link IdTree#NONE}. */
  public long ceiling(long ms, long seq) {
    return forward(tree.ceiling(ms, seq));
  }

  /** Position of the entry with an id, or {@link IdTree#NONE}. */
  public long find(long ms, long seq) {
    long position = tree.find(ms, seq);
    return position == IdTree.NONE || isOrphan(position) ? IdTree.NONE : position;
  }

  /** High half of an entry's id. */
  public long ms(long position) {
    return tree.ms(position);
  }

  /** Low half of an entry's id. */
  public long seq(long position) {
    return tree.seq(position);
  }

  /** An entry's id. */
  public StreamId id(long position) {
    return tree.id(position);
  }

  /** When an entry was delivered last, Unix ms. */
  public long deliveredMs(long position) {
    return Bytes.getLong(tree.array(position), tree.payload(position));
  }

  /** How often an entry was delivered. */
  public long deliveries(long position) {
    return Bytes.getLong(tree.array(position), tree.payload(position) + DELIVERIES);
  }

  /** Notes a delivery of an entry to the consumer that has it. */
  public void delivered(long position, long unixMs, long deliveries) {
    byte[] array = tree.array(position);
    int at = tree.payload(position);
    Bytes.putLong(array, at, unixMs);
    Bytes.putLong(array, at + DELIVERIES, deliveries);
  }

  private int number(long position) {
    return Bytes.getInt(tree.array(position), tree.payload(position) + CONSUMER);
  }

  /** The consumer that has an entry. */
  public StreamConsumer owner(long position) {
    StreamConsumer owner = numbered[number(position)];
    if (owner == null) {
      throw new IllegalStateException("a pending entry has no consumer");
    }
    return owner;
  }

  /** Notes which consumer has an entry. */
  void owner(long position, StreamConsumer consumer) {
    int at = tree.payload(position) + CONSUMER;
    Bytes.putInt(tree.array(position), at, consumer.number());
  }

  /** Adds an entry whose id is not there, or is an orphan's; the payload is the caller's. */
  long add(long ms, long seq) {
    long orphan = orphans == 0 ? IdTree.NONE : tree.find(ms, seq);
    if (orphan == IdTree.NONE) {
      return tree.insert(ms, seq);
    }
    orphans--;
    return orphan;
  }

  /** Removes an entry. */
  void remove(long ms, long seq) {
    tree.remove(ms, seq);
  }

  long heldBytes() {
    return tree.heldBytes();
  }

  int release(int nodesMax) {
    return tree.release(nodesMax, false);
  }

  /** A copy without the orphans, and without the consumers until they are put into it. */
  GroupPending copyTo(NodeStore target) {
    GroupPending copy = orphans == 0 ? new GroupPending(tree.copyTo(target)) : empty(target);
    copy.numbered = new StreamConsumer[numbered.length];
    if (orphans > 0) {
      for (long p = first(); p != IdTree.NONE; p = next(p)) {
        long added = copy.tree.insert(ms(p), seq(p));
        copy.delivered(added, deliveredMs(p), deliveries(p));
        copy.owner(added, owner(p));
      }
    }
    return copy;
  }

  /** Puts in a consumer that was copied together with the entries. */
  void put(StreamConsumer copied) {
    numbered[copied.number()] = copied;
  }
}
