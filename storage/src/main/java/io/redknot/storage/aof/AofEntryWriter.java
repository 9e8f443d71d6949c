package io.redknot.storage.aof;

import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.rdb.RdbOutput;
import io.redknot.storage.snapshot.RecordPieces;
import io.redknot.storage.snapshot.SnapshotSession;
import io.redknot.storage.value.SortedSet;
import io.redknot.storage.value.StringValue;
import io.redknot.storage.value.ValueType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes entries as the commands that make them: a base in the format of an append-only file. */
public final class AofEntryWriter implements SnapshotSession.RecordWriter {
  @Override
  public void write(Keyspace keys, long ref, RdbOutput to) {
    byte[] key = key(keys, ref);
    CommandOutput out = new CommandOutput(() -> to);
    switch (ValueType.of(keys, ref)) {
      case STRING -> string(keys, ref, key, out);
      case LIST -> list(keys, ref, key, out);
      case SET -> set(keys, ref, key, out);
      case ZSET -> sortedSet(keys, ref, key, out);
      case HASH -> hash(keys, ref, key, out);
      case STREAM -> AofStreamWriter.write(keys, ref, key, out);
    }
    expiry(keys, ref, key, out);
  }

  @Override
  public @Nullable RecordPieces begin(Keyspace keys, long ref, boolean compress) {
    return AofPieces.of(keys, ref);
  }

  /** The key of an entry, as an array of its own. */
  static byte[] key(Keyspace keys, long ref) {
    int from = keys.keyOffset(ref);
    return Arrays.copyOfRange(keys.keyArray(ref), from, from + keys.keyLength(ref));
  }

  /** Writes what sets the expiry of an entry, if it has one. */
  static void expiry(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    long expiryMs = keys.expiry(ref);
    if (expiryMs != Keyspace.NO_EXPIRY) {
      out.begin(3, "PEXPIREAT").word(key).word(expiryMs);
    }
  }

  private static void string(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    out.begin(3, "SET").word(key);
    if (StringValue.isInteger(keys, ref)) {
      out.word(StringValue.integer(keys, ref));
    } else {
      out.word(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
    }
  }

  private static void list(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      byte[] lp = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      elements(new ChunkedCommand(out, "RPUSH", key, Listpack.count(lp, at), 1), lp, at, 1);
      return;
    }
    NodeList list = (NodeList) keys.large(ref);
    ChunkedCommand command = new ChunkedCommand(out, "RPUSH", key, list.count(), 1);
    for (int i = 0; i < list.nodes(); i++) {
      elements(command, list.array(i), list.offset(i), 1);
    }
  }

  /** Items of one or two elements each. */
  static void elements(ChunkedCommand command, byte[] lp, int at, int perItem) {
    int p = Listpack.first(lp, at);
    while (p != Listpack.NONE) {
      CommandOutput item = command.item();
      for (int i = 0; i < perItem; i++) {
        item.element(lp, at, p);
        p = Listpack.next(lp, at, p);
      }
    }
  }

  private static void set(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    int encoding = keys.encoding(ref);
    if (encoding == EntryFormat.INTSET) {
      byte[] ints = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      int count = IntSet.count(ints, at);
      ChunkedCommand command = new ChunkedCommand(out, "SADD", key, count, 1);
      for (int i = 0; i < count; i++) {
        command.item().word(IntSet.get(ints, at, i));
      }
    } else if (encoding == EntryFormat.LISTPACK) {
      byte[] lp = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      elements(new ChunkedCommand(out, "SADD", key, Listpack.count(lp, at), 1), lp, at, 1);
    } else {
      HashTable members = (HashTable) keys.large(ref);
      ChunkedCommand command = new ChunkedCommand(out, "SADD", key, members.count(), 1);
      members.forEach(
          (member, from, length, value, valueAt, valueLength) ->
              command.item().word(member, from, length));
    }
  }

  private static void hash(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      byte[] lp = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      int pairs = Listpack.count(lp, at) / 2;
      elements(new ChunkedCommand(out, "HMSET", key, pairs, 2), lp, at, 2);
      return;
    }
    HashTable fields = (HashTable) keys.large(ref);
    ChunkedCommand command = new ChunkedCommand(out, "HMSET", key, fields.count(), 2);
    fields.forEach(
        (field, at, length, value, valueAt, valueLength) ->
            command.item().word(field, at, length).word(value, valueAt, valueLength));
  }

  private static void sortedSet(Keyspace keys, long ref, byte[] key, CommandOutput out) {
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      byte[] lp = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      ChunkedCommand command = new ChunkedCommand(out, "ZADD", key, Listpack.count(lp, at) / 2, 2);
      int p = Listpack.first(lp, at);
      while (p != Listpack.NONE) {
        int score = Listpack.next(lp, at, p);
        CommandOutput item = command.item();
        item.element(lp, at, score);
        item.element(lp, at, p);
        p = Listpack.next(lp, at, score);
      }
      return;
    }
    SortedSet set = (SortedSet) keys.large(ref);
    ChunkedCommand command = new ChunkedCommand(out, "ZADD", key, set.count(), 2);
    set.visit(
        0,
        set.count(),
        false,
        (score, member, at, length) -> command.item().word(score).word(member, at, length));
  }
}
