package io.redknot.server.dispatch;

import io.redknot.server.net.Suspension;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Commands that arrive while a pause holds wait for its end and are executed then. There may be one
 * for each purpose, and the strongest counts.
 *
 * <p>A pause is never made shorter by another one of its purpose, and of two kinds the stronger
 * holds.
 */
public final class ClientPause {
  /** What a pause is for. */
  public enum Purpose {
    /** CLIENT PAUSE. */
    CLIENT,
    /** The data set is being replaced. */
    RELOAD,
    /** The server is about to stop, and replicas are to have everything. */
    STOP,
    /** Another node is to go on with the data set as it is. */
    FAILOVER,
    /** The cluster knows this node as a primary, and it is still at work on becoming one. */
    PROMOTION
  }

  /** So many are released in one task, so that the loop's other work gets its turn. */
  private static final int RELEASED_HERE_MAX = 64;

  private static final long MAY_CHANGE = CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();

  /**
   * One pause.
   *
   * @param all every command, not only those that may change data
   */
  private record Pause(long endMs, boolean all) {
    Pause and(Pause other) {
      return new Pause(Math.max(endMs, other.endMs), all || other.all);
    }
  }

  private final Conditions conditions;
  private final Set<Suspension> waiting = new LinkedHashSet<>();
  private final List<Runnable> afterwards = new ArrayList<>();
  private final Map<Purpose, Pause> pauses = new EnumMap<>(Purpose.class);

  ClientPause(Conditions conditions) {
    this.conditions = conditions;
  }

  /**
   * Holds commands back until a time.
   *
   * @param untilMs milliseconds since 1970
   * @param all every command, not only those that may change data
   */
  public synchronized void pause(Purpose purpose, long untilMs, boolean all) {
    pauses.merge(purpose, new Pause(untilMs, all), Pause::and);
    conditions.set(Conditions.Condition.PAUSED, true);
  }

  /** Lets everything go on that waits for this only. */
  public void unpause(Purpose purpose) {
    unpause(purpose, Long.MAX_VALUE);
  }

  /** Ends a pause whose end is not behind a time. */
  private void unpause(Purpose purpose, long endMsMax) {
    List<Suspension> released;
    List<Runnable> told = List.of();
    synchronized (this) {
      Pause pause = pauses.get(purpose);
      if (pause == null || pause.endMs > endMsMax) {
        return;
      }
      pauses.remove(purpose);
      conditions.set(Conditions.Condition.PAUSED, !pauses.isEmpty());
      released = List.copyOf(waiting);
      waiting.clear();
      if (purpose == Purpose.CLIENT) {
        told = List.copyOf(afterwards);
        afterwards.clear();
      }
    }
    told.forEach(Runnable::run);
    release(released.iterator());
  }

  /**
   * One after the other on whatever event loops, as their order is that in which they came. What
   * another pause holds back comes here again, and in that order.
   */
  private static void release(Iterator<Suspension> rest) {
    boolean goesOn = false;
    while (rest.hasNext() && !goesOn) {
      goesOn = rest.next().retry(() -> releaseHere(rest));
    }
  }

  /**
   * As {@link #release}, within the task of an event loop: what follows and belongs to the same one
   * needs no other task, and wakes nobody.
   */
  private static void releaseHere(Iterator<Suspension> rest) {
    boolean goesOn = false;
    for (int here = 0; rest.hasNext() && !goesOn; here++) {
      Suspension next = rest.next();
      if (here < RELEASED_HERE_MAX && next.isOfThisLoop()) {
        next.retryHere(() -> release(rest));
      } else {
        goesOn = next.retry(() -> releaseHere(rest));
      }
    }
  }

  /** Ends the pauses whose time has come; called often. */
  public void tick(long nowMs) {
    if (isPaused()) {
      for (Purpose purpose : Purpose.values()) {
        unpause(purpose, nowMs);
      }
    }
  }

  /**
   * Has something done, once, when CLIENT PAUSE has ended, on whatever thread ends it.
   *
   * @return false where there is no such pause: nothing will be done
   */
  public synchronized boolean whenClientsGoOn(Runnable action) {
    boolean paused = pauses.containsKey(Purpose.CLIENT);
    if (paused) {
      afterwards.add(action);
    }
    return paused;
  }

  /** Takes back what was given to {@link #whenClientsGoOn}; it may be about to be done already. */
  public synchronized void forget(Runnable action) {
    afterwards.remove(action);
  }

  /** Number of actions that wait for the end of CLIENT PAUSE. */
  synchronized int actionCount() {
    return afterwards.size();
  }

  /** Whether anything is held back. */
  public boolean isPaused() {
    return conditions.holds(Conditions.Condition.PAUSED);
  }

  /** Whether anything is held back for this. */
  public boolean isFor(Purpose purpose) {
    return isPaused() && holds(purpose);
  }

  private synchronized boolean holds(Purpose purpose) {
    return pauses.containsKey(purpose);
  }

  /** Number of commands held back. */
  public synchronized int waitingCount() {
    return waiting.size();
  }

  /** Holds a command back where a pause is for it; false where it may run. */
  synchronized boolean postpone(CommandContext ctx, long flags) {
    if (!isFor(flags)) {
      return false;
    }
    hold(ctx);
    return true;
  }

  /** Holds a command back, whatever it does, while a pause is for a purpose; false: none is. */
  public synchronized boolean postpone(CommandContext ctx, Purpose purpose) {
    if (!pauses.containsKey(purpose)) {
      return false;
    }
    hold(ctx);
    return true;
  }

  private void hold(CommandContext ctx) {
    Suspension suspension = ctx.suspend();
    suspension.postpone();
    waiting.add(suspension);
    suspension.onLeave(() -> forget(suspension));
  }

  /** Whether a command with these flags would be held back now. */
  synchronized boolean isForAny(long flags) {
    return isFor(flags);
  }

  private boolean isFor(long flags) {
    boolean mayChange = (flags & MAY_CHANGE) != 0;
    for (Pause pause : pauses.values()) {
      if (pause.all || mayChange) {
        return true;
      }
    }
    return false;
  }

  private synchronized void forget(Suspension suspension) {
    waiting.remove(suspension);
  }
}
