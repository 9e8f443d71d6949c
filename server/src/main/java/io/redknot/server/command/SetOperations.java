package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SET;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.value.SetAlgebra;
import io.redknot.storage.value.SetBuilder;
import io.redknot.storage.value.ValueType;

/** Several sets together: SINTER, SUNION, SDIFF, what stores their results, SINTERCARD. */
public final class SetOperations {
  private static final CommandError NO_KEYS =
      CommandError.of("ERR numkeys should be greater than 0");
  private static final CommandError TOO_MANY_KEYS =
      CommandError.of("ERR Number of keys can't be greater than number of args");
  private static final CommandError NEGATIVE_LIMIT = CommandError.of("ERR LIMIT can't be negative");

  private static final int KEY = 1;
  private static final int NUMKEYS = 1;
  private static final int STORED_FROM = 2;

  private SetOperations() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    add(table, "sinter", SetOperations::intersect);
    add(table, "sunion", (ctx, args, out) -> write(out, union(ctx, args, KEY)));
    add(table, "sdiff", (ctx, args, out) -> write(out, difference(ctx, args, KEY)));
    addStore(
        table,
        "sinterstore",
        "RW update",
        (ctx, args, out) -> store(ctx, args, out, intersection(ctx, args), KeyEvent.SINTERSTORE));
    addStore(
        table,
        "sunionstore",
        "OW update",
        (ctx, args, out) ->
            store(ctx, args, out, union(ctx, args, STORED_FROM), KeyEvent.SUNIONSTORE));
    addStore(
        table,
        "sdiffstore",
        "OW update",
        (ctx, args, out) ->
            store(ctx, args, out, difference(ctx, args, STORED_FROM), KeyEvent.SDIFFSTORE));
    table
        .add("sintercard", -3, SetOperations::countIntersection)
        .flags(READONLY)
        .in(SET)
        .keys(KeySpec.counted(NUMKEYS, "RO access"));
  }

  private static void add(CommandTable table, String name, CommandHandler handler) {
    table
        .add(name, -2, handler)
        .flags(READONLY)
        .in(SET)
        .keys(KeySpec.range(KEY, -1, 1, "RO access"))
        .tips("nondeterministic_output_order");
  }

  private static void addStore(
      CommandTable table, String name, String access, CommandHandler handler) {
    table
        .add(name, -3, handler)
        .flags(WRITE, DENYOOM)
        .in(SET)
        .keys(KeySpec.at(KEY, access), KeySpec.range(STORED_FROM, -1, 1, "RO access"));
  }

  /**
   * The sets of a range of keys; 0 for a missing one.
   *
   * @throws CommandError one of them is no set
   */
  private static SetAlgebra sets(CommandContext ctx, Args args, int from, int to) {
    long[] refs = new long[to - from];
    for (int i = from; i < to; i++) {
      refs[i - from] = Keys.read(ctx, args, i, ValueType.SET);
    }
    return new SetAlgebra(ctx.keyspace(), SetCommands.limits(ctx), refs);
  }

  private static SetBuilder union(CommandContext ctx, Args args, int from) {
    return sets(ctx, args, from, args.count()).union();
  }

  private static SetBuilder difference(CommandContext ctx, Args args, int from) {
    return sets(ctx, args, from, args.count()).difference();
  }

  private static SetBuilder intersection(CommandContext ctx, Args args) {
    return sets(ctx, args, STORED_FROM, args.count()).intersection();
  }

  private static void write(RespWriter out, SetBuilder result) {
    out.set(result.count());
    result.forEach(SetCommands.membersTo(out));
    result.release();
  }

  private static void intersect(CommandContext ctx, Args args, RespWriter out) {
    KeyList found = new KeyList();
    ElementVisitor visitor =
        (member, offset, length, value, valueAt, valueLength) -> found.add(member, offset, length);
    sets(ctx, args, KEY, args.count()).intersect(visitor);
    out.set(found.count());
    found.writeElementsTo(out);
  }

  private static void store(
      CommandContext ctx, Args args, RespWriter out, SetBuilder result, KeyEvent event) {
    int count = result.count();
    if (count > 0) {
      long ref = Keys.find(ctx, args, KEY);
      result.store(ref, args.array(), args.offset(KEY), args.length(KEY));
      Keys.changed(ctx, args, KEY, event);
    } else {
      result.release();
      Keys.removeTarget(ctx, args, KEY);
    }
    out.integer(count);
  }

  private static void countIntersection(CommandContext ctx, Args args, RespWriter out) {
    if (!args.isLong(NUMKEYS) || args.toLong(NUMKEYS) < 1) {
      throw NO_KEYS;
    }
    if (args.toLong(NUMKEYS) > args.count() - NUMKEYS - 1) {
      throw TOO_MANY_KEYS;
    }
    int first = NUMKEYS + 1;
    int end = first + (int) args.toLong(NUMKEYS);
    long limit = limit(args, end);
    SetAlgebra sets = sets(ctx, args, first, end);
    out.integer(sets.countIntersection(limit == 0 ? Long.MAX_VALUE : limit));
  }

  private static long limit(Args args, int from) {
    long limit = 0;
    for (int i = from; i < args.count(); i += 2) {
      if (!args.is(i, "limit") || i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      if (!args.isLong(i + 1) || args.toLong(i + 1) < 0) {
        throw NEGATIVE_LIMIT;
      }
      limit = args.toLong(i + 1);
    }
    return limit;
  }
}
