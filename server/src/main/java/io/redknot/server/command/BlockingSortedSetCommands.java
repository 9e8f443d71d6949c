package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.BLOCKING;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.value.SortedSetValue;
import io.redknot.storage.value.ValueType;

/** Sorted sets: elements taken from their ends as soon as there are some. */
final class BlockingSortedSetCommands {
  private BlockingSortedSetCommands() {}

  static void register(CommandTable table) {
    table
        .add("bzpopmin", -3, (ctx, args, out) -> pop(ctx, args, out, false))
        .flags(WRITE, BLOCKING, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.range(1, -2, 1, "RW access delete"));
    table
        .add("bzpopmax", -3, (ctx, args, out) -> pop(ctx, args, out, true))
        .flags(WRITE, BLOCKING, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.range(1, -2, 1, "RW access delete"));
    table
        .add("bzmpop", -5, BlockingSortedSetCommands::popOfSeveral)
        .flags(WRITE, BLOCKING)
        .in(SORTEDSET)
        .keys(KeySpec.counted(2, "RW access delete"));
  }

  private static void pop(CommandContext ctx, Args args, RespWriter out, boolean fromEnd) {
    KeyWait.Pop one =
        key -> {
          SortedSetValue set = SortedSets.findToPop(ctx, args, key);
          if (set != null) {
            out.array(3);
            out.bulk(args.array(), args.offset(key), args.length(key));
            SortedSetPopCommands.popOne(ctx, args, key, set, fromEnd, out);
          }
          return set != null;
        };
    KeyWait.pop(ctx, args, ValueType.ZSET, one, fromEnd ? "ZPOPMAX" : "ZPOPMIN", out);
  }

  private static void popOfSeveral(CommandContext ctx, Args args, RespWriter out) {
    KeyWait.SeveralPop pop = SortedSetPopCommands::popFromFirst;
    KeyWait.popSeveral(ctx, args, ValueType.ZSET, SortedSetPopCommands::isMax, pop, out);
  }
}
