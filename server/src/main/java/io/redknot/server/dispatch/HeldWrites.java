package io.redknot.server.dispatch;

import io.netty.channel.EventLoop;
import io.redknot.server.ExpiryHold;
import io.redknot.server.Server;
import java.util.concurrent.TimeUnit;

/**
 * Writes held back while a replica takes over: those of clients wait, expired keys stay, and what
 * had begun before is over. Only then is the replication offset the last one.
 *
 * <p>Begun and ended by the cluster loop; asked by any thread.
 */
public final class HeldWrites {
  private static final long MOVING_POLL_MS = 5;

  private final Server server;
  private final Runnable onHeld;
  private int call;
  private volatile boolean held;

  /**
   * Holds nothing yet.
   *
   * @param onHeld called when a hold is complete, on any thread
   */
  public HeldWrites(Server server, Runnable onHeld) {
    this.server = server;
    this.onHeld = onHeld;
  }

  /** Whether nothing moves the replication offset any more. */
  public boolean areHeld() {
    return held && isPaused();
  }

  private boolean isPaused() {
    return server.dispatcher().pause().isFor(ClientPause.Purpose.FAILOVER);
  }

  /**
   * Begins to hold writes back.
   *
   * @param untilMs when they go on in any case, in milliseconds since 1970
   */
  public synchronized void hold(long untilMs) {
    held = false;
    int mine = ++call;
    server.dispatcher().pause().pause(ClientPause.Purpose.FAILOVER, untilMs, false);
    server.expiryHold().set(ExpiryHold.Reason.FAILOVER, true);
    // Commands that were let through before are executed to their end by then.
    server.listener().afterAllLoops(() -> complete(mine));
  }

  private synchronized void complete(int ofCall) {
    if (ofCall != call) {
      return;
    }
    if (server.dispatcher().movingKeys().isAny()) {
      // Keys on their way to another node are removed here when they have arrived.
      EventLoop loop = server.listener().anyLoop();
      var _ = loop.schedule(() -> complete(ofCall), MOVING_POLL_MS, TimeUnit.MILLISECONDS);
      return;
    }
    held = true;
    onHeld.run();
  }

  /** Lets writes go on. */
  public synchronized void release() {
    held = false;
    call++;
    server.expiryHold().set(ExpiryHold.Reason.FAILOVER, false);
    server.dispatcher().pause().unpause(ClientPause.Purpose.FAILOVER);
  }
}
