package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.CONNECTION;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;

/** CLIENT and its subcommands. */
public final class ClientCommands {
  private ClientCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    CommandSpec client = table.container("client", -2);
    client.sub("id", 2, ClientCommands::id).flags(NOSCRIPT, LOADING, STALE).in(CONNECTION);
  }

  private static void id(CommandContext ctx, Args args, RespWriter out) {
    out.integer(ctx.session().id());
  }
}
