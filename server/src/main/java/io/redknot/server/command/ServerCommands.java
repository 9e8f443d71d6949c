package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.info.InfoSection;

/** INFO: what the server tells about itself. */
final class ServerCommands {
  private ServerCommands() {}

  static void register(CommandTable table) {
    table
        .add("info", -1, ServerCommands::info)
        .flags(LOADING, STALE)
        .in(DANGEROUS)
        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special");
  }

  private static void info(CommandContext ctx, Args args, RespWriter out) {
    out.verbatim("txt", InfoSection.text(ctx.server(), InfoSection.named(args, 1)));
  }
}
