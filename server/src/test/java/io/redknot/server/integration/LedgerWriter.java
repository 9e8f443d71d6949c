package io.redknot.server.integration;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A client that keeps a ledger and writes until it is told to end, whatever becomes of nodes. */
final class LedgerWriter extends Thread {
  private final ClusterRequests client;
  private final Ledger ledger;
  private final AtomicBoolean ends;
  private volatile int acknowledged;
  private volatile int failed;
  private volatile @Nullable Throwable wrong;

  /**
   * A writer that is not started.
   *
   * @param node where the client finds the cluster
   * @param slots it writes to slots from 0 on, so many
   */
  LedgerWriter(ClusterRequests.Kind kind, NodeProcess node, int slots, AtomicBoolean ends) {
    this(kind.name(), kind.connect(node), slots, ends);
  }

  /** As above, for any client. */
  LedgerWriter(String name, ClusterRequests client, int slots, AtomicBoolean ends) {
    super(name);
    setDaemon(true);
    this.client = client;
    this.ledger = new Ledger(name, client, slots);
    this.ends = ends;
  }

  @Override
  public void run() {
    try {
      for (int step = 0; !ends.get(); step++) {
        if (!ledger.write(step)) {
          Waiting.pause();
        }
        acknowledged = ledger.acknowledged();
        failed = ledger.failed();
      }
    } catch (RuntimeException | AssertionError failure) {
      wrong = failure;
    }
  }

  /** What it has written; for others when it has ended. */
  Ledger ledger() {
    return ledger;
  }

  /** Waits until every one of them has had so many more answers. */
  static void awaitWrites(List<LedgerWriter> writers, int more) {
    for (LedgerWriter writer : writers) {
      int wanted = writer.acknowledged + more;
      Waiting.until(
          "writes of " + writer.getName(),
          () -> writer.acknowledged >= wanted || writer.wrong != null);
      writer.requireNothingWrong();
    }
  }

  /** Throws where an answer was not what it had to be. */
  void requireNothingWrong() {
    Throwable failure = wrong;
    if (failure != null) {
      throw new AssertionError(getName() + ": " + failure, failure);
    }
  }

  /** Throws where any request was refused or had no answer. */
  void requireNothingFailed() {
    if (failed > 0) {
      RuntimeException last = ledger.lastFailure();
      throw new AssertionError(getName() + ": " + failed + " failed, at last: " + last, last);
    }
  }

  /** Ends them all, and checks what they have written. */
  static void endAndCheck(List<LedgerWriter> writers, AtomicBoolean ends)
      throws InterruptedException {
    ends.set(true);
    for (LedgerWriter writer : writers) {
      writer.join();
    }
    for (LedgerWriter writer : writers) {
      writer.requireNothingWrong();
      writer.ledger.check();
    }
  }

  /** Ends the client. */
  void close() {
    client.close();
  }
}
