package io.redknot.server.persistence;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.Server;
import io.redknot.server.TaskThread;
import io.redknot.server.config.Choices.Appendfsync;
import io.redknot.server.config.FileErrors;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.persistence.Disk.Mode;
import io.redknot.server.persistence.Disk.OpenFile;
import io.redknot.storage.aof.AofFile;
import io.redknot.storage.aof.AofManifest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only file: whether it is kept, who writes it, and when it is rewritten.
 *
 * <p>Any thread. Files are touched by the thread that starts the server, by the file thread, which
 * rewrites, by the loop that appends, and by whoever probes.
 */
public final class AppendOnly {
  private static final Logger LOG = LoggerFactory.getLogger(AppendOnly.class);

  /** Whether changes are kept. */
  public enum State {
    /** They are not. */
    OFF,
    /** They are. */
    ON,
    /** They will be, once the first base is written. */
    WAIT_REWRITE
  }

  /** Where nothing is known to be on disk. */
  public static final long NOT_DURABLE = -1;

  private final Server server;
  private final ServerConfig config;
  private final Disk disk;
  private final Executor fileThread;
  private final TaskThread syncThread = new TaskThread("redknot-sync");
  private final AofBuffer buffer;
  private final CommitGate gate;
  private final DiskErrors errors;
  private final RewriteSchedule schedule;
  private final BooleanSupplier saving;
  private volatile State state = State.OFF;
  private final AtomicReference<@Nullable AofLoop> loop = new AtomicReference<>();

  /** The last loop that was started; of the threads that start loops. */
  private volatile @Nullable AofLoop started;

  private volatile @Nullable AofRewrite rewrite;

  /** What the last probe has found. */
  private volatile boolean usable;

  /** Bytes of the files that are complete. */
  private volatile long closedBytes;

  private volatile long baseBytes;

  /** Used by one thread at a time: that which starts the server, or that which writes files. */
  private volatile AofFiles files;

  /**
   * Makes one that is off.
   *
   * @param fileThread runs one task after the other, and may block
   * @param saving whether a snapshot is written to an RDB file
   */
  AppendOnly(
      Server server, Disk disk, Executor fileThread, DiskErrors errors, BooleanSupplier saving) {
    this.server = server;
    this.config = server.config();
    this.disk = disk;
    this.fileThread = fileThread;
    this.errors = errors;
    this.saving = saving;
    this.buffer = new AofBuffer(server.clock(), config.aofTimestampEnabled);
    this.gate = new CommitGate(buffer);
    this.schedule = new RewriteSchedule(config);
    this.files = new AofFiles(disk, config);
  }

  /** Holds replies until what they tell is on disk. */
  public CommitGate gate() {
    return gate;
  }

  /** Whether changes are kept. */
  public State state() {
    return state;
  }

  /** When rewrites are due, and how they went. */
  public RewriteSchedule schedule() {
    return schedule;
  }

  /** Whether a rewrite is under way or about to begin. */
  public boolean isRewriting() {
    return rewrite != null;
  }

  /** Whether a rewrite is to begin as soon as it may. */
  boolean isWaiting() {
    return schedule.isScheduled() || (state == State.WAIT_REWRITE && !isRewriting());
  }

  /** Keys that the rewrite has to write, and those that are written; 0 where none runs. */
  public long keysToRewrite() {
    AofRewrite running = rewrite;
    return running == null ? 0 : running.keys();
  }

  /** Keys that the rewrite has written. */
  public long keysRewritten() {
    AofRewrite running = rewrite;
    return running == null ? 0 : running.keysWritten();
  }

  /** Whether the last write or sync worked. */
  public boolean isWriting() {
    return !errors.appendOnlyFails();
  }

  /** Bytes of all files. */
  public long currentBytes() {
    AofLoop running = loop.get();
    return closedBytes + (running == null ? 0 : running.fileBytes());
  }

  /** Bytes of all files when they were last rewritten, or loaded. */
  public long baseBytes() {
    return baseBytes;
  }

  /** Bytes that wait to be written. */
  public long bufferedBytes() {
    AofLoop running = loop.get();
    return running == null ? 0 : running.bufferedBytes();
  }

  /** Where what is appended ends; only goes on. */
  public long appended() {
    return buffer.appended();
  }

