package io.redknot.server.net;

import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An event loop that stands still while another thread does what else only the loop may do: all
 * that belongs to the loop belongs to that thread meanwhile. It stands between two of its tasks, so
 * that it holds no lock.
 */
public final class LentLoop {
  private enum State {
    ASKED,
    STANDS,
    GIVEN_BACK
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.ASKED);
  private final Semaphore stands = new Semaphore(0);
  private final Semaphore givenBack = new Semaphore(0);
  private volatile Runnable then = () -> {};

  /**
   * Asks for a loop.
   *
   * @param loop executes one task after the other
   */
  public LentLoop(Executor loop) {
    loop.execute(this::stand);
  }

  private void stand() {
    if (state.compareAndSet(State.ASKED, State.STANDS)) {
      stands.release();
      givenBack.acquireUninterruptibly();
      then.run();
    }
  }

  /** Waits until the loop stands still; false where it does not within so many nanoseconds. */
  public boolean await(long nanos) {
    try {
      return stands.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Lets the loop go on, whether it stands still by now or not. */
  public void giveBack() {
    giveBack(() -> {});
  }

  /** As {@link #giveBack()}; a loop that stood still does this first. */
  public void giveBack(Runnable first) {
    then = first;
    if (state.getAndSet(State.GIVEN_BACK) == State.STANDS) {
      givenBack.release();
    }
  }
}
