package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.stats.SlowLog;
import java.util.List;

/** The SLOWLOG family. */
final class SlowLogCommands {
  private static final int SHOWN_BY_DEFAULT = 10;
  private static final CommandError BAD_COUNT =
      CommandError.of("ERR count should be greater than or equal to -1");

  private SlowLogCommands() {}

  static void register(CommandTable table) {
    CommandSpec slowLog = table.container("slowlog", -2);
    slowLog
        .sub("get", -2, SlowLogCommands::get)
        .flags(ADMIN, LOADING, STALE)
        .tips("request_policy:all_nodes", "nondeterministic_output");
    slowLog
        .sub("len", 2, (ctx, args, out) -> out.integer(ctx.server().slowLog().length()))
        .flags(ADMIN, LOADING, STALE)
        .tips("request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output");
    slowLog
        .sub("reset", 2, SlowLogCommands::reset)
        .flags(ADMIN, LOADING, STALE)
        .tips("request_policy:all_nodes", "response_policy:all_succeeded");
    slowLog
        .sub(
            "help",
            2,
            (ctx, args, out) ->
                HelpReply.write(
                    out,
                    "SLOWLOG",
                    "GET [<count>]",
                    "    The newest entries, 10 unless told; -1 for all. Each is an array of",
                    "    its id, Unix time, duration in microseconds, arguments, and the client's",
                    "    address and name.",
                    "LEN",
                    "    Number of entries.",
                    "RESET",
                    "    Forget all entries."))
        .flags(LOADING, STALE);
  }

  private static void get(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 3) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    List<SlowLog.Entry> entries = ctx.server().slowLog().newest(count(args));
    out.array(entries.size());
    for (SlowLog.Entry entry : entries) {
      out.array(6);
      out.integer(entry.id());
      out.integer(entry.unixSeconds());
      out.integer(entry.micros());
      out.array(entry.args().size());
      entry.args().forEach(out::bulk);
      out.bulk(entry.address());
      out.bulk(entry.name());
    }
  }

  private static int count(Args args) {
    if (args.count() == 2) {
      return SHOWN_BY_DEFAULT;
    }
    if (!args.isLong(2) || args.toLong(2) < -1) {
      throw BAD_COUNT;
    }
    long count = args.toLong(2);
    return count == -1 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, count);
  }

  private static void reset(CommandContext ctx, Args args, RespWriter out) {
    ctx.server().slowLog().reset();
    out.ok();
  }
}