  /** Up to where it is known to be on disk; {@link #NOT_DURABLE} before the file is complete. */
  public long durable() {
    AofLoop running = loop.get();
    return running == null || state != State.ON ? NOT_DURABLE : running.durableEnd();
  }

  /** Whether a sync of the second is running. */
  public boolean isSyncing() {
    AofLoop running = loop.get();
    return running != null && running.isSyncing();
  }

  /** How often such a sync took longer than it may. */
  public long delayedSyncs() {
    AofLoop running = loop.get();
    return running == null ? 0 : running.delayedSyncs();
  }

  /** Whether there is an append-only file to load. */
  boolean hasData() {
    return files.exist();
  }

  /** Loads it; where there is none, the data set stays as it is. */
  void load(LoadProgress progress) throws IOException {
    files.read();
    new AofLoader(server, files, progress).load();
    if (progress.emptyKeys() > 0) {
      LOG.warn("Keys passed over because they are empty collections: {}", progress.emptyKeys());
    }
  }

  /** Waits until all that was changed so far is in it; the disk must work. */
  void awaitWritten() throws IOException {
    AofLoop running = loop.get();
    if (running != null) {
      running.awaitWritten();
    }
  }

  /** Loads it into databases that are empty; see {@link #awaitWritten}. */
  void loadAgain(LoadProgress progress) throws IOException {
    AofFiles all = loop.get() == null ? freshFiles() : files;
    new AofLoader(server, all, progress).load();
  }

  /**
   * Begins to append, behind what was loaded. A base is made where there is nothing.
   *
   * @throws IOException where a file cannot be opened
   */
  void begin() throws IOException {
    AofFiles now = files;
    now.createFolder();
    AofManifest before = now.manifest();
    AofManifest manifest = before;
    // Behind increments that have no base there must not come one: they would be applied twice.
    if (manifest.toLoad().isEmpty()) {
      LOG.info("Creating AOF base file on server start");
      manifest = manifest.rewritten(new AofRewrite(server, () -> {}).writeBase(now, () -> {}), 1);
    }
    AofFile increment;
    if (manifest.increments().isEmpty()) {
      increment = now.nextIncrement();
      LOG.info("Creating AOF incr file {} on server start", increment.name());
      disk.open(now.path(increment), Mode.REPLACE).close();
      manifest = manifest.withIncrement(increment);
    } else {
      increment = manifest.increments().getLast();
    }
    if (!manifest.toString().equals(before.toString())) {
      now.write(manifest);
    }
    deleteHistory();
    OpenFile file = disk.open(now.path(increment), Mode.APPEND);
    long bytes = file.size();
    measure();
    baseBytes = closedBytes + bytes;
    state = State.ON;
    server.shards().lockAll();
    try {
      startLoop(file, bytes);
    } finally {
      server.shards().unlockAll();
    }
    updateHolding();
  }

  private void deleteHistory() {
    if (config.aofDisableAutoGc.get()) {
      return;
    }
    try {
      files.deleteHistory();
    } catch (IOException failure) {
      // They stay listed as history, and the next rewrite tries again.
      LOG.warn("Removing old AOF files failed: {}", FileErrors.text(failure));
    }
  }

  /** All files but the one that is appended to. */
  private void measure() throws IOException {
    AofFiles now = files;
    List<AofFile> listed = now.manifest().toLoad();
    closedBytes = now.bytes(listed.subList(0, Math.max(0, listed.size() - 1)));
  }

  /** The locks of all shards are held, and no other loop runs. */
  private void startLoop(OpenFile file, long bytes) {
    AofLoop.Parts parts =
        new AofLoop.Parts(
            buffer,
            gate,
            config,
            server.clock(),
            server.latencies(),
            errors,
            server.replication().waiters()::onDurable);
    AofLoop made = new AofLoop(parts, syncThread, this::isBusy, file, bytes);
    made.start();
    loop.set(made);
    started = made;
    server.propagator().attach(buffer);
  }

  private void stopLoop() {
    AofLoop running = loop.getAndSet(null);
    if (running != null) {
      server.propagator().detach(buffer);
      running.end();
    }
  }

  /** What another loop left behind is gone when this returns. May block. */
  private void awaitEarlierLoop() throws IOException {
    AofLoop earlier = started;
    if (earlier == null) {
      return;
    }
    try {
      earlier.awaitEnd();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException("Waiting for the end of the append-only file was interrupted", ended);
    }
    buffer.reset();
  }

