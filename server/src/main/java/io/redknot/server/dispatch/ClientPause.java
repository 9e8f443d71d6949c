package io.redknot.server.dispatch;

import io.redknot.server.net.Suspension;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIENT PAUSE: commands that arrive while it holds wait for its end and are executed then.
 *
 * <p>A pause is never made shorter by another one, and of two kinds the stronger holds.
 */
public final class ClientPause {
  private static final long MAY_CHANGE = CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();

  private final Conditions conditions;
  private final List<Suspension> waiting = new ArrayList<>();
  private long endMs;
  private boolean everything;

  ClientPause(Conditions conditions) {
    this.conditions = conditions;
  }

  /**
   * Holds commands back until a time.
   *
   * @param untilMs milliseconds since 1970
   * @param all every command, not only those that may change data
   */
  public synchronized void pause(long untilMs, boolean all) {
    everything |= all;
    endMs = Math.max(endMs, untilMs);
    conditions.set(Conditions.Condition.PAUSED, true);
  }

  /** Lets everything go on. */
  public void unpause() {
    List<Suspension> released;
    synchronized (this) {
      endMs = 0;
      everything = false;
      conditions.set(Conditions.Condition.PAUSED, false);
      released = List.copyOf(waiting);
      waiting.clear();
    }
    for (Suspension suspension : released) {
      suspension.retry();
    }
  }

  /** Ends the pause when its time has come; called often. */
  public void tick(long nowMs) {
    boolean over;
    synchronized (this) {
      over = endMs != 0 && nowMs >= endMs;
    }
    if (over) {
      unpause();
    }
  }

  /** Whether anything is held back. */
  public boolean isPaused() {
    return conditions.holds(Conditions.Condition.PAUSED);
  }

  /** Number of commands held back. */
  public synchronized int waitingCount() {
    return waiting.size();
  }

  /** Holds a command back where the pause is for it; false where it may run. */
  synchronized boolean postpone(CommandContext ctx, long flags) {
    if (endMs == 0 || !everything && (flags & MAY_CHANGE) == 0) {
      return false;
    }
    Suspension suspension = ctx.suspend();
    waiting.add(suspension);
    suspension.onLeave(() -> forget(suspension));
    return true;
  }

  private synchronized void forget(Suspension suspension) {
    waiting.remove(suspension);
  }
}
