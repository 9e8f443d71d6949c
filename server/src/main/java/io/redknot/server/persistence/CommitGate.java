package io.redknot.server.persistence;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Holds replies back until what they tell is on disk: with {@code appendfsync always}. The reply to
 * a change waits for it and all before it in the stream of changes; one that shows data waits for
 * all that was in the stream when it was made, whoever has put it there, so that nobody sees what a
 * crash could undo. Many replies wait for one sync.
 *
 * <p>While the disk fails, replies go out that are not to changes of the client's own; the others
 * wait until it works again. Also stops those who would fill the buffer beyond its limit.
 *
 * <p>Any thread. What is asked most is one volatile read.
 */
public final class CommitGate {
  /** An event loop whose clients may wait. */
  public interface Waiter {
    /** Whether any does. */
    boolean isWaiting();

    /** Something has come to the disk, or the rules have changed. */
    void wake();
  }

  /** The only event loop, which may bring to the disk what it has changed. */
  public interface Committer {
    /** Whether the calling thread is the event loop's. */
    boolean isCurrent();

    /** Has something done when the loop has done what it found to do in this round. */
    void execute(Runnable action);
  }

  private final List<Waiter> waiters = new CopyOnWriteArrayList<>();
  private final AofBuffer buffer;
  private volatile @Nullable Committer committer;
  private volatile boolean holding;
  private volatile boolean failing;
  private volatile boolean full;
  private volatile long synced;
  private volatile long timesFull;

  CommitGate(AofBuffer buffer) {
    this.buffer = buffer;
  }

  /** Tells an event loop from now on. */
  public void add(Waiter waiter) {
    waiters.add(waiter);
  }

  /** There is no other event loop. */
  public void onlyLoop(Committer loop) {
    committer = loop;
  }

  /** Whether the calling thread is the only event loop's. */
  boolean isCommitter() {
    Committer loop = committer;
    return loop != null && loop.isCurrent();
  }

  /** Has the only event loop do something at the end of its round. */
  void execute(Runnable action) {
    Committer loop = committer;
    if (loop != null) {
      loop.execute(action);
    }
  }

  /** Whether replies wait at all. */
  public boolean isHolding() {
    return holding;
  }

  /** Where the stream of changes ends that replies wait for; 0 where they wait for nothing. */
  public long appended() {
    return holding ? buffer.appended() : 0;
  }

  /**
   * Whether a reply may go out.
   *
   * @param until where what it waits for ends in the stream of changes
   * @param change whether it is the reply to a change
   */
  public boolean passes(long until, boolean change) {
    return synced >= until || !holding || (failing && !change);
  }

  /** Whether nothing may be executed because the disk does not keep pace. */
  public boolean isFull() {
    return full;
  }

  /** How often that came to be. */
  public long timesFull() {
    return timesFull;
  }

  void holding(boolean value) {
    if (holding != value) {
      holding = value;
      wake();
    }
  }

  void failing(boolean value) {
    if (failing != value) {
      failing = value;
      wake();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  synchronized void full(boolean value) {
    if (full != value) {
      full = value;
      timesFull += value ? 1 : 0;
      wake();
    }
  }

  /** What ends there is on disk. */
  void synced(long end) {
    synced = end;
    wake();
  }

  private void wake() {
    for (Waiter waiter : waiters) {
      if (waiter.isWaiting()) {
        waiter.wake();
      }
    }
  }
}
