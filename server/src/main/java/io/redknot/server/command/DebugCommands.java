package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Guard;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.info.HeapHistogram;
import io.redknot.server.net.Suspension;
import io.redknot.server.persistence.Reloading;
import io.redknot.storage.keyspace.Shards;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DEBUG: what test suites need to look behind the scenes, and to stop the clockwork. */
final class DebugCommands {
  private static final Logger LOG = LoggerFactory.getLogger(DebugCommands.class);
  private static final CommandError RELOAD_OPTIONS =
      CommandError.of("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
  private static final double NANOS_PER_SECOND = 1e9;

  private static final CommandHandler HELP =
      (ctx, args, out) ->
          HelpReply.write(
              out,
              "DEBUG",
              "AOF-FLUSH-SLEEP <microseconds>",
              "    Wait for so long before every write to the append-only file.",
              "CHANGE-REPL-ID",
              "    Begin another replication history.",
              "CONFIG-REWRITE-FORCE-ALL",
              "    As CONFIG REWRITE, with every directive, also those that are the default.",
              "DIGEST",
              "    A signature of the whole data set: the same for equal data, as on Redis.",
              "DIGEST-VALUE [<key> ...]",
              "    Signatures of values.",
              "ERROR <text>",
              "    Answer with that error.",
              "HTSTATS <dbid>",
              "    How the tables of a database are filled.",
              "HTSTATS-KEY <key>",
              "    How the table of a value is filled.",
              "JMAP",
              "    What the Java heap holds, class by class; collects garbage first. Not in Redis.",
              "LISTPACK <key>",
              "    Whether a value is kept as a listpack.",
              "LOADAOF",
              "    Load the append-only file in place of what is there.",
              "LOG <text>",
              "    Write a line into the server's log.",
              "OBJECT <key>",
              "    How a value is kept.",
              "PAUSE-CRON <0|1>",
              "    Whether nothing is done that is done from time to time.",
              "POPULATE <count> [<prefix>] [<size>]",
              "    Make so many strings, which replicas do not get.",
              "PROTOCOL <type>",
              "    Answer with an example of a type: string, integer, double, bignum, null, array,",
              "    set, map, attrib, push, verbatim, true, false.",
              "QUICKLIST-PACKED-THRESHOLD <size>",
              "    Accepted for the sake of tests; changes nothing.",
              "RELOAD [NOSAVE] [NOFLUSH] [MERGE]",
              "    Save the data set and load it again, or only load what was saved before. With",
              "    NOFLUSH what is there stays; with MERGE keys that are there are replaced, and",
              "    without it nothing is loaded where there are any.",
              "REPLYBUFFER <PEAK-RESET-TIME <NEVER|RESET|ms> | RESIZING <0|1>>",
              "    Accepted for the sake of tests: clients share the buffers of event loops.",
              "REPLICATE <word> ...",
              "    Give replicas a command that is not carried out here.",
              "SET-ACTIVE-EXPIRE <0|1>",
              "    Whether expired keys are removed before they are asked for.",
              "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
              "    Whether checksums of RDB files and of RESTORE are passed over.",
              "SLEEP <seconds>",
              "    Stop everything that touches keys for so long; a fraction is allowed.");

  private DebugCommands() {}

  static void register(CommandTable table) {
    table
        .add("debug", -2, DebugCommands::debug)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
        .guarded(Guard.DEBUG);
  }

  private static void debug(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() == 2 && args.is(1, "help")) {
      HELP.run(ctx, args, out);
    } else if (args.count() == 2 && args.is(1, "change-repl-id")) {
      ctx.server().replication().changeId();
      out.ok();
    } else if (args.count() == 2 && args.is(1, "config-rewrite-force-all")) {
      ConfigCommands.rewrite(ctx, true, out);
    } else if (args.count() == 2 && args.is(1, "jmap")) {
      out.verbatim("txt", HeapHistogram.text());
    } else if (args.count() == 2 && args.is(1, "digest")) {
      DebugData.digest(ctx, out);
    } else if (args.is(1, "digest-value")) {
      DebugData.digestValues(ctx, args, out);
    } else if (args.count() >= 3 && args.count() <= 5 && args.is(1, "populate")) {
      DebugData.populate(ctx, args, out);
    } else if (args.count() >= 3 && args.is(1, "replicate")) {
      DebugData.replicate(ctx, args, out);
    } else if (args.is(1, "reload")) {
      reload(ctx, args);
    } else if (args.count() == 2 && args.is(1, "loadaof")) {
      Suspension waiting = ctx.suspend();
      new Reloading(ctx.server()).appendOnly(error -> answer(waiting, error));
    } else if (args.count() == 4 && args.is(1, "replybuffer")) {
      replyBuffer(ctx, args, out);
    } else if (args.count() == 3) {
      withArgument(ctx, args, out);
    } else {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
  }

  private static void replyBuffer(CommandContext ctx, Args args, RespWriter out) {
    boolean isTime = args.is(2, "peak-reset-time");
    if (!isTime && !args.is(2, "resizing")) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    if (isTime && !args.is(3, "never") && !args.is(3, "reset") && !args.isLong(3)) {
      throw CommandError.NOT_INTEGER;
    }
    out.ok();
  }

  private static void reload(CommandContext ctx, Args args) {
    boolean save = true;
    boolean flush = true;
    boolean merge = false;
    for (int i = 2; i < args.count(); i++) {
      if (args.is(i, "nosave")) {
        save = false;
      } else if (args.is(i, "noflush")) {
        flush = false;
      } else if (args.is(i, "merge")) {
        merge = true;
      } else {
        throw RELOAD_OPTIONS;
      }
    }
    Reloading.Options options = new Reloading.Options(save, flush, merge);
    Suspension waiting = ctx.suspend();
    new Reloading(ctx.server()).snapshot(options, error -> answer(waiting, error));
  }

  private static void answer(Suspension waiting, @Nullable String error) {
    waiting.complete(
        reply -> {
          if (error == null) {
            reply.ok();
          } else {
            reply.error(error);
          }
        });
  }

  private static void withArgument(CommandContext ctx, Args args, RespWriter out) {
    if (args.is(1, "sleep")) {
      sleep(ctx, args, out);
    } else if (args.is(1, "object")) {
      DebugData.object(ctx, args, out);
    } else if (args.is(1, "htstats")) {
      TableStats.ofDatabase(ctx, args, out);
    } else if (args.is(1, "htstats-key")) {
      TableStats.ofKey(ctx, args, out);
    } else if (args.is(1, "listpack")) {
      DebugData.listpack(ctx, args, out);
    } else if (args.is(1, "quicklist-packed-threshold")) {
      DebugData.packedThreshold(args, out);
    } else if (args.is(1, "aof-flush-sleep")) {
      ctx.server().persister().appendOnly().slowDown(LongArgument.of(args, 2));
      out.ok();
    } else if (args.is(1, "set-active-expire")) {
      ctx.server().cron().expiryActive(!args.text(2).equals("0"));
      out.ok();
    } else if (args.is(1, "pause-cron")) {
      ctx.server().cron().paused(isSet(args));
      out.ok();
    } else if (args.is(1, "set-skip-checksum-validation")) {
      ctx.server().persister().progress().skipsChecksum(isSet(args));
      out.ok();
    } else if (args.is(1, "protocol")) {
      DebugProtocol.write(args.text(2), out);
    } else if (args.is(1, "error")) {
      throw CommandError.of(args.text(2));
    } else if (args.is(1, "log")) {
      LOG.warn("DEBUG LOG: {}", args.text(2));
      out.ok();
    } else {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
  }

  /** As atoi does it: what is no number is 0. */
  private static boolean isSet(Args args) {
    return args.isLong(2) && args.toLong(2) != 0;
  }

  /** With all locks held, so that the server stands still as one with a single thread does. */
  private static void sleep(CommandContext ctx, Args args, RespWriter out) {
    long nanos = (long) (seconds(args.text(2)) * NANOS_PER_SECOND);
    Shards shards = ctx.server().shards();
    long start = ctx.server().clock().nanos();
    shards.lockAll();
    try {
      long left = nanos;
      while (left > 0) {
        LockSupport.parkNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
        left = nanos - (ctx.server().clock().nanos() - start);
      }
    } finally {
      shards.unlockAll();
    }
    out.ok();
  }

  /** As strtod does it: what is no number is 0. */
  private static double seconds(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException none) {
      return 0;
    }
  }
}
