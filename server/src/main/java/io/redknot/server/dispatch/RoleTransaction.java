package io.redknot.server.dispatch;

import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.net.Suspension;

/**
 * A transaction that may change whom this node follows: sentinels promote with such ones. The
 * thread for roles runs it as a whole, under all locks that there are, so that no event loop waits
 * for them, its commands see the role as it is by then, and nobody else sees a part of it.
 *
 * <p>Thread: that for roles; it begins and ends on the connection's event loop.
 */
final class RoleTransaction {
  private final Dispatcher dispatcher;
  private final CommandContext client;
  private final Transaction queued;
  private final CommandSpec exec;
  private final Server server;

  RoleTransaction(Dispatcher dispatcher, CommandContext client, Transaction queued) {
    this.dispatcher = dispatcher;
    this.client = client;
    this.queued = queued;
    this.exec = client.spec();
    this.server = client.server();
  }

  /** Whether a transaction is one; in a cluster such commands are refused. */
  static boolean mayRun(CommandContext ctx, Transaction queued) {
    return queued.mayChangeRole()
        && !queued.hasFailed()
        && !queued.isOfConnection()
        && !ctx.server().config().clusterEnabled.get()
        && !waitsForKeys(ctx.server(), queued);
  }

  private static boolean waitsForKeys(Server server, Transaction queued) {
    return queued.hasKeys() && server.dispatcher().movingKeys().isAny();
  }

  void start() {
    Suspension whole = client.suspend();
    server.roles().execute(() -> run(whole));
  }

  private void run(Suspension whole) {
    RespWriter replies = new RespWriter();
    replies.resp3(client.session().resp3());
    boolean ran =
        server
            .failover()
            .whileStill(() -> server.replication().whileRoleIsStill(() -> runStill(replies)));
    if (!ran) {
      whole.retry();
      return;
    }
    byte[] all = replies.takeBytes();
    whole.complete(
        out -> {
          Transactions.end(client.session());
          out.raw(all);
        });
  }

  /** False where it is to be looked at once more whether it may run. */
  private boolean runStill(RespWriter replies) {
    Turn turn = server.roleTurn();
    turn.begin();
    CommandContext ctx = CommandContext.ofRole(server, turn, client.connection());
    ctx.begin(exec);
    ctx.lockTransaction(TransactionLocks.ofAll(server));
    try {
      if (mayNotRunNow()) {
        return false;
      }
      dispatcher.transactions().runUnlessTouched(ctx, queued, replies);
      return true;
    } finally {
      ctx.unlockTransaction();
    }
  }

  /** Since it was admitted, a pause may have begun, or another role. */
  private boolean mayNotRunNow() {
    long flags = queued.flags(exec);
    return dispatcher.pause().isForAny(flags)
        || waitsForKeys(server, queued)
        || dispatcher.conditions().refusal(exec, flags, client.session()) != null;
  }
}