  private boolean isBusy() {
    return saving.getAsBoolean() || isRewriting();
  }

  /** Every write waits for so long before it begins: DEBUG AOF-FLUSH-SLEEP. */
  public void slowDown(long micros) {
    AofLoop running = loop.get();
    if (running != null) {
      running.slowDown(micros);
    }
  }

  /**
   * Replies wait for the disk, or do not; after a change of {@code appendfsync} or of the state.
   */
  public void updateHolding() {
    gate.holding(state == State.ON && config.appendfsync.get() == Appendfsync.ALWAYS);
    attend();
  }

  /** What decides when is synced has changed. */
  public void attend() {
    AofLoop running = loop.get();
    if (running != null) {
      running.attend();
    }
  }

  /**
   * Follows {@code appendonly} as it is set now. Touches no file: where it is to be turned on,
   * {@link #probe} has been called.
   *
   * @return null, or why it cannot
   */
  public synchronized @Nullable String follow() {
    boolean wanted = config.appendonly.get();
    if (wanted && state == State.OFF) {
      return turnOn();
    }
    if (!wanted && state != State.OFF) {
      turnOff();
    }
    return null;
  }

  /** Keeps changes no more, whatever is configured, until {@link #follow} is called. */
  synchronized void stop() {
    if (state != State.OFF) {
      turnOff();
    }
  }

  /** Sees whether it could be turned on, which {@link #follow} then goes by. Blocks. */
  public void probe() {
    try {
      AofFiles probe = new AofFiles(disk, config);
      probe.read();
      probe.createFolder();
      usable = true;
    } catch (IOException failure) {
      LOG.warn("Turning the append-only file on failed: {}", FileErrors.text(failure));
      usable = false;
    }
  }

  /** As {@link #probe()}, on a thread that may wait. */
  public void probe(Runnable then) {
    syncThread.execute(
        () -> {
          probe();
          then.run();
        });
  }

  @GuardedBy("this")
  private @Nullable String turnOn() {
    if (!usable) {
      return "Unable to turn on AOF. Check server logs.";
    }
    state = State.WAIT_REWRITE;
    startRewrite(() -> {});
    return null;
  }

  @GuardedBy("this")
  private void turnOff() {
    if (isRewriting()) {
      cancelRewrite();
      rewrite = null;
      schedule.ended(server.clock().nowMs(), false, true);
    }
    state = State.OFF;
    schedule.unschedule();
    stopLoop();
    server.replication().waiters().onDurable();
  }

  /** A rewrite that runs leaves everything as it was. */
  void cancelRewrite() {
    AofRewrite running = rewrite;
    if (running != null) {
      running.cancel();
    }
  }

  /** Writes and syncs what is left, as far as the disk lets it; before the server ends. Blocks. */
  public void close() throws InterruptedException, IOException {
    AofLoop running = loop.get();
    boolean rewriting = isRewriting();
    cancelRewrite();
    stopLoop();
    if (running != null) {
      running.awaitEnd();
    }
    if (rewriting) {
      // The process may end before the thread that writes it comes to remove it.
      disk.delete(files.temporaryBase());
    }
  }

  /** What came of a wish to rewrite. */
  public enum Wish {
    STARTED,
    SCHEDULED,
    IN_PROGRESS
  }

  /** BGREWRITEAOF: begins now, see {@link AofRewrite}, or when the save that runs has ended. */
  public synchronized Wish requestRewrite(Runnable onBegun) {
    if (isRewriting()) {
      return Wish.IN_PROGRESS;
    }
    if (saving.getAsBoolean()) {
      schedule.schedule();
      return Wish.SCHEDULED;
    }
    startRewrite(onBegun);
    return Wish.STARTED;
  }

  /** Begins a rewrite where one is due. One thread calls this, often. */
  void tick(long nowMs) {
    if (isBusy()) {
      return;
    }
    AofLoop running = loop.get();
    boolean lacks = buffer.takeGap();
    if (running != null && (running.takeMayHaveLost() || lacks)) {
      LOG.warn("The append-only file may lack changes: it is rewritten.");
      schedule.schedule();
    }
    boolean due =
        schedule.isDue(nowMs, state == State.WAIT_REWRITE)
            || (state == State.ON && schedule.hasGrown(nowMs, currentBytes(), baseBytes));
    if (due) {
      synchronized (this) {
        if (!isRewriting()) {
          startRewrite(() -> {});
        }
      }
    }
  }

