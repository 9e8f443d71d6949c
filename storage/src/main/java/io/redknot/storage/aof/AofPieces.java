package io.redknot.storage.aof;

import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import io.redknot.storage.rdb.RdbOutput;
import io.redknot.storage.snapshot.RecordPieces;
import io.redknot.storage.value.SortedSet;
import io.redknot.storage.value.StreamValue;
import io.redknot.storage.value.ValueType;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The commands that make a large value, written node by node. */
final class AofPieces extends RecordPieces {
  private final byte[] key;
  private final CommandOutput commands = new CommandOutput(this::out);

  /** Goes on; false: all nodes are written. */
  private final BooleanSupplier steps;

  /** What follows all nodes, as it was at the beginning. */
  private final byte[] rest;

  private AofPieces(Keyspace keys, long ref) {
    super(false);
    this.key = AofEntryWriter.key(keys, ref);
    RdbOutput aside = RdbOutput.inMemory(false);
    CommandOutput behind = new CommandOutput(() -> aside);
    this.steps =
        switch (ValueType.of(keys, ref)) {
          case LIST -> list((NodeList) keys.large(ref));
          case HASH -> hash((HashTable) keys.large(ref));
          case SET -> set((HashTable) keys.large(ref));
          case ZSET -> sortedSet(((SortedSet) keys.large(ref)).table());
          case STREAM -> stream(StreamValue.of(keys, ref), behind);
          case STRING -> throw new IllegalArgumentException("a string has no nodes");
        };
    AofEntryWriter.expiry(keys, ref, key, behind);
    this.rest = aside.take(0);
  }

  /** Those of an entry; null where it is small, or is being written already. */
  static @Nullable AofPieces of(Keyspace keys, long ref) {
    if (keys.encoding(ref) != EntryFormat.LARGE) {
      return null;
    }
    boolean wanted =
        switch (keys.large(ref)) {
          case NodeList list -> list.isManyNodes() && !list.hasSnapshot();
          case HashTable table -> isLarge(table);
          case SortedSet set -> isLarge(set.table());
          case StreamValue stream ->
              stream.entries().isManyNodes() && !stream.entries().hasSnapshot();
          default -> false;
        };
    return wanted ? new AofPieces(keys, ref) : null;
  }

  private static boolean isLarge(HashTable table) {
    return table.isManyNodes() && !table.hasSnapshot();
  }

  private ChunkedCommand command(String verb, long items, int wordsPerItem) {
    return new ChunkedCommand(commands, verb, key, items, wordsPerItem);
  }

  private BooleanSupplier list(NodeList list) {
    ChunkedCommand command = command("RPUSH", list.count(), 1);
    list.beginSnapshot((lp, at) -> AofEntryWriter.elements(command, lp, at, 1));
    return list::snapshotStep;
  }

  private BooleanSupplier hash(HashTable fields) {
    ChunkedCommand command = command("HMSET", fields.count(), 2);
    fields.beginSnapshot(
        (field, at, length, value, valueAt, n) ->
            command.item().word(field, at, length).word(value, valueAt, n));
    return fields::snapshotStep;
  }

  private BooleanSupplier set(HashTable members) {
    ChunkedCommand command = command("SADD", members.count(), 1);
    members.beginSnapshot(
        (member, at, length, value, valueAt, n) -> command.item().word(member, at, length));
    return members::snapshotStep;
  }

  private BooleanSupplier sortedSet(HashTable scores) {
    ChunkedCommand command = command("ZADD", scores.count(), 2);
    scores.beginSnapshot(
        (member, at, length, value, valueAt, n) ->
            command
                .item()
                .word(Double.longBitsToDouble(Bytes.getLong(value, valueAt)))
                .word(member, at, length));
    return scores::snapshotStep;
  }

  private BooleanSupplier stream(StreamValue stream, CommandOutput behind) {
    new AofStreamWriter(behind, key).rest(stream);
    AofStreamWriter writer = new AofStreamWriter(commands, key);
    // A walk over entries needs a stream: here one of a single listpack.
    NodeStore aside = new NodeStore(new PageArena(new PagePool()));
    StreamEntries entries = stream.entries();
    entries.beginSnapshot(
        (id, lp, at) -> {
          StreamEntries single = new StreamEntries(aside);
          single.addNode(id, Arrays.copyOfRange(lp, at, at + Listpack.bytes(lp, at)));
          writer.entries(single);
          while (single.release(Integer.MAX_VALUE) == Integer.MAX_VALUE) {
            // until nothing is left
          }
        });
    return entries::snapshotStep;
  }

  @Override
  protected boolean next() {
    if (steps.getAsBoolean()) {
      return true;
    }
    append(rest);
    return false;
  }
}
