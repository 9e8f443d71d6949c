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
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.value.ValueType;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DEBUG: what test suites need to look behind the scenes, and to stop the clockwork. */
final class DebugCommands {
  private static final Logger LOG = LoggerFactory.getLogger(DebugCommands.class);
  private static final double NANOS_PER_SECOND = 1e9;

  private static final CommandHandler HELP =
      (ctx, args, out) ->
          HelpReply.write(
              out,
              "DEBUG",
              "CHANGE-REPL-ID",
              "    Begin another replication history.",
              "ERROR <text>",
              "    Answer with that error.",
              "JMAP",
              "    What the Java heap holds, class by class; collects garbage first. Not in Redis.",
              "LOG <text>",
              "    Write a line into the server's log.",
              "OBJECT <key>",
              "    How a value is kept.",
              "PROTOCOL <type>",
              "    Answer with an example of a type: string, integer, double, bignum, null, array,",
              "    set, map, attrib, push, verbatim, true, false.",
              "SET-ACTIVE-EXPIRE <0|1>",
              "    Whether expired keys are removed before they are asked for.",
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
      ctx.server().changeReplicationId();
      out.ok();
    } else if (args.count() == 2 && args.is(1, "jmap")) {
      out.verbatim("txt", HeapHistogram.text());
    } else if (args.count() == 3) {
      withArgument(ctx, args, out);
    } else {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
  }

  private static void withArgument(CommandContext ctx, Args args, RespWriter out) {
    if (args.is(1, "sleep")) {
      sleep(ctx, args, out);
    } else if (args.is(1, "object")) {
      object(ctx, args, out);
    } else if (args.is(1, "set-active-expire")) {
      ctx.server().cron().expiryActive(!args.text(2).equals("0"));
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

  private static void object(CommandContext ctx, Args args, RespWriter out) {
    Shards shards = ctx.server().shards();
    byte[] bytes = args.array();
    int offset = args.offset(2);
    int length = args.length(2);
    int slot = shards.shard(0).keyspace(0).slotOf(bytes, offset, length);
    Shard shard = shards.count() == 1 ? shards.shard(0) : shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(ctx.session().db());
      keys.time(ctx.nowMs());
      long ref = keys.find(bytes, offset, length, slot);
      if (ref == 0) {
        throw CommandError.NO_SUCH_KEY;
      }
      out.simple(describe(keys, ref, shards, ctx.nowMs()));
    } finally {
      shard.unlock();
    }
  }

  private static String describe(Keyspace keys, long ref, Shards shards, long nowMs) {
    int clock = keys.accessClock(ref);
    return "Value at:0x"
        + Long.toHexString(ref)
        + " refcount:1 encoding:"
        + ValueType.of(keys, ref).encodingName(keys, ref)
        + " serializedlength:"
        + keys.valueLength(ref)
        + " lru:"
        + clock
        + " lru_seconds_idle:"
        + shards.clock().idleSeconds(clock, nowMs);
  }
}
