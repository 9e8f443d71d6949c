package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.persistence.CommitGate;
import java.util.List;

/**
 * With {@code appendfsync always} replicas get nothing that is not on this node's disk, as in
 * Redis: a crash of its machine must not leave them with writes that it has lost itself. The file
 * knows only its own positions, so that pairs of both are remembered, one at a time.
 *
 * <p>Any thread; the stream's lock is taken under this one.
 */
final class DiskHold implements CommitGate.Waiter {
  private final CommitGate gate;
  private final Propagator propagator;
  private final ReplicationBacklog backlog;
  private final List<ReplicaLink> replicas;

  /** Up to where the stream is on disk. */
  @GuardedBy("this")
  private long passed;

  private volatile boolean waiting;

  @GuardedBy("this")
  private long waitingPosition;

  @GuardedBy("this")
  private long waitingAppended;

  DiskHold(
      CommitGate gate,
      Propagator propagator,
      ReplicationBacklog backlog,
      List<ReplicaLink> replicas) {
    this.gate = gate;
    this.propagator = propagator;
    this.backlog = backlog;
    this.replicas = replicas;
  }

  /**
   * Up to which position of the stream replicas may be sent it. Where that is not its end, they are
   * told when there is more.
   */
  long limit() {
    if (gate.appended() == 0) {
      // Nothing is held.
      waiting = false;
      return Long.MAX_VALUE;
    }
    return limitOnDisk();
  }

  private synchronized long limitOnDisk() {
    if (waiting && !look()) {
      return passed;
    }
    long[] ends = new long[2];
    propagator.between(
        () -> {
          ends[0] = backlog.end();
          ends[1] = gate.appended();
        });
    waitingPosition = ends[0];
    waitingAppended = ends[1];
    // A stream that began anew may be at smaller offsets than the one before.
    passed = Math.min(passed, waitingPosition);
    // Before it is looked at, so that a sync in between is not missed.
    waiting = true;
    look();
    return passed;
  }

  /** Whether that for which it is waited is on disk. */
  @GuardedBy("this")
  private boolean look() {
    if (gate.passes(waitingAppended, true)) {
      passed = waitingPosition;
      waiting = false;
      return true;
    }
    return false;
  }

  @Override
  public boolean isWaiting() {
    return waiting;
  }

  @Override
  public void wake() {
    replicas.forEach(ReplicaLink::onMore);
  }
}
