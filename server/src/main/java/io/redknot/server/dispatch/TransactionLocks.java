package io.redknot.server.dispatch;

import io.redknot.server.Server;
import io.redknot.server.replication.Propagator;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;

/**
 * The locks that a transaction holds: that of one shard or those of all. What its commands do is
 * collected over all of them, and published in one before the first is given back.
 */
final class TransactionLocks {
  private final Server server;
  private final Shards shards;
  private final Propagator propagator;
  private final int from;
  private final int to;
  private boolean propagated;

  private TransactionLocks(Server server, int from, int to) {
    this.server = server;
    this.shards = server.shards();
    this.propagator = server.propagator();
    this.from = from;
    this.to = to;
  }

  static TransactionLocks ofOne(Server server, int shard) {
    return new TransactionLocks(server, shard, shard + 1);
  }

  static TransactionLocks ofAll(Server server) {
    return new TransactionLocks(server, 0, server.shards().count());
  }

  void lock(Turn turn) {
    for (int i = from; i < to; i++) {
      shards.shard(i).lock();
      server.signals().shard(i).attended(true);
    }
    propagated = propagator.isActive();
    if (propagated) {
      for (int i = from; i < to; i++) {
        propagator.shard(i).begin(turn.effects());
      }
    }
  }

  /** Publishes what was done, serves those who waited for it, and gives the locks back. */
  void unlock(Turn turn) {
    try {
      if (propagated) {
        // The first publishes everything, the others find nothing left.
        for (int i = from; i < to; i++) {
          propagator.shard(i).end();
        }
      }
      for (int i = from; i < to; i++) {
        ReadyKeys.serve(server, turn, shards.shard(i));
      }
    } finally {
      for (int i = to - 1; i >= from; i--) {
        server.signals().shard(i).attended(false);
        shards.shard(i).unlock();
      }
    }
  }

  /** This node has another role: from now on what is done may have to be told. */
  void roleChanged(Turn turn) {
    if (!propagated && propagator.isActive()) {
      propagated = true;
      for (int i = from; i < to; i++) {
        propagator.shard(i).begin(turn.effects());
      }
    }
  }

  /** Whether what the commands do is to be told. */
  boolean isPropagated() {
    return propagated;
  }

  /** The shard where there is only one, or the first. */
  Shard first() {
    return shards.shard(from);
  }
}
