package io.redknot.storage.rdb;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.encoding.StreamNodeCheck;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.value.GroupPending;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;
import io.redknot.storage.value.StreamValue;
import java.io.IOException;

/**
 * Streams in RDB.
 *
 * <pre>
 *   nodes: count, then each: string of 16 bytes (ms u64, seq u64, big-endian), string (listpack)
 *   entries, last id
 *   [2, 3: first id, greatest deleted id, entries added]
 *   groups: count, then each: name, last id, [2, 3: entries read]
 *     pending: count, then each: id of 16 bytes, delivered i64, deliveries
 *     consumers: count, then each: name, seen i64, [3: active i64]
 *       pending: count, then each: id of 16 bytes
 * </pre>
 *
 * Numbers not marked otherwise are lengths; ids are two of them.
 */
final class StreamCodec {
  private static final int ID_BYTES = 16;
  private static final int VERSION_OF_ACTIVE_TIME = 11;

  private StreamCodec() {}

  static void write(Keyspace keys, long ref, int version, RdbOutput out) throws IOException {
    StreamValue stream = StreamValue.of(keys, ref);
    StreamEntries entries = stream.entries();
    out.length(entries.listpacks());
    for (long p = entries.firstNode(); p != IdTree.NONE; p = entries.nextNode(p)) {
      writeNode(entries.nodeId(p), entries.nodeArray(p), entries.nodeOffset(p), out);
    }
    writeRest(stream, version, out);
  }

  /** Writes a listpack and the id under which it is kept. */
  static void writeNode(StreamId id, byte[] lp, int at, RdbOutput out) throws IOException {
    byte[] key = new byte[ID_BYTES];
    putId(key, id);
    out.string(key, 0, ID_BYTES);
    out.string(lp, at, Listpack.bytes(lp, at));
  }

  /** Writes what follows the listpacks. */
  static void writeRest(StreamValue stream, int version, RdbOutput out) throws IOException {
    StreamEntries entries = stream.entries();
    out.length(entries.length());
    writeId(entries.last(), out);
    writeId(entries.first(), out);
    writeId(entries.maxDeleted(), out);
    out.length(entries.added());
    out.length(stream.groups().size());
    for (StreamGroup group : stream.groups()) {
      writeGroup(group, version, out);
    }
  }

  private static void putId(byte[] target, StreamId id) {
    Bytes.putLong(target, 0, Long.reverseBytes(id.ms()));
    Bytes.putLong(target, Long.BYTES, Long.reverseBytes(id.seq()));
  }

  private static void writeId(StreamId id, RdbOutput out) throws IOException {
    out.length(id.ms());
    out.length(id.seq());
  }

  private static void writeGroup(StreamGroup group, int version, RdbOutput out) throws IOException {
    out.string(group.name(), 0, group.name().length);
    writeId(group.last(), out);
    out.length(group.entriesRead());
    GroupPending pending = group.pending();
    out.length(pending.size());
    for (long p = pending.first(); p != IdTree.NONE; p = pending.next(p)) {
      out.i64BigEndian(pending.ms(p));
      out.i64BigEndian(pending.seq(p));
      out.i64(pending.deliveredMs(p));
      out.length(pending.deliveries(p));
    }
    out.length(group.consumers().size());
    for (StreamConsumer consumer : group.consumers()) {
      writeConsumer(consumer, version, out);
    }
  }

  private static void writeConsumer(StreamConsumer consumer, int version, RdbOutput out)
      throws IOException {
    out.string(consumer.name(), 0, consumer.name().length);
    out.i64(consumer.seenMs());
    if (version >= VERSION_OF_ACTIVE_TIME) {
      out.i64(consumer.activeMs());
    }
    IdTree owned = consumer.pending();
    out.length(owned.size());
    for (long p = owned.first(); p != IdTree.NONE; p = owned.next(p)) {
      out.i64BigEndian(owned.ms(p));
      out.i64BigEndian(owned.seq(p));
    }
  }

