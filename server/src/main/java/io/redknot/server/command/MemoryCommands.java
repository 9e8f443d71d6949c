package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.info.MemoryReport;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;

/** The MEMORY family. */
final class MemoryCommands {
  /** How much PURGE moves in one database of one shard before it gives the lock back. */
  private static final int PURGE_STEP_BYTES = 1024 * 1024;

  private static final String NONDETERMINISTIC = "nondeterministic_output";
  private static final String ALL_SHARDS = "request_policy:all_shards";
  private static final String SPECIAL = "response_policy:special";

  private MemoryCommands() {}

  static void register(CommandTable table) {
    CommandSpec memory = table.container("memory", -2);
    memory
        .sub("doctor", 2, (ctx, args, out) -> out.verbatim("txt", MemoryReport.of(ctx.server())))
        .tips(NONDETERMINISTIC, ALL_SHARDS, SPECIAL);
    memory
        .sub("malloc-stats", 2, MemoryCommands::mallocStats)
        .tips(NONDETERMINISTIC, ALL_SHARDS, SPECIAL);
    memory.sub("purge", 2, MemoryCommands::purge).tips(ALL_SHARDS, "response_policy:all_succeeded");
    memory
        .sub("stats", 2, (ctx, args, out) -> MemoryReport.stats(ctx.server(), out))
        .tips(NONDETERMINISTIC, ALL_SHARDS, SPECIAL);
    memory.sub("usage", -3, MemoryCommands::usage).flags(READONLY).keys(KeySpec.at(2, "RO"));
    memory
        .sub(
            "help",
            2,
            (ctx, args, out) ->
                HelpReply.write(
                    out,
                    "MEMORY",
                    "DOCTOR",
                    "    What is odd about the use of memory, for people.",
                    "MALLOC-STATS",
                    "    The books of the storage's pages.",
                    "PURGE",
                    "    Move entries together, so that pages become free.",
                    "STATS",
                    "    Where memory goes.",
                    "USAGE <key> [SAMPLES <count>]",
                    "    Bytes that a key and its value take. They are counted, so that the number",
                    "    of samples makes no difference."))
        .flags(LOADING, STALE);
  }

  private static void usage(CommandContext ctx, Args args, RespWriter out) {
    for (int i = 3; i < args.count(); i += 2) {
      if (!args.is(i, "samples") || i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      if (!args.isLong(i + 1)) {
        throw CommandError.NOT_INTEGER;
      }
      if (args.toLong(i + 1) < 0) {
        throw CommandError.SYNTAX;
      }
    }
    Keyspace keys = ctx.keyspace();
    long ref = keys.find(args.array(), args.offset(2), args.length(2), ctx.slotOf(args, 2));
    if (ref == 0) {
      out.nullBulk();
    } else {
      out.integer(keys.memory().usage(ref));
    }
  }

  private static void purge(CommandContext ctx, Args args, RespWriter out) {
    Shards shards = ctx.server().shards();
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        for (int db = 0; db < shards.databases(); db++) {
          shard.keyspace(db).memory().compact(PURGE_STEP_BYTES, 1);
        }
      } finally {
        shard.unlock();
      }
    }
    out.ok();
  }

  private static void mallocStats(CommandContext ctx, Args args, RespWriter out) {
    StringBuilder text = new StringBuilder("shard db keys used held fragmented\n");
    Shards shards = ctx.server().shards();
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        for (int db = 0; db < shards.databases(); db++) {
          append(text, i, db, shard.keyspace(db));
        }
      } finally {
        shard.unlock();
      }
    }
    out.verbatim("txt", text.toString());
  }

  private static void append(StringBuilder text, int shard, int db, Keyspace keys) {
    if (keys.memory().heldBytes() > 0) {
      text.append(shard).append(' ').append(db).append(' ').append(keys.size());
      text.append(' ').append(keys.memory().usedBytes());
      text.append(' ').append(keys.memory().heldBytes());
      text.append(' ').append(keys.memory().fragmentedBytes()).append('\n');
    }
  }
}
