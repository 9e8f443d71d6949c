package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_ASYNC_LOADING;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Guard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MODULE family. Modules are native code for Redis: none can be loaded, so that there never is
 * one to list or to unload.
 */
final class ModuleCommands {
  private static final Logger LOG = LoggerFactory.getLogger(ModuleCommands.class);
  private static final CommandError NOT_LOADED =
      CommandError.of("ERR Error loading the extension. Please check the server logs.");
  private static final CommandError NOT_UNLOADED =
      CommandError.of("ERR Error unloading module: no such module with that name");

  private ModuleCommands() {}

  static void register(CommandTable table) {
    CommandSpec module = table.container("module", -2);
    module
        .sub("list", 2, (ctx, args, out) -> out.array(0))
        .flags(ADMIN, NOSCRIPT)
        .tips("nondeterministic_output_order");
    module
        .sub("load", -3, ModuleCommands::load)
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .guarded(Guard.MODULE);
    module
        .sub("loadex", -3, ModuleCommands::load)
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .guarded(Guard.MODULE);
    module
        .sub(
            "unload",
            3,
            (ctx, args, out) -> {
              throw NOT_UNLOADED;
            })
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
        .guarded(Guard.MODULE);
    module
        .sub(
            "help",
            2,
            (ctx, args, out) ->
                HelpReply.write(out, "MODULE", "LIST", "    The loaded modules: always none here."))
        .flags(LOADING, STALE);
  }

  private static void load(CommandContext ctx, Args args, RespWriter out) {
    LOG.warn("Module {} failed to load: modules are native code for Redis", args.text(2));
    throw NOT_LOADED;
  }
}
