package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.LIST;
import static io.redknot.server.dispatch.CommandFlag.BLOCKING;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.signal.Waiter;
import io.redknot.storage.value.ValueType;

/** Lists: elements taken from their ends as soon as there are some. */
final class BlockingListCommands {
  private BlockingListCommands() {}

  static void register(CommandTable table) {
    table
        .add("blpop", -3, (ctx, args, out) -> pop(ctx, args, out, true))
        .flags(WRITE, BLOCKING)
        .in(LIST)
        .keys(KeySpec.range(1, -2, 1, "RW access delete"));
    table
        .add("brpop", -3, (ctx, args, out) -> pop(ctx, args, out, false))
        .flags(WRITE, BLOCKING)
        .in(LIST)
        .keys(KeySpec.range(1, -2, 1, "RW access delete"));
    table
        .add("blmpop", -5, BlockingListCommands::popFromFirst)
        .flags(WRITE, BLOCKING)
        .in(LIST)
        .keys(KeySpec.counted(2, "RW access delete"));
    table
        .add("blmove", 6, BlockingListCommands::move)
        .flags(WRITE, DENYOOM, BLOCKING)
        .in(LIST)
        .keys(KeySpec.at(1, "RW access delete"), KeySpec.at(2, "RW insert"));
    table
        .add("brpoplpush", 4, BlockingListCommands::popPush)
        .flags(WRITE, DENYOOM, BLOCKING)
        .in(LIST)
        .keys(KeySpec.at(1, "RW access delete"), KeySpec.at(2, "RW insert"));
  }

  private static void pop(CommandContext ctx, Args args, RespWriter out, boolean left) {
    KeyWait.Pop one =
        key -> {
          long ref = ListCommands.find(ctx, args, key);
          if (ref != 0) {
            out.array(2);
            out.bulk(args.array(), args.offset(key), args.length(key));
            ListMoveCommands.popOne(ctx, args, key, ref, left, out);
          }
          return ref != 0;
        };
    KeyWait.pop(ctx, args, ValueType.LIST, one, left ? "LPOP" : "RPOP", out);
  }

  private static void popFromFirst(CommandContext ctx, Args args, RespWriter out) {
    KeyWait.SeveralPop pop = ListMoveCommands::popFromFirst;
    KeyWait.popSeveral(ctx, args, ValueType.LIST, ListMoveCommands::isLeft, pop, out);
  }

  private static void move(CommandContext ctx, Args args, RespWriter out) {
    boolean fromLeft = ListMoveCommands.isLeft(args, 3);
    boolean toLeft = ListMoveCommands.isLeft(args, 4);
    long timeoutMs = Timeouts.secondsAsMs(args, 5, ctx.nowMs());
    if (!ListMoveCommands.moveIfPresent(ctx, args, fromLeft, toLeft, out)) {
      awaitSource(ctx, args, timeoutMs, out);
    } else if (ctx.isPropagated()) {
      ctx.propagateAs("LMOVE").words(args, 1, 5);
    }
  }

  private static void popPush(CommandContext ctx, Args args, RespWriter out) {
    long timeoutMs = Timeouts.secondsAsMs(args, 3, ctx.nowMs());
    if (!ListMoveCommands.moveIfPresent(ctx, args, false, true, out)) {
      awaitSource(ctx, args, timeoutMs, out);
    } else if (ctx.isPropagated()) {
      ctx.propagateAs("RPOPLPUSH").words(args, 1, 3);
    }
  }

  /** What does not wait answers like LMOVE. */
  private static void awaitSource(CommandContext ctx, Args args, long timeoutMs, RespWriter out) {
    if (ctx.mayWait()) {
      Waiter.Wish wish = Waiter.Wish.of(1, 1, ValueType.LIST);
      ctx.await(args, wish, timeoutMs, RespWriter::nullArray);
    } else {
      out.nullBulk();
    }
  }
}
