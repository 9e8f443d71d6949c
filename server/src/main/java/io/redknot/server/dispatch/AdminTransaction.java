package io.redknot.server.dispatch;

import io.redknot.protocol.RespWriter;
import io.redknot.server.net.Suspension;

/**
 * A transaction that administers the cluster: redis-cli mends slots with such ones. Its commands
 * are carried out by the cluster's own thread, one after the other, and hold no lock of keys. The
 * client gets the replies together, as of any transaction.
 *
 * <p>Thread: the connection's event loop.
 */
final class AdminTransaction {
  private final Dispatcher dispatcher;
  private final CommandContext ctx;
  private final Transaction queued;
  private final CommandSpec exec;
  private final Suspension whole;
  private final RespWriter replies = new RespWriter();
  private int next;
  private boolean waiting;

  AdminTransaction(Dispatcher dispatcher, CommandContext ctx, Transaction queued) {
    this.dispatcher = dispatcher;
    this.ctx = ctx;
    this.queued = queued;
    this.exec = ctx.spec();
    this.whole = ctx.connection().suspend();
    replies.resp3(ctx.session().resp3());
    replies.array(queued.count());
  }

  void start() {
    run();
  }

  private void run() {
    ctx.adminTransaction(this);
    while (!waiting && next < queued.count()) {
      CommandSpec spec = queued.spec(next);
      ctx.begin(spec);
      boolean _ = dispatcher.run(ctx, spec, queued.args(next), replies);
      next++;
    }
    ctx.adminTransaction(null);
    ctx.begin(exec);
    if (!waiting) {
      byte[] all = replies.takeBytes();
      whole.complete(out -> out.raw(all));
    }
  }

  /** The command that runs now is answered later. */
  Suspension suspend() {
    waiting = true;
    return ctx.connection().suspendPart(this::answered);
  }

  private void answered(Suspension.Reply reply) {
    reply.write(replies);
    waiting = false;
    run();
  }
}
