package io.redknot.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.storage.keyspace.Shards;
import java.util.EnumSet;
import java.util.Set;

/**
 * Whether expired keys are removed here: while anything speaks against it, they are only hidden.
 *
 * <p>Any thread, with locks of shards or without: none is taken.
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

  @GuardedBy("this")
  private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

  ExpiryHold(Shards shards) {
    this.shards = shards;
  }

  /** Clients may be paused, or no longer. */
  public synchronized void follow(ClientPause pause) {
    boolean isPaused = pause.isFor(ClientPause.Purpose.CLIENT);
    if (reasons.contains(Reason.PAUSE) != isPaused) {
      set(Reason.PAUSE, isPaused);
    }
  }

  /** A reason begins or ends, for who takes the lock of a shard from now on. */
  public synchronized void set(Reason reason, boolean holds) {
    boolean _ = holds ? reasons.add(reason) : reasons.remove(reason);
    shards.hideExpiredOnly(!reasons.isEmpty());
  }
}
