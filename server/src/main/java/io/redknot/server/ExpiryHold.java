package io.redknot.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.EnumSet;
import java.util.Set;

/**
 * Whether expired keys are removed here: while anything speaks against it, they are only hidden.
 *
 * <p>Any thread; guarded by the locks of all shards.
 */
public final class ExpiryHold {
  /** What speaks against it. */
  public enum Reason {
    /** The primary removes them. */
    REPLICA,
    /** Nothing may change, since another node is to go on from here. */
    FAILOVER,
    /** CLIENT PAUSE: nothing may change. */
    PAUSE
  }

  private final Shards shards;
  private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

  @GuardedBy("this")
  private boolean paused;

  ExpiryHold(Shards shards) {
    this.shards = shards;
  }

  /** Clients may be paused, or no longer; for whoever has no lock of a shard. */
  public synchronized void follow(ClientPause pause) {
    boolean isPaused = pause.isFor(ClientPause.Purpose.CLIENT);
    if (paused != isPaused) {
      paused = isPaused;
      set(Reason.PAUSE, isPaused);
    }
  }

  /** A reason begins or ends. Waits for the locks of all shards. */
  public void set(Reason reason, boolean holds) {
    shards.lockAll();
    try {
      boolean _ = holds ? reasons.add(reason) : reasons.remove(reason);
      for (int i = 0; i < shards.count(); i++) {
        Shard shard = shards.shard(i);
        for (int db = 0; db < shards.databases(); db++) {
          shard.keyspace(db).hideExpiredOnly(!reasons.isEmpty());
        }
      }
    } finally {
      shards.unlockAll();
    }
  }
}
