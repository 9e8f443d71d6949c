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
import io.redknot.server.persistence.AppendOnly;
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

  private static final String STARTED = "Background append only file rewriting started";
  private static final String SCHEDULED = "Background append only file rewriting scheduled";

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

  /** The reply comes when it is settled which changes are in the file: all before it, no others. */
  private static void bgSave(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 2 || (args.count() == 2 && !args.is(1, "schedule"))) {
      throw CommandError.SYNTAX;
    }
    Persister persister = ctx.server().persister();
    if (persister.isSaving()) {
      throw IN_PROGRESS;
    }
    boolean rewriting = persister.appendOnly().isRewriting();
    if (rewriting && args.count() == 1 && !ctx.inTransaction()) {
      throw REWRITING;
    }
    if (rewriting || ctx.inTransaction()) {
      persister.schedule();
      out.simple("Background saving scheduled");
      return;
    }
    Suspension waiting = ctx.suspend();
    Runnable begun = () -> waiting.complete(reply -> reply.simple("Background saving started"));
    // Where it fails before it begins the reply is the same: the log tells the rest.
    if (!persister.start(begun, () -> {}, ok -> begun.run())) {
      waiting.complete(reply -> reply.error(IN_PROGRESS.text()));
    }
  }

  /** The reply comes when it is settled which changes are in the base, as that of BGSAVE does. */
  private static void bgRewriteAof(CommandContext ctx, Args args, RespWriter out) {
    AppendOnly appendOnly = ctx.server().persister().appendOnly();
    if (ctx.inTransaction()) {
      if (appendOnly.isRewriting()) {
        throw REWRITE_IN_PROGRESS;
      }
      appendOnly.schedule().schedule();
      out.simple(SCHEDULED);
      return;
    }
    Suspension waiting = ctx.suspend();
    Runnable begun = () -> waiting.complete(reply -> reply.simple(STARTED));
    switch (appendOnly.requestRewrite(begun)) {
      case STARTED -> {}
      case SCHEDULED -> waiting.complete(reply -> reply.simple(SCHEDULED));
      case IN_PROGRESS -> waiting.complete(reply -> reply.error(REWRITE_IN_PROGRESS.text()));
    }
  }

  private static void lastSave(CommandContext ctx, Args args, RespWriter out) {
    out.integer(ctx.server().persister().state().lastSaveMs() / 1000);
  }
}
