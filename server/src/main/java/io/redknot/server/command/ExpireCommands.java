package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.Keyspace;

/** Times to live: set, told and removed. */
public final class ExpireCommands {
  private static final CommandError NX_WITH_OTHERS =
      CommandError.of("ERR NX and XX, GT or LT options at the same time are not compatible");
  private static final CommandError GT_WITH_LT =
      CommandError.of("ERR GT and LT options at the same time are not compatible");

  private static final int NX = 1;
  private static final int XX = 1 << 1;
  private static final int GT = 1 << 2;
  private static final int LT = 1 << 3;

  private static final int SECOND_MS = 1000;
  private static final int NO_KEY = -2;
  private static final int NO_EXPIRY = -1;

  private ExpireCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    addSetter(table, "expire", (ctx, args, out) -> expire(ctx, args, out, SECOND_MS, true));
    addSetter(table, "pexpire", (ctx, args, out) -> expire(ctx, args, out, 1, true));
    addSetter(table, "expireat", (ctx, args, out) -> expire(ctx, args, out, SECOND_MS, false));
    addSetter(table, "pexpireat", (ctx, args, out) -> expire(ctx, args, out, 1, false));
    addGetter(table, "ttl", (ctx, args, out) -> tell(ctx, args, out, SECOND_MS, true))
        .tips("nondeterministic_output");
    addGetter(table, "pttl", (ctx, args, out) -> tell(ctx, args, out, 1, true))
        .tips("nondeterministic_output");
    addGetter(table, "expiretime", (ctx, args, out) -> tell(ctx, args, out, SECOND_MS, false));
    addGetter(table, "pexpiretime", (ctx, args, out) -> tell(ctx, args, out, 1, false));
    table
        .add("persist", 2, ExpireCommands::persist)
        .flags(WRITE, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RW update"));
  }

  private static void addSetter(CommandTable table, String name, CommandHandler handler) {
    table.add(name, -3, handler).flags(WRITE, FAST).in(KEYSPACE).keys(KeySpec.at(1, "RW update"));
  }

  private static CommandSpec addGetter(CommandTable table, String name, CommandHandler handler) {
    return table
        .add(name, 2, handler)
        .flags(READONLY, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static void expire(
      CommandContext ctx, Args args, RespWriter out, int unitMs, boolean fromNow) {
    int options = options(args);
    long expiryMs = expiryMs(ctx, args, unitMs, fromNow);
    long ref = Keys.find(ctx, args, 1);
    if (ref == 0) {
      out.integer(0);
      return;
    }
    Keyspace keys = ctx.keyspace();
    if (!applies(options, keys.expiry(ref), expiryMs)) {
      out.integer(0);
      return;
    }
    if (ExpiryArguments.isPast(ctx, expiryMs)) {
      keys.remove(ref);
      Keys.propagateRemoval(ctx, args, 1, ctx.server().config().lazyfreeLazyExpire);
      Keys.changed(ctx, args, 1, KeyEvent.DEL);
    } else {
      keys.expireAt(ref, expiryMs);
      if (ctx.isPropagated() && (fromNow || unitMs > 1)) {
        ctx.propagateAs("PEXPIREAT").word(args, 1).word(expiryMs).words(args, 3, args.count());
      }
      Keys.changed(ctx, args, 1, KeyEvent.EXPIRE);
    }
    out.integer(1);
  }

  private static int options(Args args) {
    int options = 0;
    for (int i = 3; i < args.count(); i++) {
      int option = option(args, i);
      if (option == 0) {
        throw unsupported(args.text(i));
      }
      options |= option;
    }
    if ((options & NX) != 0 && options != NX) {
      throw NX_WITH_OTHERS;
    }
    if ((options & GT) != 0 && (options & LT) != 0) {
      throw GT_WITH_LT;
    }
    return options;
  }

  /** Redis shows a word up to its first NUL. */
  private static CommandError unsupported(String word) {
    int nul = word.indexOf(0);
    return CommandError.of("ERR Unsupported option " + (nul < 0 ? word : word.substring(0, nul)));
  }

  private static int option(Args args, int index) {
    if (args.is(index, "nx")) {
      return NX;
    }
    if (args.is(index, "xx")) {
      return XX;
    }
    if (args.is(index, "gt")) {
      return GT;
    }
    return args.is(index, "lt") ? LT : 0;
  }

  /** The time given, as Unix ms; it may lie in the past, even before 1970. */
  private static long expiryMs(CommandContext ctx, Args args, int unitMs, boolean fromNow) {
    if (!args.isLong(2)) {
      throw CommandError.NOT_INTEGER;
    }
    long time = args.toLong(2);
    long base = fromNow ? ctx.nowMs() : 0;
    if (time > Long.MAX_VALUE / unitMs
        || time < Long.MIN_VALUE / unitMs
        || time * unitMs > Long.MAX_VALUE - base) {
      throw CommandError.of("ERR invalid expire time in '" + ctx.spec().name() + "' command");
    }
    return time * unitMs + base;
  }

  /** Whether the options allow the change; no expiry counts as one that never comes. */
  private static boolean applies(int options, long old, long wanted) {
    if (old == Keyspace.NO_EXPIRY) {
      return (options & (XX | GT)) == 0;
    }
    return (options & NX) == 0
        && ((options & GT) == 0 || wanted > old)
        && ((options & LT) == 0 || wanted < old);
  }

  private static void tell(
      CommandContext ctx, Args args, RespWriter out, int unitMs, boolean fromNow) {
    long ref = Keys.readNoTouch(ctx, args, 1);
    if (ref == 0) {
      out.integer(NO_KEY);
      return;
    }
    long expiryMs = ctx.keyspace().expiry(ref);
    if (expiryMs == Keyspace.NO_EXPIRY) {
      out.integer(NO_EXPIRY);
      return;
    }
    long ms = fromNow ? Math.max(0, expiryMs - ctx.nowMs()) : expiryMs;
    out.integer(unitMs == 1 ? ms : roundedSeconds(ms));
  }

  /** Without the overflow that adding half a second first would have. */
  private static long roundedSeconds(long ms) {
    return ms / SECOND_MS + (ms % SECOND_MS >= SECOND_MS / 2 ? 1 : 0);
  }

  private static void persist(CommandContext ctx, Args args, RespWriter out) {
    long ref = Keys.find(ctx, args, 1);
    if (ref == 0) {
      out.integer(0);
      return;
    }
    Keyspace keys = ctx.keyspace();
    boolean expires = keys.expiry(ref) != Keyspace.NO_EXPIRY;
    if (expires) {
      keys.expireAt(ref, Keyspace.NO_EXPIRY);
      Keys.changed(ctx, args, 1, KeyEvent.PERSIST);
    }
    out.integer(expires ? 1 : 0);
  }
}
