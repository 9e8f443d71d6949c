package io.redknot.server.bus;

import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.wire.SlotSet;
import io.redknot.server.Server;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.Router;
import io.redknot.server.signal.ShardSignals;
import io.redknot.server.signal.Waiter;
import io.redknot.storage.keyspace.Shard;

/** What clients are told because of the cluster. Any thread. */
final class ClusterClients {
  private final Server server;

  ClusterClients(Server server) {
    this.server = server;
  }

  /** Blocked commands whose keys are served elsewhere now, or nowhere, end with a redirection. */
  void redirectBlocked() {
    Router router = server.dispatcher().router();
    if (router == null) {
      return;
    }
    for (int i = 0; i < server.shards().count(); i++) {
      Shard shard = server.shards().shard(i);
      shard.lock();
      try {
        redirectBlocked(router, server.signals().shard(i));
      } finally {
        shard.unlock();
      }
    }
  }

  private static void redirectBlocked(Router router, ShardSignals signals) {
    for (Waiter waiter : signals.waiters()) {
      Waiter.Call call = waiter.call();
      CommandError elsewhere =
          router.whileWaiting(call.slot(), call.spec(), waiter.client().session());
      if (elsewhere != null && waiter.isWaiting()) {
        waiter.end();
        waiter.suspension().complete(out -> out.error(elsewhere.text()));
      }
    }
  }

  /** Shard channels of slots that another node serves now are listened to there. */
  void unsubscribe(SlotSet slots) {
    server.pubsub().leaveSlots(slots::contains);
  }

  /** Tells those who listen here what was published on another node. */
  void tell(ClusterEvent.Published published) {
    server
        .pubsub()
        .publish(
            published.sharded(),
            published.channel().toByteArray(),
            published.message().toByteArray());
  }
}
