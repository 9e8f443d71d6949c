package io.redknot.server.dispatch;

import io.redknot.server.Server;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.LentLoop;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All that a command may change stands still for one thread: the event loop of a client, the
 * cluster's thread, this node's role, and the keys.
 *
 * <p>An event loop may be waiting for a lock that this thread holds, and a lock may be held for
 * long. So all is to be had within a short time, or is given back; then each is waited for alone,
 * while nobody else waits, and the next time may be longer.
 *
 * <p>Thread: that for roles.
 */
final class Standstill {
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(160);

  private final Server server;
  private final ConnectionHandler client;
  private final Shards shards;

  Standstill(Server server, ConnectionHandler client) {
    this.server = server;
    this.client = client;
    this.shards = server.shards();
  }

  /**
   * Does something during a standstill.
   *
   * @param action returns what the client's event loop does first when it goes on
   */
  void run(Supplier<Runnable> action) {
    long waitNanos = FIRST_NANOS;
    while (!tryRun(action, waitNanos)) {
      awaitEach();
      waitNanos = Math.min(2 * waitNanos, LONGEST_NANOS);
    }
  }

  private boolean tryRun(Supplier<Runnable> action, long waitNanos) {
    long endNanos = server.clock().nanos() + waitNanos;
    Runnable[] then = {() -> {}};
    LentLoop loop = new LentLoop(client.eventLoop());
    try {
      return loop.await(left(endNanos)) && runWithoutBus(action, endNanos, then);
    } finally {
      loop.giveBack(then[0]);
    }
  }

  private boolean runWithoutBus(Supplier<Runnable> action, long endNanos, Runnable[] then) {
    ClusterLoop cluster = server.cluster();
    if (cluster == null) {
      return runLocked(action, endNanos, then);
    }
    LentLoop bus = cluster.lend();
    try {
      return bus.await(left(endNanos)) && runLocked(action, endNanos, then);
    } finally {
      bus.giveBack();
    }
  }

  private boolean runLocked(Supplier<Runnable> action, long endNanos, Runnable[] then) {
    BooleanSupplier withShards =
        () -> {
          int locked = lockShards(endNanos);
          try {
            if (locked == shards.count()) {
              then[0] = action.get();
            }
            return locked == shards.count();
          } finally {
            unlockShards(locked);
          }
        };
    LongSupplier left = () -> left(endNanos);
    return server
        .failover()
        .whileStill(() -> server.replication().locks().tryWhileRoleIsStill(left, withShards));
  }

  /** Returns how many were to be had. */
  private int lockShards(long endNanos) {
    int locked = 0;
    while (locked < shards.count() && shards.shard(locked).tryLock(left(endNanos))) {
      locked++;
    }
    return locked;
  }

  private void unlockShards(int locked) {
    for (int i = locked - 1; i >= 0; i--) {
      shards.shard(i).unlock();
    }
  }

  private long left(long endNanos) {
    return Math.max(0, endNanos - server.clock().nanos());
  }

  private void awaitEach() {
    boolean _ = server.replication().whileRoleIsStill(() -> true);
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      shard.unlock();
    }
    awaitOnce(new LentLoop(client.eventLoop()));
    ClusterLoop cluster = server.cluster();
    if (cluster != null) {
      awaitOnce(cluster.lend());
    }
  }

  private static void awaitOnce(LentLoop loop) {
    boolean _ = loop.await(Long.MAX_VALUE);
    loop.giveBack();
  }
}
