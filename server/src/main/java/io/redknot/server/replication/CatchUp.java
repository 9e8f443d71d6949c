package io.redknot.server.replication;

import io.redknot.server.Server;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until all replicas have what this node has, before it ends. */
public final class CatchUp {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  private final Server server;
  private final Replication replication;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private volatile boolean cancelled;

  public CatchUp(Server server) {
    this.server = server;
    this.replication = server.replication();
  }

  /**
   * Waits for it; nobody may write meanwhile.
   *
   * @return whether all have it
   */
  public boolean await(long timeoutMs) throws InterruptedException {
    if (lagging() == 0) {
      return true;
    }
    LOG.info("{} lagging replicas: waiting for them before shutting down.", lagging());
    Runnable listener = this::onAck;
    replication.waiters().onEveryAck(listener);
    try {
      replication.askForAcks();
      awaitAcks(TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    } finally {
      // The server may go on after all.
      replication.waiters().forget(listener);
    }
    if (lagging() > 0) {
      LOG.warn("{} of {} replicas are behind.", lagging(), replication.replicas().size());
    }
    return lagging() == 0;
  }

  /** Waits no longer. Any thread. */
  public void cancel() {
    cancelled = true;
    onAck();
  }

  private void awaitAcks(long timeoutNanos) throws InterruptedException {
    long leftNanos = timeoutNanos;
    lock.lock();
    try {
      while (lagging() > 0 && leftNanos > 0 && !cancelled) {
        leftNanos = moved.awaitNanos(leftNanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private void onAck() {
    lock.lock();
    try {
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long lagging() {
    if (server.replication().isReplica()) {
      return 0;
    }
    // Not what is asked for itself: a replica answers with the offset before that.
    long wanted = replication.sink().changedEnd();
    return replication.replicas().stream()
        .filter(link -> link.isOnline() && link.ackOffset() < wanted)
        .count();
  }
}
