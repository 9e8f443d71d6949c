package io.redknot.storage.aof;

import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamCursor;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;
import io.redknot.storage.value.StreamValue;

/** Writes a stream as the commands that make it. */
final class AofStreamWriter {
  private final CommandOutput out;
  private final byte[] key;

  AofStreamWriter(CommandOutput out, byte[] key) {
    this.out = out;
    this.key = key;
  }

  static void write(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    StreamValue stream = StreamValue.of(keys, ref);
    AofStreamWriter writer = new AofStreamWriter(out, key);
    writer.entries(stream.entries());
    writer.rest(stream);
  }

  /** Writes what follows the entries. */
  void rest(StreamValue stream) {
    StreamEntries entries = stream.entries();
    if (entries.length() == 0) {
      // The stream comes into being with an entry that goes at once.
      StreamId last = entries.last();
      StreamId id = last.isZero() ? last.next() : last;
      out.begin(7, "XADD").word(key).word("MAXLEN").word(0).word(id).word("x").word("y");
    }
    out.begin(7, "XSETID")
        .word(key)
        .word(entries.last())
        .word("ENTRIESADDED")
        .word(entries.added())
        .word("MAXDELETEDID")
        .word(entries.maxDeleted());
    for (StreamGroup group : stream.groups()) {
      group(group);
    }
  }

  /** Writes entries. */
  void entries(StreamEntries entries) {
    StreamCursor cursor = entries.cursor(StreamId.ZERO, StreamId.MAX, false);
    while (cursor.next()) {
      out.begin(3 + 2 * cursor.fields(), "XADD").word(key).word(cursor.id());
      cursor.visit(out);
    }
  }

  private void group(StreamGroup group) {
    out.begin(7, "XGROUP")
        .word("CREATE")
        .word(key)
        .word(group.name())
        .word(group.last())
        .word("ENTRIESREAD")
        .word(group.entriesRead());
    for (StreamConsumer consumer : group.consumers()) {
      out.begin(5, "XGROUP")
          .word("CREATECONSUMER")
          .word(key)
          .word(group.name())
          .word(consumer.name());
      IdTree owned = consumer.pending();
      for (long p = owned.first(); p != IdTree.NONE; p = owned.next(p)) {
        pending(group, consumer, owned.ms(p), owned.seq(p));
      }
    }
  }

  private void pending(StreamGroup group, StreamConsumer consumer, long ms, long seq) {
    long position = group.pending().find(ms, seq);
    out.begin(12, "XCLAIM")
        .word(key)
        .word(group.name())
        .word(consumer.name())
        .word("0")
        .word(new StreamId(ms, seq))
        .word("TIME")
        .word(group.pending().deliveredMs(position))
        .word("RETRYCOUNT")
        .word(group.pending().deliveries(position))
        .word("JUSTID")
        .word("FORCE");
  }
}
