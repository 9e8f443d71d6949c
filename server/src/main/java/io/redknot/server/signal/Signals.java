package io.redknot.server.signal;

import io.redknot.server.pubsub.KeyspaceNotifications;
import io.redknot.server.tracking.Tracking;
import io.redknot.storage.keyspace.Shards;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** The signals of all shards. */
public final class Signals {
  private final ShardSignals[] shards;
  private final Tracking tracking;

  /** The shard a tracked key was taken from last. */
  private final AtomicInteger hand = new AtomicInteger();

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

  /**
   * Forgets some of what clients remember, while it is more than may be, and tells them. No lock of
   * a shard is held.
   *
   * @param keysMax how many keys at most
   */
  public void limitTracking(int keysMax) {
    for (int i = 0; i < keysMax && tracking.isFull() && evictTracked(); i++) {}
  }

  /** A key of the next shard that has no fewer than the shards have on average. */
  private boolean evictTracked() {
    for (int i = 0; i < shards.length; i++) {
      ShardSignals shard = shards[Math.floorMod(hand.incrementAndGet(), shards.length)];
      long asIfInAll = (long) shards.length * shard.tracking().keyCount();
      if (asIfInAll >= tracking.keyCount() && evictTracked(shard)) {
        return true;
      }
    }
    return false;
  }

  private static boolean evictTracked(ShardSignals shard) {
    shard.lock();
    try {
      return shard.tracking().evict();
    } finally {
      shard.unlock();
    }
  }

  /** The signals of a shard. */
  public ShardSignals shard(int index) {
    return shards[index];
  }
}
