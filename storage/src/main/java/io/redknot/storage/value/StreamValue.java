package io.redknot.storage.value;

import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream: its entries and its consumer groups. It stays when it becomes empty. */
public final class StreamValue implements LargeValue {
  /** What {@link #lag} tells where it cannot be told. */
  public static final long UNKNOWN_LAG = Long.MIN_VALUE;

  private static final int HEAP_BYTES = 100;

  private final NodeStore nodes;
  private final StreamEntries entries;
  private final ByName<StreamGroup> groups = new ByName<>(StreamGroup::name);
  private boolean entriesReleased;

  private StreamValue(NodeStore nodes, StreamEntries entries) {
    this.nodes = nodes;
    this.entries = entries;
    nodes.countHeapBytes(HEAP_BYTES);
  }

  /** The stream of an entry that holds one. */
  public static StreamValue of(Keyspace keys, long ref) {
    return (StreamValue) keys.large(ref);
  }

  /** A stream without entries and groups, which no key has yet. */
  public static StreamValue empty(NodeStore nodes) {
    return new StreamValue(nodes, new StreamEntries(nodes));
  }

  /** Gives a key that was just looked up, and is not there, a stream without entries. */
  public static StreamValue create(Keyspace keys, byte[] key, int offset, int length) {
    StreamValue stream = empty(keys.nodes());
    long _ = keys.putLarge(0, key, offset, length, EntryFormat.TYPE_STREAM, stream);
    return stream;
  }

  /** The entries. */
  public StreamEntries entries() {
    return entries;
  }

  /** The groups in the order of their names. */
  public List<StreamGroup> groups() {
    return groups.items();
  }

  /** The group of a name; null where there is none. */
  public @Nullable StreamGroup group(byte[] array, int offset, int length) {
    return groups.find(array, offset, length);
  }

  /**
   * Adds a group whose name is not there.
   *
   * @param last entries up to this one count as delivered
   * @param entriesRead how many these are, or {@link StreamGroup#UNKNOWN}
   */
  public void addGroup(byte[] name, StreamId last, long entriesRead) {
    groups.add(StreamGroup.of(nodes, name, last, entriesRead));
  }

  /** Removes a group; its consumers and pending entries are the caller's to give back. */
  public void removeGroup(StreamGroup group) {
    groups.remove(group);
  }

  /** Notes that a group has got an entry that is new to it. */
  public void advance(StreamGroup group, long ms, long seq) {
    StreamId id = new StreamId(ms, seq);
    if (group.entriesRead() != StreamGroup.UNKNOWN && !hasDeletedFrom(id)) {
      group.entriesRead(group.entriesRead() + 1);
    } else if (entries.added() > 0) {
      group.entriesRead(readUpTo(id));
    }
    group.last(ms, seq);
  }

  /** Whether the entry deleted with the greatest id may be missing at or behind an id. */
  private boolean hasDeletedFrom(StreamId id) {
    return entries.length() > 0 && hasGaps() && id.compareTo(entries.maxDeleted()) <= 0;
  }

  /** Whether the entry deleted with the greatest id may be missing behind the first one. */
  private boolean hasGaps() {
    StreamId deleted = entries.maxDeleted();
    return !deleted.isZero() && deleted.compareTo(entries.first()) >= 0;
  }

  /** How many entries there ever were up to an id, or {@link StreamGroup#UNKNOWN}. */
  public long readUpTo(StreamId id) {
    if (entries.added() == 0) {
      return 0;
    }
    int toLast = id.compareTo(entries.last());
    if (toLast == 0 || (entries.length() == 0 && toLast < 0)) {
      return entries.added();
    }
    if (toLast > 0 || hasGaps()) {
      return StreamGroup.UNKNOWN;
    }
    long removed = entries.added() - entries.length();
    int toFirst = id.compareTo(entries.first());
    return toFirst < 0 ? removed : toFirst == 0 ? removed + 1 : StreamGroup.UNKNOWN;
  }

  /**
   * How many entries a group has not got yet; negative where it was told that it got more than
   * there were.
   *
   * @return {@link #UNKNOWN_LAG} where it cannot be told, since entries between were deleted
   */
  public long lag(StreamGroup group) {
    if (entries.added() == 0) {
      return 0;
    }
    long read = group.entriesRead();
    if (read == StreamGroup.UNKNOWN || hasDeletedFrom(group.last())) {
      read = readUpTo(group.last());
    }
    return read == StreamGroup.UNKNOWN ? UNKNOWN_LAG : entries.added() - read;
  }

  @Override
  public long usedBytes() {
    long bytes = HEAP_BYTES + entries.usedBytes();
    for (StreamGroup group : groups.items()) {
      bytes += group.usedBytes();
    }
    return bytes;
  }

  @Override
  public int release(int nodesMax) {
    int released = 0;
    if (!entriesReleased) {
      released = entries.release(nodesMax);
      entriesReleased = released < nodesMax;
    }
    List<StreamGroup> left = groups.items();
    while (released < nodesMax && !left.isEmpty()) {
      int wanted = nodesMax - released;
      int nodesOfOne = left.getLast().release(wanted);
      released += nodesOfOne;
      if (nodesOfOne < wanted) {
        left.removeLast();
        released++;
      }
    }
    if (released < nodesMax) {
      nodes.countHeapBytes(-HEAP_BYTES);
    }
    return released;
  }

  @Override
  public StreamValue copyTo(NodeStore target) {
    StreamValue copy = new StreamValue(target, entries.copyTo(target));
    for (StreamGroup group : groups.items()) {
      copy.groups.add(group.copyTo(target));
    }
    return copy;
  }
}
