package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.storage.keyspace.Shards;
import java.util.function.Consumer;

/** Databases as wholes: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB. They take the locks themselves. */
public final class DatabaseCommands {
  private static final CommandError SWAP_IN_CLUSTER =
      CommandError.of("ERR SWAPDB is not allowed in cluster mode");
  private static final CommandError INVALID_FIRST = CommandError.of("ERR invalid first DB index");
  private static final CommandError INVALID_SECOND = CommandError.of("ERR invalid second DB index");

  private DatabaseCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("dbsize", 1, (ctx, args, out) -> size(ctx, out))
        .flags(READONLY, FAST)
        .in(KEYSPACE)
        .tips("request_policy:all_shards", "response_policy:agg_sum");
    table
        .add("flushdb", -1, DatabaseCommands::flush)
        .flags(WRITE)
        .in(KEYSPACE, DANGEROUS)
        .tips("request_policy:all_shards", "response_policy:all_succeeded");
    table
        .add("flushall", -1, DatabaseCommands::flushAll)
        .flags(WRITE)
        .in(KEYSPACE, DANGEROUS)
        .tips("request_policy:all_shards", "response_policy:all_succeeded");
    table.add("swapdb", 3, DatabaseCommands::swap).flags(WRITE, FAST).in(KEYSPACE, DANGEROUS);
  }

  private static void size(CommandContext ctx, RespWriter out) {
    out.integer(ctx.server().shards().size(ctx.session().db()));
  }

  private static void flush(CommandContext ctx, Args args, RespWriter out) {
    checkMode(args);
    int db = ctx.session().db();
    underAllLocks(ctx, args, shards -> shards.flush(db, ctx.nowMs()));
    out.ok();
  }

  private static void flushAll(CommandContext ctx, Args args, RespWriter out) {
    checkMode(args);
    underAllLocks(ctx, args, shards -> shards.flushAll(ctx.nowMs()));
    out.ok();
  }

  /** Done and told in one, so that the stream has it between the same changes as the data set. */
  private static void underAllLocks(CommandContext ctx, Args args, Consumer<Shards> change) {
    Shards shards = ctx.server().shards();
    shards.lockAll();
    try {
      change.accept(shards);
      ctx.server().signals().flushed();
      ctx.propagate(args);
      ctx.serveWaiting();
    } finally {
      shards.unlockAll();
    }
  }

  /** SYNC and ASYNC are the same here: forgetting takes constant time, the collector the rest. */
  private static void checkMode(Args args) {
    boolean known = args.count() == 1 || args.is(1, "sync") || args.is(1, "async");
    if (args.count() > 2 || !known) {
      throw CommandError.SYNTAX;
    }
  }

  private static void swap(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.server().config().clusterEnabled.get()) {
      throw SWAP_IN_CLUSTER;
    }
    if (!IntArgument.isInt(args, 1)) {
      throw INVALID_FIRST;
    }
    if (!IntArgument.isInt(args, 2)) {
      throw INVALID_SECOND;
    }
    Shards shards = ctx.server().shards();
    int first = IntArgument.database(args, 1, shards.databases());
    int second = IntArgument.database(args, 2, shards.databases());
    underAllLocks(ctx, args, all -> all.swap(first, second, ctx.nowMs()));
    out.ok();
  }
}
