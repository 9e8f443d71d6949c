package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.ALLOW_BUSY;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_MULTI;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.net.Suspension;

/** SHUTDOWN. It is not answered: the client sees its connection end. */
final class ShutdownCommand {
  private static final CommandError NOTHING_TO_ABORT =
      CommandError.of("ERR No shutdown in progress.");

  private static final CommandError NOT_SAVED =
      CommandError.of("ERR Errors trying to SHUTDOWN. Check logs.");

  private ShutdownCommand() {}

  static void register(CommandTable table) {
    table
        .add("shutdown", -1, ShutdownCommand::shutdown)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY);
  }

  private static void shutdown(CommandContext ctx, Args args, RespWriter out) {
    boolean abort = false;
    ShutdownOptions options = new ShutdownOptions(false, false, false, false);
    for (int i = 1; i < args.count(); i++) {
      if (args.is(i, "abort")) {
        abort = true;
      } else {
        options = with(options, args, i);
      }
    }
    if ((abort && args.count() > 2) || (options.save() && options.nosave())) {
      throw CommandError.SYNTAX;
    }
    if (abort) {
      if (!ctx.server().stopping().abort()) {
        throw NOTHING_TO_ABORT;
      }
      out.ok();
      return;
    }
    Suspension waiting = ctx.suspend();
    // Shown as blocked, but CLIENT UNBLOCK does not end it.
    waiting.decidedBy(() -> false).block(0, RespWriter::nullBulk);
    ctx.server()
        .stopping()
        .request(options, () -> waiting.complete(reply -> reply.error(NOT_SAVED.text())));
  }

  private static ShutdownOptions with(ShutdownOptions options, Args args, int index) {
    boolean save = options.save() || args.is(index, "save");
    boolean nosave = options.nosave() || args.is(index, "nosave");
    boolean now = options.now() || args.is(index, "now");
    boolean force = options.force() || args.is(index, "force");
    ShutdownOptions more = new ShutdownOptions(save, nosave, now, force);
    boolean known =
        args.is(index, "save")
            || args.is(index, "nosave")
            || args.is(index, "now")
            || args.is(index, "force");
    if (!known) {
      throw CommandError.SYNTAX;
    }
    return more;
  }
}
