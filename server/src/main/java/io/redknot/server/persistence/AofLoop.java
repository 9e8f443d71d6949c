package io.redknot.server.persistence;

import io.redknot.server.Clock;
import io.redknot.server.TaskThread;
import io.redknot.server.config.Choices.Appendfsync;
import io.redknot.server.config.FileErrors;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.persistence.AofBuffer.Piece;
import io.redknot.server.persistence.Disk.OpenFile;
import io.redknot.server.stats.LatencyMonitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that writes the stream of changes to the append-only file, and syncs it: after every
 * write, once a second or never, as {@code appendfsync} says.
 *
 * <p>Where every write is synced, the only event loop there is does that itself, at the end of its
 * round and for all whose requests it found in it: two changes of threads would cost more than a
 * disk takes that is fast. What is more than that, or takes longer, stays with the thread: files
 * that change, disks that fail or are slow.
 *
 * <p>What was written in part, or written and not synced where every write is to be, is cut off
 * again when the disk fails, and written anew until it works: a system that failed to sync may have
 * forgotten what it was to sync, so the next sync alone would prove nothing.
 */
final class AofLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(AofLoop.class);

  private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Between two writes where nobody waits for them: what comes meanwhile is written together. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** The part of a sync's time that the next one may wait to have more to sync. */
  private static final long GATHER_PART = 2;

  private static final long GATHER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1);

  /** An event loop syncs where the last sync took no longer: beside a longer one it can serve. */
  private static final long LOOP_SYNC_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2);

  /** Nothing more is executed while so much waits to be written. */
  private static final long BUFFERED_BYTES_MAX = 64L << 20;

  /** What the loop works with. */
  record Parts(
      AofBuffer buffer,
      CommitGate gate,
      ServerConfig config,
      Clock clock,
      LatencyMonitor latencies,
      DiskErrors errors,
      Runnable onDurable) {}

  private final AofBuffer buffer;
  private final CommitGate gate;
  private final ServerConfig config;
  private final Clock clock;
  private final LatencyMonitor latencies;
  private final DiskErrors errors;
  private final BackgroundSync secondly;
  private final Runnable onDurable;

  /** Whether a snapshot is being written, during which syncs may be left out. */
  private final BooleanSupplier saving;

  private final Thread thread;
  private final WritingTurn turn = new WritingTurn();
  private final Runnable commit = this::commitOnLoop;

  /** The event loop is going to commit; its own. */
  private boolean commitDue;

  // Of whoever has the turn, as far as they are not volatile.
  private OpenFile file;
  private final Deque<Piece> unwritten = new ArrayDeque<>();

  /** Written and not synced; only where every write is synced. */
  private final Deque<Piece> unsynced = new ArrayDeque<>();

  private long writtenBytes;

  /** Bytes of the file before those that may have to be written anew. */
  private long keptBytes;

  /** There may be more in the file than was written in full. */
  private boolean torn;

  private long writtenEnd;
  private long lastSyncNanos;
  private long lastSyncTookNanos;

  /** What the last turn had to write, and the one before it. */
  private long lastBytes;

  private long bytesBefore;
  private boolean dirty;
  private boolean wrote;
  private volatile boolean ended;
  private volatile boolean failing;

  private volatile boolean idle;

  /** How much the thread waits for before it syncs; no more than that wakes it. */
  private volatile long gatheredEnd = Long.MAX_VALUE;

  private volatile boolean attention;
  private volatile long fetchedEnd;
  private final AtomicLong durableEnd = new AtomicLong();
  private volatile long fileBytes;
  private volatile boolean stopNow;
  private volatile boolean mayHaveLost;
  private volatile long sleepNanos;

  /**
   * Makes one that has not started.
   *
   * @param file open, at its end
   * @param bytes in the file
   */
  AofLoop(Parts parts, TaskThread syncThread, BooleanSupplier saving, OpenFile file, long bytes) {
    this.buffer = parts.buffer;
    this.gate = parts.gate;
    this.config = parts.config;
    this.clock = parts.clock;
    this.latencies = parts.latencies;
    this.errors = parts.errors;
    this.onDurable = parts.onDurable;
    this.secondly = new BackgroundSync(syncThread, clock, this::durable, this::attend);
    this.saving = saving;
    this.file = file;
    this.writtenBytes = bytes;
    this.keptBytes = bytes;
    this.fileBytes = bytes;
    this.writtenEnd = buffer.appended();
    this.fetchedEnd = writtenEnd;
    this.durableEnd.set(writtenEnd);
    this.lastSyncNanos = clock.nanos();
    this.thread = Thread.ofPlatform().daemon().name("redknot-aof").unstarted(this);
  }

  void start() {
    buffer.onAppend(this::wake);
    thread.start();
  }

  /** Called under locks: a thread that is not idle looks by itself. */
  private void wake() {
    if (buffer.appended() - fetchedEnd > BUFFERED_BYTES_MAX) {
      gate.full(true);
    }
    if (fsync() == Appendfsync.ALWAYS && gate.isCommitter()) {
      if (!commitDue) {
        commitDue = true;
        gate.execute(commit);
      }
    } else {
      wakeThread();
    }
  }

  private void wakeThread() {
    if (idle) {
      idle = false;
      LockSupport.unpark(thread);
    } else if (buffer.appended() >= gatheredEnd) {
      gatheredEnd = Long.MAX_VALUE;
      LockSupport.unpark(thread);
    }
  }

  /** At the end of a round of the event loop, before replies leave. */
  private void commitOnLoop() {
    commitDue = false;
    boolean done = false;
    if (turn.tryTake()) {
      try {
        done = mayCommitOnLoop() && commit();
      } catch (IOException failure) {
        failed(failure);
      } catch (RuntimeException | Error fault) {
        failed(new IOException(fault));
      } finally {
        turn.leave();
      }
    }
    if (!done) {
      attend();
    }
  }

  private boolean mayCommitOnLoop() {
    return fsync() == Appendfsync.ALWAYS
        && lastSyncTookNanos <= LOOP_SYNC_NANOS_MAX
        && sleepNanos == 0
        && !(failing || ended || stopNow || isSyncing() || secondly.hasFailed() || mayNotSync());
  }

  /** Returns false where something is to be done that the thread does. */
  private boolean commit() throws IOException {
    buffer.fetch(unwritten);
    for (Piece piece : unwritten) {
      if (piece.isMark()) {
        return false;
      }
    }
    write(true);
    notFull();
    sync("aof-fsync-always");
    return true;
  }

  /** What decides about syncs has changed: whether a snapshot is written, or the configuration. */
  void attend() {
    attention = true;
    LockSupport.unpark(thread);
  }

  /** Nothing follows what is in the buffer; a disk that fails is not waited for. Does not wait. */
  void end() {
    stopNow = true;
    buffer.end();
    LockSupport.unpark(thread);
  }

  /** Waits until all is written and synced and the file closed, or cannot be. */
  void awaitEnd() throws InterruptedException {
    thread.join();
  }

  /** Every write waits for so long before it begins. */
  void slowDown(long micros) {
    sleepNanos = TimeUnit.MICROSECONDS.toNanos(micros);
  }

  /** Whether a sync had failed, so that what the file lost then is known to nobody; tells once. */
  boolean takeMayHaveLost() {
    boolean lost = mayHaveLost && !errors.appendOnlyFails();
    if (lost) {
      mayHaveLost = false;
    }
    return lost;
  }

  /** Waits until nothing waits to be written; the disk must work, and nobody may go on changing. */
  void awaitWritten() throws IOException {
    while (bufferedBytes() > 0) {
      if (errors.appendOnlyFails() || ended) {
        throw new IOException("the append-only file cannot be written");
      }
      LockSupport.parkNanos(this, REST_NANOS);
    }
  }

  /** Bytes of the file that is written to. */
  long fileBytes() {
    return fileBytes;
  }

  /** Bytes that are not written yet. */
  long bufferedBytes() {
    return buffer.appended() - fetchedEnd;
  }

  /** How often a sync of the second was still running when it should long have ended. */
  long delayedSyncs() {
    return secondly.delayed();
  }

  boolean isSyncing() {
    return secondly.isRunning();
  }

  @Override
  public void run() {
    while (!ended) {
      turn.take();
      try {
        work();
        worked();
      } catch (IOException failure) {
        failed(failure);
      } catch (RuntimeException | Error fault) {
        // Replies wait for this thread: it goes on, or says that it cannot.
        failed(new IOException(fault));
      } finally {
        turn.leave();
      }
      if (!ended) {
        rest();
      }
    }
    // Nobody's turn comes any more.
    turn.take();
    close();
  }

  private void rest() {
    if (failing) {
      if (stopNow) {
        // Nobody can wait for a disk that may never work again.
        ended = true;
        return;
      }
      LockSupport.parkNanos(RETRY_NANOS);
    } else if (wrote && fsync() != Appendfsync.ALWAYS) {
      wrote = false;
      LockSupport.parkNanos(this, REST_NANOS);
    } else {
      idle = true;
      if (buffer.isEmpty() && !gate.isFull() && !attention) {
        park();
      }
      idle = false;
    }
  }

  /** Until something comes, or a sync is due that may begin. */
  private void park() {
    if (dirty && fsync() == Appendfsync.EVERYSEC && !isSyncing() && !mayNotSync()) {
      long left = SYNC_NANOS - (clock.nanos() - lastSyncNanos);
      LockSupport.parkNanos(this, Math.max(left, REST_NANOS));
    } else {
      LockSupport.park(this);
    }
  }

  private Appendfsync fsync() {
    return config.appendfsync.get();
  }

  private void work() throws IOException {
    attention = false;
    boolean always = fsync() == Appendfsync.ALWAYS;
    throwSyncFailure();
    realign();
    if (always) {
      gather();
    }
    buffer.fetch(unwritten);
    if (sleepNanos > 0 && !unwritten.isEmpty()) {
      LockSupport.parkNanos(this, sleepNanos);
    }
    write(always);
    notFull();
    if (always && !mayNotSync()) {
      sync("aof-fsync-always");
    } else if (always) {
      forgetUnsynced();
    } else {
      syncInBackground();
    }
  }

  private void notFull() {
    if (gate.isFull() && bufferedBytes() <= BUFFERED_BYTES_MAX / 2) {
      gate.full(false);
    }
  }

  /**
   * Those who got their replies after the last sync, and those who have come while it ran, would
   * else be synced in turns, each waiting for the others' sync. So the next one waits, much shorter
   * than it takes, until about as much has come as the two last ones had together.
   */
  private void gather() {
    long now = clock.nanos();
    long end = now + Math.min(lastSyncTookNanos / GATHER_PART, GATHER_NANOS_MAX);
    long wanted = writtenEnd + lastBytes + bytesBefore;
    gatheredEnd = wanted;
    while (now < end && buffer.appended() < wanted && buffer.appended() > writtenEnd) {
      LockSupport.parkNanos(this, end - now);
      now = clock.nanos();
    }
    gatheredEnd = Long.MAX_VALUE;
    bytesBefore = lastBytes;
    lastBytes = buffer.appended() - writtenEnd;
  }

  private void write(boolean always) throws IOException {
    while (!unwritten.isEmpty()) {
      Piece piece = unwritten.element();
      if (piece.isMark()) {
        awaitBackgroundSync();
        sync("aof-fsync-always");
        changeFile(piece);
        unwritten.remove();
        continue;
      }
      write(piece);
      unwritten.remove();
      if (always) {
        unsynced.add(piece);
      } else {
        buffer.recycle(piece.bytes());
      }
    }
  }

  private void changeFile(Piece piece) throws IOException {
    AofSwitch next = piece.next();
    if (next == null) {
      ended = true;
      return;
    }
    OpenFile old = file;
    file = next.begin();
    writtenBytes = 0;
    keptBytes = 0;
    fileBytes = 0;
    old.close();
  }

  private void write(Piece piece) throws IOException {
    secondly.onWrite();
    long began = clock.nanos();
    torn = true;
    file.writeAll(ByteBuffer.wrap(piece.bytes(), 0, piece.size()));
    torn = false;
    writtenBytes += piece.size();
    fileBytes = writtenBytes;
    writtenEnd = piece.end();
    fetchedEnd = piece.end();
    dirty = true;
    wrote = true;
    spike(writeEvent(), began);
  }

  private String writeEvent() {
    if (isSyncing()) {
      return "aof-write-pending-fsync";
    }
    return saving.getAsBoolean() ? "aof-write-active-child" : "aof-write-alone";
  }

  private void spike(String event, long beganNanos) {
    long took = clock.nanos() - beganNanos;
    if (latencies.isSpike(took)) {
      latencies.add(event, clock.nowMs(), took);
      if (event.startsWith("aof-write")) {
        latencies.add("aof-write", clock.nowMs(), took);
      }
    }
  }

  private boolean mayNotSync() {
    return config.noAppendfsyncOnRewrite.get() && saving.getAsBoolean();
  }

  private void sync(String event) throws IOException {
    if (dirty) {
      long began = clock.nanos();
      try {
        file.sync();
      } catch (IOException failure) {
        // What it has lost the next one does not bring back, unless it is written again.
        if (unsynced.isEmpty()) {
          mayHaveLost = true;
        }
        throw failure;
      }
      spike(event, began);
      lastSyncNanos = clock.nanos();
      lastSyncTookNanos = lastSyncNanos - began;
      dirty = false;
      durable(writtenEnd);
    }
    forgetUnsynced();
  }

  /** What was appended up to there is on disk; a sync of the second may end behind later ones. */
  private void durable(long end) {
    durableEnd.accumulateAndGet(end, Math::max);
    onDurable.run();
  }

  /** Up to where what was appended is on disk. */
  long durableEnd() {
    return durableEnd.get();
  }

  private void forgetUnsynced() {
    for (Piece piece : unsynced) {
      buffer.recycle(piece.bytes());
    }
    unsynced.clear();
    keptBytes = writtenBytes;
    gate.synced(writtenEnd);
  }

  private void syncInBackground() {
    // Left from when every write was synced; the next sync covers it.
    forgetUnsynced();
    boolean due = clock.nanos() - lastSyncNanos >= SYNC_NANOS;
    if (!dirty || !due || isSyncing() || fsync() == Appendfsync.NO || mayNotSync()) {
      return;
    }
    dirty = false;
    lastSyncNanos = clock.nanos();
    secondly.begin(file, writtenEnd);
  }

  private void awaitBackgroundSync() throws IOException {
    secondly.await();
    throwSyncFailure();
  }

  private void throwSyncFailure() throws IOException {
    IOException failedSync = secondly.takeFailure();
    if (failedSync != null) {
      dirty = true;
      mayHaveLost = true;
      throw failedSync;
    }
  }

  /** Goes back to the last place up to which all is known to be well, and writes on from there. */
  private void realign() throws IOException {
    if (!failing) {
      return;
    }
    boolean rewritten = !unsynced.isEmpty();
    while (!unsynced.isEmpty()) {
      unwritten.addFirst(unsynced.removeLast());
    }
    if (rewritten) {
      writtenBytes = keptBytes;
      torn = true;
    }
    if (torn) {
      file.truncate(writtenBytes);
      torn = false;
      dirty = true;
    }
    if (fsync() != Appendfsync.ALWAYS && dirty) {
      sync("aof-fsync-always");
    }
  }

  private void failed(IOException failure) {
    String reason = FileErrors.text(failure);
    // Refusals before anything else: no change may be executed that waits for this disk in vain.
    errors.appendOnly(reason);
    if (!failing) {
      LOG.warn("Error writing to the AOF file: {}", reason);
    }
    failing = true;
    gate.failing(true);
  }

  private void worked() {
    if (failing) {
      failing = false;
      errors.appendOnly(null);
      gate.failing(false);
      LOG.warn("AOF write error looks solved. The server can write again.");
    }
  }

  private void close() {
    buffer.onAppend(() -> {});
    secondly.await();
    buffer.fetch(unwritten);
    try {
      for (Piece piece : unwritten) {
        piece.discard();
      }
      file.close();
    } catch (IOException failure) {
      LOG.warn("Closing the AOF file failed: {}", FileErrors.text(failure));
    }
    if (failing) {
      errors.appendOnly(null);
    }
    gate.holding(false);
    gate.failing(false);
    gate.full(false);
    gate.synced(buffer.appended());
  }
}
