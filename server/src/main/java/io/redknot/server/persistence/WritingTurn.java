package io.redknot.server.persistence;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to write to a file: that of one thread which waits for it, or of others which
 * take it only where it is free. What one has written to fields within its turn, the next one sees.
 */
final class WritingTurn {
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile @Nullable Thread waiting;

  /** Takes the turn where it is free. Never waits. */
  boolean tryTake() {
    return taken.compareAndSet(false, true);
  }

  /** Waits until it is free, and takes it. Only one thread calls this. */
  void take() {
    if (tryTake()) {
      return;
    }
    // Told before the next look: whoever leaves after that look sees it.
    waiting = Thread.currentThread();
    while (!tryTake()) {
      LockSupport.park(this);
    }
    waiting = null;
  }

  /** Ends the turn of whoever has it. */
  void leave() {
    taken.set(false);
    Thread next = waiting;
    if (next != null) {
      LockSupport.unpark(next);
    }
  }
}
