package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_ASYNC_LOADING;
import static io.redknot.server.dispatch.CommandFlag.NO_MULTI;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.net.Suspension;
import io.redknot.server.persistence.Persister;

/** SAVE, BGSAVE, BGREWRITEAOF and LASTSAVE. */
final class PersistenceCommands {
  private static final CommandError IN_PROGRESS =
      CommandError.of("ERR Background save already in progress");

  private static final CommandError REWRITING =
      CommandError.of(
          "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE"
              + " in order to schedule a BGSAVE whenever possible.");
  private static final CommandError REWRITE_IN_PROGRESS =
      CommandError.of("ERR Background append only file rewriting already in progress");

  private PersistenceCommands() {}

  static void register(CommandTable table) {
    table
        .add("save", 1, PersistenceCommands::save)
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI);
    table.add("bgsave", -1, PersistenceCommands::bgSave).flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING);
    table
        .add("bgrewriteaof", 1, PersistenceCommands::bgRewriteAof)
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING);
    table
        .add("lastsave", 1, PersistenceCommands::lastSave)
        .flags(LOADING, STALE, FAST)
        .in(AclCategory.ADMIN, DANGEROUS)
        .tips("nondeterministic_output");
  }

  /** The client waits for the end; nobody else does. */
  private static void save(CommandContext ctx, Args args, RespWriter out) {
    Suspension waiting = ctx.suspend();
    boolean started =
        ctx.server()
            .persister()
            .start(
                ok ->
                    waiting.complete(
                        reply -> {
                          if (ok) {
                            reply.ok();
                          } else {
                            reply.error("ERR");
                          }
                        }));
    if (!started) {
      waiting.complete(reply -> reply.error(IN_PROGRESS.text()));
    }
  }

  private static void bgSave(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 2 || (args.count() == 2 && !args.is(1, "schedule"))) {
      throw CommandError.SYNTAX;
    }
    Persister persister = ctx.server().persister();
    if (persister.isSaving()) {
      throw IN_PROGRESS;
    }
    if (persister.appendOnly().isRewriting()) {
      if (args.count() == 1) {
        throw REWRITING;
      }
      persister.schedule();
      out.simple("Background saving scheduled");
      return;
    }
    if (!persister.start(ok -> {})) {
      throw IN_PROGRESS;
    }
    out.simple("Background saving started");
  }

  private static void bgRewriteAof(CommandContext ctx, Args args, RespWriter out) {
    switch (ctx.server().persister().appendOnly().requestRewrite()) {
      case STARTED -> out.simple("Background append only file rewriting started");
      case SCHEDULED -> out.simple("Background append only file rewriting scheduled");
      case IN_PROGRESS -> throw REWRITE_IN_PROGRESS;
    }
  }

  private static void lastSave(CommandContext ctx, Args args, RespWriter out) {
    out.integer(ctx.server().persister().state().lastSaveMs() / 1000);
  }
}
