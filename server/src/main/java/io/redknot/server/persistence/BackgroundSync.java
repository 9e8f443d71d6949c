package io.redknot.server.persistence;

import io.redknot.server.Clock;
import io.redknot.server.TaskThread;
import io.redknot.server.persistence.Disk.OpenFile;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sync of the second, beside which the file is written on. One at a time.
 *
 * <p>Begun and looked at by whoever has the turn to write; any thread may ask whether one runs.
 */
final class BackgroundSync {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundSync.class);

  /** One that takes longer is counted as delayed by every write. */
  private static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final TaskThread thread;
  private final Clock clock;
  private final LongConsumer onSynced;
  private final Runnable onEnd;

  private volatile boolean running;
  private long beganNanos;
  private volatile @Nullable IOException failure;
  private volatile long delayed;

  /**
   * None yet.
   *
   * @param onSynced gets the position that {@link #begin} was given
   * @param onEnd runs behind every sync, also one that has failed
   */
  BackgroundSync(TaskThread thread, Clock clock, LongConsumer onSynced, Runnable onEnd) {
    this.thread = thread;
    this.clock = clock;
    this.onSynced = onSynced;
    this.onEnd = onEnd;
  }

  /**
   * Begins one; none runs.
   *
   * @param end up to where the stream of changes is in the file
   */
  void begin(OpenFile file, long end) {
    beganNanos = clock.nanos();
    running = true;
    thread.execute(() -> run(file, end));
  }

  private void run(OpenFile file, long end) {
    try {
      file.sync();
      // Before it has ended: other syncs wait for it, or are for files that follow.
      onSynced.accept(end);
    } catch (IOException failed) {
      failure = failed;
    } finally {
      running = false;
      onEnd.run();
    }
  }

  boolean isRunning() {
    return running;
  }

  /** Whether one has failed, of which nobody knows yet. */
  boolean hasFailed() {
    return failure != null;
  }

  /** Waits until none runs. */
  void await() {
    while (running) {
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  /** How the last one failed; null where it did not. Tells once. */
  @Nullable IOException takeFailure() {
    IOException failed = failure;
    if (failed != null) {
      failure = null;
    }
    return failed;
  }

  /** Something is written: counted, where a sync is still running that should long have ended. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes, others read
  void onWrite() {
    if (running && clock.nanos() - beganNanos > DELAY_NANOS) {
      delayed++;
      LOG.warn("Syncing the append-only file takes too long (disk is busy?).");
    }
  }

  /** How often that was so. */
  long delayed() {
    return delayed;
  }
}
