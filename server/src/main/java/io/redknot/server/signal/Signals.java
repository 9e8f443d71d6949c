package io.redknot.server.signal;

import io.redknot.server.pubsub.KeyspaceNotifications;
import io.redknot.server.tracking.Tracking;
import io.redknot.storage.keyspace.Shards;
import java.util.function.IntConsumer;

/** The signals of all shards. */
public final class Signals {
  private final ShardSignals[] shards;
  private final Tracking tracking;

  /**
   * Listens to these shards, before anything changes them.
   *
   * @param attend serves those who wait for keys of a shard, soon and not at once; for what no
   *     command changes
   */
  public Signals(
      Shards shards, KeyspaceNotifications notifications, Tracking tracking, IntConsumer attend) {
    this.tracking = tracking;
    this.shards = new ShardSignals[shards.count()];
    for (int i = 0; i < shards.count(); i++) {
      this.shards[i] = new ShardSignals(shards.shard(i), notifications, tracking, attend);
    }
  }

  /** What clients remember of keys is no longer so, whatever it is; all locks are held. */
  public void flushed() {
    for (ShardSignals shard : shards) {
      shard.tracking().clear();
    }
    tracking.flushed();
  }

  /** Forgets some of what clients remember where it is too much by a changed configuration. */
  public void limitTracking() {
    for (int i = 0; i < shards.length && tracking.isFull(); i++) {
      ShardSignals shard = shards[i];
      shard.lock();
      try {
        shard.tracking().limit();
      } finally {
        shard.unlock();
      }
    }
  }

  /** The signals of a shard. */
  public ShardSignals shard(int index) {
    return shards[index];
  }
}
