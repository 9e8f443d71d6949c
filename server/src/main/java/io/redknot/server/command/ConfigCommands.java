package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ConfigLine;
import io.redknot.server.config.ConfigTable;
import io.redknot.server.config.NamedText;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.info.KeyspaceFigures;
import io.redknot.server.net.Suspension;
import io.redknot.server.persistence.AppendOnly;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The CONFIG family. */
final class ConfigCommands {
  private ConfigCommands() {}

  static void register(CommandTable table) {
    CommandSpec config = table.container("config", -2);
    add(config, "get", -3, ConfigCommands::get);
    add(config, "set", -4, ConfigCommands::set).tips(EVERYWHERE);
    add(config, "resetstat", 2, ConfigCommands::resetStat).tips(EVERYWHERE);
    add(config, "rewrite", 2, ConfigCommands::rewrite).tips(EVERYWHERE);
    config.sub("help", 2, HELP).flags(LOADING, STALE);
  }

  private static final String[] EVERYWHERE = {
    "request_policy:all_nodes", "response_policy:all_succeeded"
  };

  private static final CommandHandler HELP =
      (ctx, args, out) ->
          HelpReply.write(
              out,
              "CONFIG",
              "GET <pattern> [<pattern> ...]",
              "    The directives whose names match, with their values.",
              "SET <directive> <value> [<directive> <value> ...]",
              "    Change directives: all of them or, if one cannot be, none.",
              "RESETSTAT",
              "    Start the counters of INFO anew.",
              "REWRITE",
              "    Write the values in force into the configuration file.");

  private static CommandSpec add(
      CommandSpec config, String name, int arity, CommandHandler handler) {
    return config.sub(name, arity, handler).flags(ADMIN, NOSCRIPT, LOADING, STALE);
  }

  private static List<String> words(Args args) {
    List<String> words = new ArrayList<>(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      words.add(args.text(i));
    }
    return words;
  }

  private static void get(CommandContext ctx, Args args, RespWriter out) {
    List<NamedText> found = ctx.server().config().get(words(args));
    out.map(found.size());
    for (NamedText entry : found) {
      out.bulk(entry.name());
      out.bulk(entry.value());
    }
  }

  private static void set(CommandContext ctx, Args args, RespWriter out) {
    for (int i = 2; i + 1 < args.count(); i += 2) {
      if (ConfigTable.isSensitive(args.text(i))) {
        ctx.redact(i + 1);
      }
    }
    AppendOnly appendOnly = ctx.server().persister().appendOnly();
    if (!turnsAppendingOn(args) || appendOnly.state() != AppendOnly.State.OFF) {
      answer(set(ctx, words(args)), out);
    } else if (ctx.inTransaction()) {
      appendOnly.probe();
      answer(set(ctx, words(args)), out);
    } else {
      // Whether that is possible is known after a look at files, for which no event loop waits.
      List<String> words = words(args);
      Suspension waiting = ctx.suspend();
      appendOnly.probe(() -> waiting.complete(reply -> answerLate(set(ctx, words), reply)));
    }
  }

  private static boolean turnsAppendingOn(Args args) {
    for (int i = 2; i + 1 < args.count(); i += 2) {
      if (args.is(i, "appendonly") && args.is(i + 1, "yes")) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable String set(CommandContext ctx, List<String> words) {
    boolean loading = ctx.server().dispatcher().conditions().holds(Condition.LOADING);
    boolean local = ctx.session().peer().loopback();
    return ctx.server().config().set(words, local, loading);
  }

  private static void answerLate(@Nullable String error, RespWriter out) {
    if (error != null) {
      out.error(error);
    } else {
      out.ok();
    }
  }

  private static void answer(@Nullable String error, RespWriter out) {
    if (error != null) {
      throw CommandError.of(error);
    }
    out.ok();
  }

  private static void resetStat(CommandContext ctx, Args args, RespWriter out) {
    Server server = ctx.server();
    server.stats().reset();
    server.clientEviction().resetStats();
    KeyspaceFigures.resetStats(server.shards());
    out.ok();
  }

  private static void rewrite(CommandContext ctx, Args args, RespWriter out) {
    rewrite(ctx, false, out);
  }

  /** Rewrites the file; with all directives, or without those that are the default anyway. */
  static void rewrite(CommandContext ctx, boolean all, RespWriter out) {
    ServerConfig config = ctx.server().config();
    // Users are kept as the file has them.
    answer(config.rewrite(config.users().stream().map(ConfigLine::text).toList(), all), out);
  }
}
