package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SCRIPTING;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Refusals;
import io.redknot.storage.keyspace.Shards;

/**
 * The FUNCTION family of a server that has no engine for functions: no library can be loaded, so
 * that there never is one to list. Those that came in files, or from a primary, are kept for the
 * next file until they are flushed.
 */
final class FunctionCommands {
  private static final CommandError FLUSH_MODE =
      CommandError.of("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  private static final CommandError NO_PATTERN =
      CommandError.of("ERR library name argument was not given");

  private FunctionCommands() {}

  static void register(CommandTable table) {
    CommandSpec function = table.container("function", -2);
    function
        .sub("flush", -2, FunctionCommands::flush)
        .flags(WRITE, NOSCRIPT)
        .in(SCRIPTING)
        .tips("request_policy:all_shards", "response_policy:all_succeeded");
    function
        .sub("list", -2, FunctionCommands::list)
        .flags(NOSCRIPT)
        .in(SCRIPTING)
        .tips("nondeterministic_output_order");
    function.sub("help", 2, HELP).flags(LOADING, STALE).in(SCRIPTING);
  }

  private static final CommandHandler HELP =
      (ctx, args, out) ->
          HelpReply.write(
              out,
              "FUNCTION",
              "FLUSH [ASYNC|SYNC]",
              "    Forget all libraries, also those that are only kept for the next file.",
              "LIST [LIBRARYNAME <pattern>] [WITHCODE]",
              "    The loaded libraries: always none here.");

  private static void flush(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 3) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    if (args.count() == 3 && !args.is(2, "sync") && !args.is(2, "async")) {
      throw FLUSH_MODE;
    }
    Shards shards = ctx.server().shards();
    shards.lockAll();
    try {
      boolean _ = ctx.server().persister().applyFunction(args);
      shards.shard(0).stats().changes++;
      ctx.propagate(args);
    } finally {
      shards.unlockAll();
    }
    out.ok();
  }

  private static void list(CommandContext ctx, Args args, RespWriter out) {
    boolean named = false;
    boolean withCode = false;
    for (int i = 2; i < args.count(); i++) {
      if (!withCode && args.is(i, "withcode")) {
        withCode = true;
      } else if (!named && args.is(i, "libraryname")) {
        named = true;
        i++;
        if (i == args.count()) {
          throw NO_PATTERN;
        }
      } else {
        throw CommandError.of("ERR Unknown argument " + args.text(i));
      }
    }
    out.array(0);
  }
}
