package io.redknot.server.replication;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The locks that come before those of shards: that of who changes the role, and that of who
 * executes what the primary sends. Any thread.
 */
public final class RoleLocks {
  /** Held for as long as a role changes or a data set is replaced, which may wait for commands. */
  private final ReentrantLock changing = new ReentrantLock();

  private final ReentrantLock applying = new ReentrantLock();

  RoleLocks() {}

  void lockRole() {
    changing.lock();
  }

  void unlockRole() {
    changing.unlock();
  }

  <T> T whileStill(Supplier<T> action) {
    applying.lock();
    try {
      return action.get();
    } finally {
      applying.unlock();
    }
  }

  <T> T whileRoleIsStill(Supplier<T> action) {
    changing.lock();
    try {
      return whileStill(action);
    } finally {
      changing.unlock();
    }
  }

  /**
   * As {@link Replication#whileRoleIsStill}, unless that is not to be had in time.
   *
   * @param leftNanos how long may be waited from now on
   * @return what the action returns; false where it did not run
   */
  public boolean tryWhileRoleIsStill(LongSupplier leftNanos, BooleanSupplier action) {
    return tryWhileHeld(changing, leftNanos, () -> tryWhileHeld(applying, leftNanos, action));
  }

  private static boolean tryWhileHeld(
      ReentrantLock lock, LongSupplier leftNanos, BooleanSupplier action) {
    try {
      if (!lock.tryLock(leftNanos.getAsLong(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    try {
      return action.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }
}
