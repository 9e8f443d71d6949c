package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.signal.Waiter;
import io.redknot.storage.value.ValueType;

/**
 * Commands that take something from the first of several keys that has it, or else wait for one of
 * these, and answer a null array when their time is over.
 */
final class KeyWait {
  private KeyWait() {}

  /** Takes one element of a key and writes the reply; false: there is no such key. */
  @FunctionalInterface
  interface Pop {
    boolean of(int key);
  }

  /** Takes elements of the first key that is there and writes the reply; false: none is. */
  @FunctionalInterface
  interface SeveralPop {
    boolean of(CommandContext ctx, Args args, FirstPop pop, RespWriter out);
  }

  /**
   * BLPOP and what is like it: keys, then the timeout.
   *
   * @param toldAs the command, of the key alone, that does the same
   */
  static void pop(
      CommandContext ctx, Args args, ValueType type, Pop pop, String toldAs, RespWriter out) {
    int end = args.count() - 1;
    long timeoutMs = Timeouts.secondsAsMs(args, end, ctx.nowMs());
    for (int key = 1; key < end; key++) {
      if (pop.of(key)) {
        if (ctx.isPropagated()) {
          ctx.propagateAs(toldAs).word(args, key);
        }
        return;
      }
    }
    begin(ctx, args, Waiter.Wish.of(1, end - 1, type), timeoutMs, out);
  }

  /** BLMPOP and BZMPOP: the timeout, then what {@link FirstPop} reads. */
  static void popSeveral(
      CommandContext ctx,
      Args args,
      ValueType type,
      FirstPop.Side side,
      SeveralPop pop,
      RespWriter out) {
    long timeoutMs = Timeouts.secondsAsMs(args, 1, ctx.nowMs());
    FirstPop wanted = FirstPop.of(args, 2, side);
    if (!pop.of(ctx, args, wanted, out)) {
      int keys = wanted.end() - wanted.first();
      begin(ctx, args, Waiter.Wish.of(wanted.first(), keys, type), timeoutMs, out);
    }
  }

  /** Waits for a key; a command that may not wait answers like one whose time is over. */
  static void begin(
      CommandContext ctx, Args args, Waiter.Wish wish, long timeoutMs, RespWriter out) {
    if (ctx.mayWait()) {
      ctx.await(args, wish, timeoutMs, RespWriter::nullArray);
    } else {
      out.nullArray();
    }
  }
}
