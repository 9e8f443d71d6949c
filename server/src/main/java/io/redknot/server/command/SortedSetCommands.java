package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.storage.value.SortedSetValue;
import org.jspecify.annotations.Nullable;

/** Elements of sorted sets: added, removed, their scores and ranks. */
public final class SortedSetCommands {
  private static final CommandError NOT_A_NUMBER =
      CommandError.of("ERR resulting score is not a number (NaN)");
  private static final CommandError NX_AND_XX =
      CommandError.of("ERR XX and NX options at the same time are not compatible");
  private static final CommandError GT_AND_LT =
      CommandError.of("ERR GT, LT, and/or NX options at the same time are not compatible");
  private static final CommandError SEVERAL_INCREMENTS =
      CommandError.of("ERR INCR option supports a single increment-element pair");

  private static final int NX = 1;
  private static final int XX = 2;
  private static final int GT = 4;
  private static final int LT = 8;
  private static final int CH = 16;
  private static final int INCR = 32;

  private SortedSetCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("zadd", -4, (ctx, args, out) -> add(ctx, args, out, 0))
        .flags(WRITE, DENYOOM, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RW update"));
    table
        .add("zincrby", 4, (ctx, args, out) -> add(ctx, args, out, INCR))
        .flags(WRITE, DENYOOM, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RW access update"));
    table
        .add("zrem", -3, SortedSetCommands::remove)
        .flags(WRITE, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RW delete"));
    table
        .add("zcard", 2, SortedSetCommands::count)
        .flags(READONLY, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO"));
    registerReads(table);
  }

  private static void registerReads(CommandTable table) {
    table
        .add("zscore", 3, SortedSetCommands::score)
        .flags(READONLY, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("zmscore", -3, SortedSetCommands::scores)
        .flags(READONLY, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("zrank", -3, (ctx, args, out) -> rank(ctx, args, out, false))
        .flags(READONLY, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("zrevrank", -3, (ctx, args, out) -> rank(ctx, args, out, true))
        .flags(READONLY, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static int option(Args args, int index) {
    int length = args.length(index);
    if (length == 2) {
      return args.is(index, "nx")
          ? NX
          : args.is(index, "xx")
              ? XX
              : args.is(index, "gt")
                  ? GT
                  : args.is(index, "lt") ? LT : args.is(index, "ch") ? CH : 0;
    }
    return length == 4 && args.is(index, "incr") ? INCR : 0;
  }

  private static boolean has(int options, int wanted) {
    return (options & wanted) != 0;
  }

  private static void add(CommandContext ctx, Args args, RespWriter out, int always) {
    int options = always;
    int first = 2;
    while (first < args.count()) {
      int option = option(args, first);
      if (option == 0) {
        break;
      }
      options |= option;
      first++;
    }
    check(options, args.count() - first);
    double firstScore = DoubleArgument.of(args, first);
    for (int i = first + 2; i < args.count(); i += 2) {
      DoubleArgument.of(args, i);
    }
    add(ctx, args, out, options, first, firstScore);
  }

  private static void check(int options, int words) {
    if (words == 0 || words % 2 != 0) {
      throw CommandError.SYNTAX;
    }
    if (has(options, NX) && has(options, XX)) {
      throw NX_AND_XX;
    }
    if (Integer.bitCount(options & (GT | LT | NX)) > 1) {
      throw GT_AND_LT;
    }
    if (has(options, INCR) && words > 2) {
      throw SEVERAL_INCREMENTS;
    }
  }

  private static void add(
      CommandContext ctx, Args args, RespWriter out, int options, int first, double firstScore) {
    int elements = (args.count() - first) / 2;
    SortedSetValue set = SortedSets.find(ctx, args, 1);
    if (set == null) {
      if (has(options, XX)) {
        replyToAdd(out, options, Double.NaN, 0);
        return;
      }
      set = SortedSets.create(ctx, args, 1, elements, first + 1);
    } else if (elements > 1) {
      set.expect(elements);
    }
    long added = 0;
    long updated = 0;
    double result = Double.NaN;
    for (int i = first; i < args.count(); i += 2) {
      double score = i == first ? firstScore : DoubleArgument.of(args, i);
      double old = set.score(args.array(), args.offset(i + 1), args.length(i + 1));
      result = newScore(options, old, score);
      if (!Double.isNaN(result) && result != old) {
        set.set(args.array(), args.offset(i + 1), args.length(i + 1), result);
        added += Double.isNaN(old) ? 1 : 0;
        updated += Double.isNaN(old) ? 0 : 1;
      }
    }
    if (added + updated > 0) {
      KeyEvent event = has(options, INCR) ? KeyEvent.ZINCR : KeyEvent.ZADD;
      Keys.changed(ctx, args, 1, event, added + updated);
    }
    replyToAdd(out, options, result, has(options, CH) ? added + updated : added);
  }

  /** The score that an element gets; NaN where the options leave it as it is. */
  private static double newScore(int options, double old, double given) {
    if (Double.isNaN(old)) {
      return has(options, XX) ? Double.NaN : given;
    }
    if (has(options, NX)) {
      return Double.NaN;
    }
    double score = has(options, INCR) ? old + given : given;
    if (Double.isNaN(score)) {
      throw NOT_A_NUMBER;
    }
    boolean keeps = (has(options, GT) && score <= old) || (has(options, LT) && score >= old);
    return keeps ? Double.NaN : score;
  }

  private static void replyToAdd(RespWriter out, int options, double result, long count) {
    if (!has(options, INCR)) {
      out.integer(count);
    } else if (Double.isNaN(result)) {
      out.nullBulk();
    } else {
      out.real(result);
    }
  }

  private static void remove(CommandContext ctx, Args args, RespWriter out) {
    SortedSetValue set = SortedSets.find(ctx, args, 1);
    long removed = 0;
    if (set != null) {
      for (int i = 2; i < args.count() && !set.isRemoved(); i++) {
        removed += set.remove(args.array(), args.offset(i), args.length(i)) ? 1 : 0;
      }
      if (removed > 0) {
        SortedSets.removed(ctx, args, 1, set, KeyEvent.ZREM, removed);
      }
    }
    out.integer(removed);
  }

  private static void count(CommandContext ctx, Args args, RespWriter out) {
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    out.integer(set == null ? 0 : set.count());
  }

  private static void score(CommandContext ctx, Args args, RespWriter out) {
    writeScore(SortedSets.read(ctx, args, 1), args, 2, out);
  }

  private static void writeScore(
      @Nullable SortedSetValue set, Args args, int member, RespWriter out) {
    double score =
        set == null
            ? Double.NaN
            : set.score(args.array(), args.offset(member), args.length(member));
    if (Double.isNaN(score)) {
      out.nullBulk();
    } else {
      out.real(score);
    }
  }

  private static void scores(CommandContext ctx, Args args, RespWriter out) {
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    out.array(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      writeScore(set, args, i, out);
    }
  }

  private static void rank(CommandContext ctx, Args args, RespWriter out, boolean backwards) {
    if (args.count() > 4) {
      throw Refusals.arity(ctx.spec());
    }
    boolean withScore = args.count() > 3;
    if (withScore && !args.is(3, "withscore")) {
      throw CommandError.SYNTAX;
    }
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    long rank = set == null ? -1 : set.rank(args.array(), args.offset(2), args.length(2));
    if (set == null || rank < 0) {
      if (withScore) {
        out.nullArray();
      } else {
        out.nullBulk();
      }
      return;
    }
    if (withScore) {
      out.array(2);
    }
    out.integer(backwards ? set.count() - 1 - rank : rank);
    if (withScore) {
      writeScore(set, args, 2, out);
    }
  }
}
