package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
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
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.value.SortedSetValue;

/** Elements of sorted sets by their place: the first, the last, any. */
public final class SortedSetPopCommands {

  private SortedSetPopCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("zpopmin", -2, (ctx, args, out) -> pop(ctx, args, out, false))
        .flags(WRITE, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RW access delete"));
    table
        .add("zpopmax", -2, (ctx, args, out) -> pop(ctx, args, out, true))
        .flags(WRITE, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RW access delete"));
    table
        .add("zmpop", -4, SortedSetPopCommands::popOfSeveral)
        .flags(WRITE)
        .in(SORTEDSET)
        .keys(KeySpec.counted(1, "RW access delete"));
    table
        .add("zrandmember", -2, SortedSetPopCommands::random)
        .flags(READONLY)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"))
        .tips("nondeterministic_output");
  }

  private static void pop(CommandContext ctx, Args args, RespWriter out, boolean fromEnd) {
    if (args.count() > 3) {
      throw CommandError.SYNTAX;
    }
    boolean counted = args.count() == 3;
    long wanted = counted ? LongArgument.atLeast(args, 2, 0, CommandError.NOT_POSITIVE) : 1;
    SortedSetValue set = SortedSets.find(ctx, args, 1);
    if (set == null || wanted == 0) {
      out.array(0);
      return;
    }
    long count = Math.min(wanted, set.count());
    boolean nested = counted && out.resp3();
    out.array(nested ? count : count * 2);
    take(ctx, args, 1, set, count, fromEnd, SortedSets.pairWriter(out, nested));
  }

  /** Shows elements from one end and removes them; there must be as many. */
  private static void take(
      CommandContext ctx,
      Args args,
      int key,
      SortedSetValue set,
      long count,
      boolean fromEnd,
      ScoredVisitor visitor) {
    long size = set.count();
    if (fromEnd) {
      set.visit(size - 1, count, true, visitor);
      set.removeRange(size - count, size);
    } else {
      set.visit(0, count, false, visitor);
      set.removeRange(0, count);
    }
    SortedSets.removed(ctx, args, key, set, fromEnd ? KeyEvent.ZPOPMAX : KeyEvent.ZPOPMIN, count);
  }

  private static void popOfSeveral(CommandContext ctx, Args args, RespWriter out) {
    if (!popFromFirst(ctx, args, FirstPop.of(args, 1, SortedSetPopCommands::isMax), out)) {
      out.nullArray();
    }
  }

  /** Takes one element from an end of a sorted set and writes it, not nested. */
  static void popOne(
      CommandContext ctx, Args args, int key, SortedSetValue set, boolean fromEnd, RespWriter out) {
    take(ctx, args, key, set, 1, fromEnd, SortedSets.pairWriter(out, false));
  }

  /** Takes elements from the first sorted set that is there; false, and no reply: none is. */
  static boolean popFromFirst(CommandContext ctx, Args args, FirstPop pop, RespWriter out) {
    for (int key = pop.first(); key < pop.end(); key++) {
      SortedSetValue set = SortedSets.findToPop(ctx, args, key);
      if (set != null) {
        boolean greatest = pop.side();
        long popped = Math.min(pop.count(), set.count());
        out.array(2);
        out.bulk(args.array(), args.offset(key), args.length(key));
        out.array(popped);
        take(ctx, args, key, set, popped, greatest, SortedSets.pairWriter(out, true));
        if (ctx.isPropagated()) {
          ctx.propagateAs(greatest ? "ZPOPMAX" : "ZPOPMIN").word(args, key).word(popped);
        }
        return true;
      }
    }
    return false;
  }

  /** Whether an argument is MAX, and not MIN. */
  static boolean isMax(Args args, int index) {
    if (args.is(index, "max")) {
      return true;
    }
    if (args.is(index, "min")) {
      return false;
    }
    throw CommandError.SYNTAX;
  }

  private static void random(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() == 2) {
      SortedSetValue set = SortedSets.read(ctx, args, 1);
      if (set == null) {
        out.nullBulk();
      } else {
        set.visitDrawn(1, SortedSets.elementWriter(out, false));
      }
      return;
    }
    long wanted = PickCount.of(args, 2);
    boolean withScores = args.count() == 4 && args.is(3, "withscores");
    if (args.count() > 3 && !withScores) {
      throw CommandError.SYNTAX;
    }
    if (withScores && Math.abs(wanted) > PickCount.PAIRS_MAX) {
      throw CommandError.OUT_OF_RANGE;
    }
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    if (set == null) {
      out.array(0);
    } else {
      random(ctx, set, wanted, out, withScores);
    }
  }

  private static void random(
      CommandContext ctx, SortedSetValue set, long wanted, RespWriter out, boolean withScores) {
    ScoredVisitor writer = SortedSets.elementWriter(out, withScores);
    if (wanted < 0) {
      SortedSets.beginElements(out, -wanted, withScores);
      set.visitDrawn(-wanted, new PickLimit(ctx, out, -wanted).of(writer));
    } else {
      int count = (int) Math.min(wanted, set.count());
      SortedSets.beginElements(out, count, withScores);
      set.visitSome(count, writer);
    }
  }
}