  @GuardedBy("this")
  private void startRewrite(Runnable onBegun) {
    AofRewrite made = new AofRewrite(server, onBegun);
    rewrite = made;
    schedule.begun(server.clock().nowMs());
    fileThread.execute(() -> run(made));
  }

  private void run(AofRewrite running) {
    boolean ok = false;
    try {
      if (!running.isCancelled()) {
        LOG.info("Background append only file rewriting started");
        switch (state) {
          case ON -> rewriteAgain(running);
          case WAIT_REWRITE -> rewriteFirst(running);
          case OFF -> rewriteUnused(running);
        }
        ok = true;
        LOG.info("Background AOF rewrite finished successfully");
      }
    } catch (IOException failure) {
      LOG.warn("Rewriting the append-only file failed: {}", FileErrors.text(failure));
    } finally {
      ended(running, ok);
    }
  }

  /** Unless another one was begun since this one was cancelled. */
  private synchronized void ended(AofRewrite running, boolean ok) {
    if (rewrite == running) {
      schedule.ended(server.clock().nowMs(), ok, running.isCancelled());
      rewrite = null;
    }
    running.ended();
    attend();
  }

  /** The changes go to the next increment from the moment on that the base shows. */
  private void rewriteAgain(AofRewrite running) throws IOException {
    AofFiles now = files;
    AofFile increment = now.nextIncrement();
    LOG.info("Creating AOF incr file {} on background rewrite", increment.name());
    OpenFile file = disk.open(now.path(increment), Mode.REPLACE);
    AofSwitch change = new AofSwitch(file, () -> list(now, increment));
    AofFile base;
    try {
      base = running.writeBase(now, () -> buffer.switchTo(change));
    } catch (IOException failure) {
      if (change.isAnnounced()) {
        change.await(running::isCancelled);
      } else {
        change.discard();
        disk.delete(now.path(increment));
      }
      throw failure;
    }
    now.writeOrRemove(
        () -> {
          change.await(running::isCancelled);
          return now.manifest().rewritten(base, increment.seq());
        },
        base);
    deleteHistory();
    measure();
    baseBytes = currentBytes();
  }

  /** On the thread that appends, between two files. */
  private void list(AofFiles now, AofFile increment) throws IOException {
    long complete = now.bytes(now.manifest().toLoad());
    now.write(now.manifest().withIncrement(increment));
    closedBytes = complete;
  }

  /** The changes from that moment on are kept aside until there is a base for them. */
  private void rewriteFirst(AofRewrite running) throws IOException {
    awaitEarlierLoop();
    AofFiles now = freshFiles();
    OpenFile aside = disk.open(now.temporaryIncrement(), Mode.REPLACE);
    boolean done = false;
    try {
      AofFile base = running.writeBase(now, () -> startLoop(aside, 0));
      AofFile increment = now.nextIncrement();
      now.writeOrRemove(
          () -> {
            disk.rename(now.temporaryIncrement(), now.path(increment));
            return now.manifest().withIncrement(increment).rewritten(base, increment.seq());
          },
          base,
          increment);
      done = turnedOn(running);
    } finally {
      if (!done) {
        stopLoop();
        disk.delete(now.temporaryIncrement());
      }
    }
    deleteHistory();
    measure();
    baseBytes = currentBytes();
  }

  private synchronized boolean turnedOn(AofRewrite running) {
    if (running.isCancelled()) {
      return false;
    }
    state = State.ON;
    server.replication().waiters().onDurable();
    updateHolding();
    return true;
  }

  /** The manifest as it is on disk, for a time in which nothing was appended. */
  private AofFiles freshFiles() throws IOException {
    AofFiles fresh = new AofFiles(disk, config);
    fresh.read();
    fresh.createFolder();
    files = fresh;
    return fresh;
  }

  /** Nothing is appended: the base stands alone. */
  private void rewriteUnused(AofRewrite running) throws IOException {
    awaitEarlierLoop();
    AofFiles now = freshFiles();
    AofFile base = running.writeBase(now, () -> {});
    now.writeOrRemove(() -> now.manifest().rewritten(base, Long.MAX_VALUE), base);
    deleteHistory();
  }
}
