package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;

/** MONITOR: the client sees all commands from now on, until RESET. */
final class MonitorCommand {
  private static final CommandError DENIED =
      CommandError.of("ERR MONITOR isn't allowed for DENY BLOCKING client");

  private MonitorCommand() {}

  static void register(CommandTable table) {
    table.add("monitor", 1, MonitorCommand::monitor).flags(ADMIN, NOSCRIPT, LOADING, STALE);
  }

  /** As in Redis there is no second reply for a client that watches already. */
  private static void monitor(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.inTransaction()) {
      throw DENIED;
    }
    if (ctx.server().dispatcher().monitors().add(ctx.connection())) {
      out.ok();
    }
  }
}
