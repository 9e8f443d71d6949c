package io.redknot.server.bus;

import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.wire.SlotSet;
import io.redknot.server.dispatch.Conditions;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server does because of the cluster.
 *
 * <p>Roles are only roles as long as no data is replicated: a replica refuses writes and waits, and
 * a primary has nothing to pause for a hand-over.
 */
public final class ClusterReactions implements ClusterListener {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterReactions.class);

  /** Keys removed under one lock. */
  private static final int REMOVED_AT_ONCE_MAX = 128;

  private final Shards shards;
  private final Conditions conditions;
  private final Executor background;

  /**
   * Reactions on these keys.
   *
   * @param background runs what would keep the bus waiting
   */
  public ClusterReactions(Shards shards, Conditions conditions, Executor background) {
    this.shards = shards;
    this.conditions = conditions;
    this.background = background;
  }

  @Override
  public void onClusterEvent(ClusterEvent event) {
    switch (event) {
      case ClusterEvent.BecameReplica became -> becameReplica(became.primaryId());
      case ClusterEvent.BecamePrimary _ -> becamePrimary();
      case ClusterEvent.FlushAllData _ -> flush();
      case ClusterEvent.DeleteKeysInSlots lost -> removeKeys(lost.slots());
      case ClusterEvent.ReplicateFrom from ->
          LOG.info(
              "Replica of {} at {}:{}; data replication is not part of this version",
              from.primaryId(),
              from.address().ip(),
              from.address().tcpPort());
      case ClusterEvent.SlotsLost _,
          ClusterEvent.PauseWrites _,
          ClusterEvent.ResumeWrites _,
          ClusterEvent.Published _ -> {}
    }
  }

  private void becameReplica(String primaryId) {
    conditions.set(Conditions.Condition.READ_ONLY_REPLICA, true);
    LOG.info("This node is now a replica of {}", primaryId);
  }

  private void becamePrimary() {
    conditions.set(Conditions.Condition.READ_ONLY_REPLICA, false);
    LOG.info("This node is now a primary");
  }

  private void flush() {
    shards.lockAll();
    try {
      for (int i = 0; i < shards.count(); i++) {
        Shard shard = shards.shard(i);
        shard.flush(0, shard.keyspace(0).nowMs());
      }
    } finally {
      shards.unlockAll();
    }
  }

  private void removeKeys(SlotSet slots) {
    slots.forEach(slot -> background.execute(() -> removeSome(slot)));
  }

  private void removeSome(int slot) {
    Shard shard = shards.ofSlot(slot);
    boolean more;
    shard.lock();
    try {
      more = removeSome(shard.keyspace(0), slot);
    } finally {
      shard.unlock();
    }
    if (more) {
      background.execute(() -> removeSome(slot));
    }
  }

  private static boolean removeSome(Keyspace keys, int slot) {
    List<byte[]> found = new ArrayList<>(REMOVED_AT_ONCE_MAX);
    keys.walk()
        .visitSlotKeys(
            slot,
            ref -> {
              found.add(keys.keyCopy(ref));
              return found.size() < REMOVED_AT_ONCE_MAX;
            });
    for (byte[] key : found) {
      if (keys.remove(key, 0, key.length, slot)) {
        keys.changed();
      }
    }
    return !found.isEmpty();
  }
}