  /**
   * Reads a stream that no key has yet.
   *
   * @param type which of the RDB types of streams
   * @throws RdbException where it is damaged; its nodes are given back then
   */
  static StreamValue read(int type, RdbInput in, Keyspace keys) throws IOException {
    StreamValue stream = StreamValue.empty(keys.nodes());
    try {
      readEntries(type, in, stream.entries());
      for (int groups = in.count(); groups > 0; groups--) {
        readGroup(type, in, stream);
      }
    } catch (IOException damaged) {
      ElementsBuilder.discard(stream);
      throw damaged;
    }
    return stream;
  }

  private static void readEntries(int type, RdbInput in, StreamEntries entries) throws IOException {
    StreamId before = StreamId.ZERO;
    for (int nodes = in.count(); nodes > 0; nodes--) {
      byte[] key = in.string();
      byte[] lp = in.string();
      if (key.length != ID_BYTES || !StreamNodeCheck.isValid(lp)) {
        throw new RdbException("a node of a stream is damaged");
      }
      StreamId id =
          new StreamId(
              Long.reverseBytes(Bytes.getLong(key, 0)),
              Long.reverseBytes(Bytes.getLong(key, Long.BYTES)));
      if (entries.listpacks() > 0 && id.compareTo(before) <= 0) {
        throw new RdbException("the nodes of a stream are not in order");
      }
      entries.addNode(id, lp);
      before = id;
    }
    long length = in.length();
    if (length != entries.length()) {
      throw new RdbException("a stream has another number of entries than it says");
    }
    entries.last(readId(in));
    if (type == RdbFormat.STREAM_LISTPACKS) {
      entries.added(length);
      return;
    }
    // The first id follows from the entries.
    var _ = readId(in);
    entries.maxDeleted(readId(in));
    entries.added(in.length());
  }

  private static StreamId readId(RdbInput in) throws IOException {
    long ms = in.length();
    return new StreamId(ms, in.length());
  }

  private static void readGroup(int type, RdbInput in, StreamValue stream) throws IOException {
    byte[] name = in.string();
    if (stream.group(name, 0, name.length) != null) {
      throw new RdbException("a group is there twice");
    }
    StreamId last = readId(in);
    boolean told = type != RdbFormat.STREAM_LISTPACKS;
    stream.addGroup(name, last, told ? in.length() : stream.readUpTo(last));
    StreamGroup group = stream.group(name, 0, name.length);
    if (group == null) {
      throw new IllegalStateException("a group that was added is gone");
    }
    PendingEntries pending = PendingEntries.read(in);
    for (int consumers = in.count(); consumers > 0; consumers--) {
      readConsumer(type, in, group, pending);
    }
    if (group.pending().size() != pending.size()) {
      throw new RdbException("a pending entry has no consumer");
    }
  }

  private static void readConsumer(int type, RdbInput in, StreamGroup group, PendingEntries pending)
      throws IOException {
    byte[] name = in.string();
    if (group.consumer(name, 0, name.length) != null) {
      throw new RdbException("a consumer is there twice");
    }
    long seenMs = in.i64();
    StreamConsumer consumer = group.addConsumer(name, seenMs);
    consumer.activeMs(type == RdbFormat.STREAM_LISTPACKS_3 ? in.i64() : seenMs);
    for (int owned = in.count(); owned > 0; owned--) {
      StreamId id = new StreamId(in.i64BigEndian(), in.i64BigEndian());
      int index = pending.find(id);
      if (index < 0 || group.pending().find(id.ms(), id.seq()) != IdTree.NONE) {
        throw new RdbException("a consumer has an entry that is not pending");
      }
      long position = group.addPending(id.ms(), id.seq(), consumer, pending.deliveredMs(index));
      group.pending().delivered(position, pending.deliveredMs(index), pending.deliveries(index));
    }
  }
}
