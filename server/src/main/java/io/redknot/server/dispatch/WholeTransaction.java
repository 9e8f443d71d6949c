package io.redknot.server.dispatch;

import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.net.Suspension;
import io.redknot.server.tracking.Tracker;

/**
 * A transaction that may change whom this node follows, or the cluster: sentinels promote with such
 * ones, and redis-cli mends slots. The thread for roles runs it as a whole during a {@link
 * Standstill}, so that no event loop waits for long, its commands see the role and the cluster as
 * they are by then, whatever they are commands of, and nobody else sees a part of it.
 *
 * <p>Thread: that for roles; it begins and ends on the connection's event loop.
 */
final class WholeTransaction {
  private final Dispatcher dispatcher;
  private final CommandContext client;
  private final Transaction queued;
  private final CommandSpec exec;
  private final Server server;
  private final Suspension whole;

  /** Has the client wait for it, on the connection's event loop. */
  WholeTransaction(Dispatcher dispatcher, CommandContext client, Transaction queued) {
    this.dispatcher = dispatcher;
    this.client = client;
    this.queued = queued;
    this.exec = client.spec();
    this.server = client.server();
    this.whole = client.suspend();
  }

  void start() {
    server.roles().execute(() -> new Standstill(server, client.connection()).run(this::runStill));
  }

  /** Returns what the client's event loop does when it goes on. */
  private Runnable runStill() {
    if (client.connection().isKilled()) {
      return () -> {};
    }
    Turn turn = server.roleTurn();
    turn.begin();
    CommandContext ctx = CommandContext.ofRole(server, turn, client.connection());
    ctx.begin(exec);
    ctx.slot(client.slot());
    ctx.lockTransaction(TransactionLocks.ofAll(server));
    try {
      if (mayNotRunNow(ctx)) {
        return whole::retry;
      }
      Suspension.Reply reply = run(ctx);
      client.connection().departAgain();
      return () -> whole.completeHere(reply);
    } finally {
      ctx.unlockTransaction();
    }
  }

  private Suspension.Reply run(CommandContext ctx) {
    CommandError elsewhere = dispatcher.routeAnew(ctx, queued);
    RespWriter replies = new RespWriter();
    replies.resp3(client.session().resp3());
    Tracker tracker = client.session().tracker();
    if (tracker != null) {
      tracker.beginCommand();
    }
    if (elsewhere == null) {
      dispatcher.transactions().runUnlessTouched(ctx, queued, replies);
    }
    if (tracker != null) {
      tracker.endCommand(false, replies);
    }
    Transactions.end(client.session());
    client.session().asking(false);
    byte[] all = replies.takeBytes();
    return elsewhere == null ? out -> out.raw(all) : out -> out.error(elsewhere.text());
  }

  /** Since it was admitted, a pause may have begun, or another role, or a key be on its way. */
  private boolean mayNotRunNow(CommandContext ctx) {
    long flags = queued.flags(exec);
    return dispatcher.pause().isForAny(flags)
        || dispatcher.transactions().isConcernedByMoves(ctx, queued)
        || dispatcher.conditions().refusal(exec, flags, client.session()) != null;
  }
}
