package io.redknot.server.net;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Connections that messages were delivered to and that the socket has not been given.
 *
 * <p>Where these are many, a system call for each is most of what a message costs. While requests
 * keep coming they then wait a little for more messages: until a round of the event loop finds no
 * request, or for a millisecond, or until much has been delivered. The event loop only.
 */
final class Flushes {
  /** Fewer are flushed at once. */
  private static final int MANY = 16;

  private static final long WAIT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1);

  /** What one connection may get before it is flushed; far below any limit of output. */
  private static final long WAITING_BYTES_MAX = 256 * 1024;

  /** A connection, to be flushed. */
  interface Target {
    /** Gives the socket what was delivered. */
    void flushDelivered();
  }

  private final Consumer<Runnable> afterNextRound;
  private final LongSupplier reads;
  private final LongSupplier nanos;
  private final List<Target> targets = new ArrayList<>();
  private final Runnable check = this::check;
  private boolean waiting;
  private long waitingBytes;
  private long readsBefore;
  private long endNanos;

  /**
   * None yet.
   *
   * @param afterNextRound runs something when the loop has looked for requests once more
   * @param reads how often requests have been read
   * @param nanos the time
   */
  Flushes(Consumer<Runnable> afterNextRound, LongSupplier reads, LongSupplier nanos) {
    this.afterNextRound = afterNextRound;
    this.reads = reads;
    this.nanos = nanos;
  }

  /** Has a connection flushed that is not among them. */
  void add(Target target) {
    targets.add(target);
  }

  /**
   * All was delivered that was there: flushes, or waits for more.
   *
   * @param bytes how much was delivered to one connection at most
   */
  void delivered(long bytes) {
    waitingBytes += bytes;
    if (targets.size() < MANY || waitingBytes > WAITING_BYTES_MAX) {
      flush();
    } else if (!waiting) {
      waiting = true;
      endNanos = nanos.getAsLong() + WAIT_NANOS_MAX;
      waitForRound();
    }
  }

  private void waitForRound() {
    readsBefore = reads.getAsLong();
    afterNextRound.accept(check);
  }

  private void check() {
    if (!targets.isEmpty()
        && reads.getAsLong() != readsBefore
        && nanos.getAsLong() - endNanos < 0) {
      waitForRound();
    } else {
      waiting = false;
      flush();
    }
  }

  private void flush() {
    waitingBytes = 0;
    // By index: whoever is closed by it adds nobody.
    for (int i = 0; i < targets.size(); i++) {
      targets.get(i).flushDelivered();
    }
    targets.clear();
  }
}
