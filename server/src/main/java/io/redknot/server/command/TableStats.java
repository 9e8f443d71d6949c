package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.ChainLengths;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.KeyspaceMemory;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.value.HashValue;
import io.redknot.storage.value.SetValue;
import io.redknot.storage.value.SortedSet;
import io.redknot.storage.value.ValueType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * DEBUG HTSTATS and HTSTATS-KEY, in the form of Redis, of tables that are made otherwise: a place
 * is the home of keys in a slot's table, a bucket of the timing wheel, or a leaf of a value's
 * table. None has a second table that it is moved to.
 */
final class TableStats {
  private static final CommandError NO_DATABASE = CommandError.of("ERR Out of range database");
  private static final CommandError NO_TABLE =
      CommandError.of(
          "ERR The value stored at the specified key is not represented using an hash table");

  private TableStats() {}

  static void ofDatabase(CommandContext ctx, Args args, RespWriter out) {
    long database = LongArgument.of(args, 2);
    Shards shards = ctx.server().shards();
    if (database < 0 || database >= shards.databases()) {
      throw NO_DATABASE;
    }
    ChainLengths keys = new ChainLengths();
    ChainLengths expiries = new ChainLengths();
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        KeyspaceMemory memory = shard.keyspace((int) database).memory();
        memory.countKeys(keys);
        memory.countExpiries(expiries);
      } finally {
        shard.unlock();
      }
    }
    out.verbatim("txt", "[Dictionary HT]\n" + text(keys) + "[Expires HT]\n" + text(expiries));
  }

  static void ofKey(CommandContext ctx, Args args, RespWriter out) {
    ChainLengths lengths = new ChainLengths();
    DebugData.look(
        ctx,
        args,
        2,
        (keys, ref) -> {
          HashTable table = table(keys, DebugData.existing(ref));
          if (table == null) {
            throw NO_TABLE;
          }
          table.count(lengths);
        });
    out.verbatim("txt", text(lengths));
  }

  private static @Nullable HashTable table(Keyspace keys, long ref) {
    ValueType type = ValueType.of(keys, ref);
    return switch (type.encodingName(keys, ref)) {
      case "hashtable" ->
          type == ValueType.SET ? SetValue.table(keys, ref) : HashValue.table(keys, ref);
      case "skiplist" -> ((SortedSet) keys.large(ref)).table();
      default -> null;
    };
  }

  private static String text(ChainLengths lengths) {
    StringBuilder text = new StringBuilder("Hash table 0 stats (main hash table):\n");
    if (lengths.elements() == 0) {
      return text.append("No stats available for empty dictionaries\n").toString();
    }
    long used = lengths.size() - lengths.places(0);
    double mean = (double) lengths.elements() / used;
    text.append(" table size: ").append(lengths.size());
    text.append("\n number of elements: ").append(lengths.elements());
    text.append("\n different slots: ").append(used);
    text.append("\n max chain length: ").append(lengths.longest());
    text.append("\n avg chain length (counted): ").append(decimals(mean));
    text.append("\n avg chain length (computed): ").append(decimals(mean));
    text.append("\n Chain length distribution:\n");
    for (int i = 0; i <= lengths.longest(); i++) {
      long places = lengths.places(i);
      if (places > 0) {
        String percent = decimals(100.0 * places / lengths.size());
        text.append("   %d: %d (%s%%)\n".formatted(i, places, percent));
      }
    }
    return text.toString();
  }

  private static String decimals(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
