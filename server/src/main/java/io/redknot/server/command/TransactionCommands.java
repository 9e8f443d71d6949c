package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.TRANSACTION;
import static io.redknot.server.dispatch.CommandFlag.ALLOW_BUSY;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.SKIP_SLOWLOG;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Transactions;
import io.redknot.server.dispatch.Treatment;
import io.redknot.server.net.Session;
import io.redknot.server.signal.KeyWatch;

/** MULTI, EXEC, DISCARD, WATCH and UNWATCH. */
final class TransactionCommands {
  private static final CommandError WATCH_INSIDE =
      CommandError.of("ERR WATCH inside MULTI is not allowed");

  private TransactionCommands() {}

  static void register(CommandTable table) {
    table
        .add("multi", 1, TransactionCommands::multi)
        .immediate()
        .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .in(TRANSACTION);
    table
        .add("exec", 1, (ctx, args, out) -> transactions(ctx).exec(ctx, out))
        .treated(Treatment.EXEC)
        .immediate()
        .flags(NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG)
        .in(TRANSACTION);
    table
        .add("discard", 1, TransactionCommands::discard)
        .immediate()
        .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .in(TRANSACTION);
    table
        .add("watch", -2, TransactionCommands::watch)
        .immediate()
        .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .in(TRANSACTION)
        .keys(KeySpec.range(1, -1, 1, "RO"));
    table
        .add("unwatch", 1, TransactionCommands::unwatch)
        .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
        .in(TRANSACTION);
  }

  private static Transactions transactions(CommandContext ctx) {
    return ctx.server().dispatcher().transactions();
  }

  private static void multi(CommandContext ctx, Args args, RespWriter out) {
    transactions(ctx).begin(ctx.session());
    out.ok();
  }

  private static void discard(CommandContext ctx, Args args, RespWriter out) {
    transactions(ctx).discard(ctx.session());
    out.ok();
  }

  private static void watch(CommandContext ctx, Args args, RespWriter out) {
    Session session = ctx.session();
    if (session.transaction() != null) {
      throw WATCH_INSIDE;
    }
    KeyWatch watch = session.watch();
    if (watch == null) {
      watch = new KeyWatch(ctx.server().signals());
      session.watch(watch);
    }
    // What is lost already needs no more keys.
    if (!watch.isTouched()) {
      var _ = ctx.keyspace();
      for (int i = 1; i < args.count(); i++) {
        watch.add(ctx.shard(), session.db(), args, i);
      }
    }
    out.ok();
  }

  /** Inside a transaction there is nothing left to do: EXEC has ended the watch. */
  private static void unwatch(CommandContext ctx, Args args, RespWriter out) {
    KeyWatch watch = ctx.session().watch();
    if (watch != null) {
      watch.clear();
    }
    out.ok();
  }
}
