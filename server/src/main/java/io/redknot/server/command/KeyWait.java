package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.signal.Waiter;

/** Waiting of commands that answer a null array when their time is over. */
final class KeyWait {
  private KeyWait() {}

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
