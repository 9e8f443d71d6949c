package io.redknot.server.bus;

import io.netty.channel.EventLoop;
import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.ClusterView;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.SlotSet;
import io.redknot.server.Server;
import io.redknot.server.config.ReplicaSource;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.dispatch.HeldWrites;
import io.redknot.server.net.NextRound;
import io.redknot.server.replication.Effects;
import io.redknot.server.replication.Propagator;
import io.redknot.server.replication.Replication;
import io.redknot.server.signal.ShardSignals;
import io.redknot.server.signal.Signals;
import io.redknot.server.stats.SlotStats;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server does because of the cluster: this node's role in it is its role in replication.
 */
public final class ClusterReactions implements ClusterListener {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterReactions.class);

  /** Keys removed under one lock. */
  private static final int REMOVED_AT_ONCE_MAX = 128;

  private final Shards shards;
  private final Signals signals;
  private final Replication replication;
  private final Propagator propagator;
  private final ClusterClients clients;
  private final HeldWrites writes;
  private final ClientPause pause;
  private final SlotStats slotStats;
  private final EventLoop background;
  private final Executor roles;

  /** What the thread for roles has not come to. */
  private final Queue<Runnable> roleChanges = new ConcurrentLinkedQueue<>();

  /**
   * Reactions of a server.
   *
   * @param writes holds them back for a manual failover
   * @param background runs what would keep the bus waiting
   */
  public ClusterReactions(Server server, HeldWrites writes, EventLoop background) {
    this.shards = server.shards();
    this.signals = server.signals();
    this.replication = server.replication();
    this.propagator = server.propagator();
    this.clients = new ClusterClients(server);
    this.writes = writes;
    this.pause = server.dispatcher().pause();
    this.slotStats = server.stats().slots();
    this.background = background;
    this.roles = server.roles();
  }

  /** What a slot costs its new owner is counted from there on. */
  @Override
  public void onView(ClusterView before, ClusterView now) {
    now.forEachChange(before, slotStats::reset);
  }

  @Override
  public void onClusterDown() {
    background.execute(clients::redirectBlocked);
  }

  @Override
  public void onClusterEvent(ClusterEvent event) {
    switch (event) {
      case ClusterEvent.BecameReplica became ->
          LOG.info("This node is now a replica of {}", became.primaryId());
      case ClusterEvent.BecamePrimary _ -> becamePrimary();
      case ClusterEvent.FlushAllData _ -> flush();
      case ClusterEvent.DeleteKeysInSlots lost -> removeKeys(lost.slots());
      case ClusterEvent.ReplicateFrom from ->
          changeRole(() -> replication.follow(source(from.address())));
      case ClusterEvent.SlotsLost lost -> background.execute(() -> sendAway(lost.slots()));
      case ClusterEvent.PauseWrites pause -> changeRole(() -> writes.hold(pause.untilMs()));
      case ClusterEvent.ResumeWrites _ -> changeRole(writes::release);
      case ClusterEvent.Published published -> clients.tell(published);
    }
  }

  private void sendAway(SlotSet lost) {
    clients.unsubscribe(lost);
    clients.redirectBlocked();
  }

  @Override
  public boolean holdsWritesBack() {
    return writes.areHeld();
  }

  /**
   * Takes the locks of all shards, for which neither the bus nor an event loop must wait: a slow
   * command would make this node look dead, or keep those waiting who do not need its shard. At the
   * start there are no commands, and what follows needs the role.
   */
  private void changeRole(Runnable change) {
    if (replication.isStarted()) {
      roleChanges.add(change);
      roles.execute(this::settle);
    } else {
      change.run();
    }
  }

  @Override
  public void settle() {
    Runnable next = roleChanges.poll();
    while (next != null) {
      next.run();
      next = roleChanges.poll();
    }
  }

  private static ReplicaSource source(NodeAddress address) {
    return new ReplicaSource(address.ip(), address.tcpPort());
  }

  @Override
  public void onPromotion() {
    pause.pause(ClientPause.Purpose.PROMOTION, Long.MAX_VALUE, false);
    replication.beginPromotion();
  }

  private void becamePrimary() {
    changeRole(
        () -> {
          try {
            replication.promote();
          } finally {
            pause.unpause(ClientPause.Purpose.PROMOTION);
          }
        });
    LOG.info("This node is now a primary");
  }

  private void flush() {
    shards.lockAll();
    try {
      for (int i = 0; i < shards.count(); i++) {
        Shard shard = shards.shard(i);
        shard.flush(0, shard.keyspace(0).nowMs());
      }
      signals.flushed();
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
      if (replication.isReplica()) {
        // Since then: it has what its primary has.
        return;
      }
      Effects effects = new Effects();
      more = removeSome(shard.keyspace(0), signals.shard(shard.index()), slot, effects);
      // Or they would be back with the next start, older than what the slot's owner has.
      propagator.publish(effects);
    } finally {
      shard.unlock();
    }
    if (more) {
      NextRound.execute(background, () -> removeSome(slot));
    }
  }

  private boolean removeSome(Keyspace keys, ShardSignals told, int slot, Effects effects) {
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
        // No event, as in Redis: they are not deleted, but another node's now.
        told.changed(0, key, 0, key.length);
        if (propagator.isActive()) {
          if (effects.isEmpty()) {
            effects.begin(0, "DEL");
          }
          effects.word(key, 0, key.length);
        }
      }
    }
    return !found.isEmpty();
  }
}
