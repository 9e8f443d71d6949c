package io.redknot.server.persistence;

import io.redknot.protocol.Args;
import io.redknot.server.Server;
import io.redknot.server.ServerFiles;
import io.redknot.server.config.SavePoints;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.info.KeyspaceFigures;
import io.redknot.storage.keyspace.DatabasePlace;
import io.redknot.storage.rdb.ByteSource;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves the data set: when it is asked, and when enough has changed for long enough. One save runs
 * at a time, on the file thread; what changes meanwhile is not in it, and nobody waits for it.
 */
public final class Persister {
  private static final Logger LOG = LoggerFactory.getLogger(Persister.class);

  /** After a failure, save points wait for so long before they try again. */
  private static final long RETRY_MS = 5000;

  /** How often it is seen whether a save point is reached. */
  private static final long LOOK_MS = 1000;

  private final Server server;
  private final ServerConfig config;
  private final Disk disk;
  private final Executor fileThread;
  private final DiskErrors errors;
  private final AppendOnly appendOnly;

  /** The save that is running or about to; null where none is. */
  private volatile @Nullable Save running;

  /** When the snapshot was begun that is being sent to replicas without a file; 0: none is. */
  private volatile long sendingSinceMs;

  private final LoadProgress progress = new LoadProgress();
  private volatile List<byte[]> functions = List.of();
  private volatile SaveState state;
  private volatile boolean scheduled;

  /** Of the thread that ticks. */
  private long nextLookMs;

  /** A save, from when it was asked for until it has ended. */
  private static final class Save {
    private final long beganMs;
    private final Runnable onBegin;
    private final Runnable onBegun;
    private final Consumer<Boolean> onEnd;
    private volatile @Nullable SnapshotSession session;

    Save(long beganMs, Runnable onBegin, Runnable onBegun, Consumer<Boolean> onEnd) {
      this.beganMs = beganMs;
      this.onBegin = onBegin;
      this.onBegun = onBegun;
      this.onEnd = onEnd;
    }
  }

  /**
   * Makes one that has saved nothing.
   *
   * @param fileThread runs one task after the other, and may block
   */
  public Persister(Server server, Disk disk, Executor fileThread) {
    this.server = server;
    this.config = server.config();
    this.disk = disk;
    this.fileThread = fileThread;
    this.errors = new DiskErrors(server.dispatcher().conditions());
    this.appendOnly = new AppendOnly(server, disk, fileThread, errors, this::isSaving);
    this.state = new SaveState(server.startMs(), true, 0, -1, 0, 0);
  }

  /** What is known of the saves so far. */
  public SaveState state() {
    return state;
  }

  /** Whether a save is running, or a snapshot is being sent: there is one at a time. */
  public boolean isSaving() {
    return running != null || sendingSinceMs != 0;
  }

  /** When the save that is running began, Unix ms; 0 where none is. */
  public long savingSinceMs() {
    Save save = running;
    return save == null ? sendingSinceMs : save.beganMs;
  }

  /** A snapshot is sent to replicas from now on. */
  public void beginSending() {
    sendingSinceMs = server.clock().nowMs();
  }

  /** The snapshot is sent, or never will be. */
  public void endSending() {
    sendingSinceMs = 0;
    appendOnly.attend();
  }

  /** Keys of the save that is running: all, and those that are written; 0 where none is. */
  public long keysToSave() {
    SnapshotSession session = session();
    return session == null ? 0 : session.keys();
  }

  /** Keys that the save that is running has written. */
  public long keysSaved() {
    SnapshotSession session = session();
    return session == null ? 0 : session.records();
  }

  private @Nullable SnapshotSession session() {
    Save save = running;
    return save == null ? null : save.session;
  }

  /** Changes of the data set since it was last saved. */
  public long changesSinceSave() {
    return KeyspaceFigures.stats(server.shards()).changes - state.changesSaved();
  }

  /**
   * Starts a save. Any thread.
   *
   * @param onEnd gets to know, on the file thread, whether it worked
   * @return false where one is running already; nothing was started then
   */
  public boolean start(Consumer<Boolean> onEnd) {
    return start(() -> {}, () -> {}, onEnd);
  }

  /**
   * As {@link #start(Consumer)}, for a save that is to be sent to replicas.
   *
   * @param onBegin runs at the moment whose data set is saved, while all shards are locked
   * @param onBegun runs right after it, on the file thread
   */
  public synchronized boolean start(Runnable onBegin, Runnable onBegun, Consumer<Boolean> onEnd) {
    if (isSaving()) {
      return false;
    }
    Save save = new Save(server.clock().nowMs(), onBegin, onBegun, onEnd);
    running = save;
    fileThread.execute(() -> run(save));
    return true;
  }

  /** Saves as soon as the append-only file is not being rewritten. */
  public void schedule() {
    scheduled = true;
  }

  /** Whether something is to begin as soon as it may, without anybody asking again. */
  public boolean isWaiting() {
    return scheduled || appendOnly.isWaiting();
  }

  private void run(Save save) {
    long changes = KeyspaceFigures.stats(server.shards()).changes;
    boolean ok = false;
    try {
      long bytes = write(save);
      LOG.info("DB saved on disk: {} bytes", bytes);
      ok = true;
    } catch (IOException failure) {
      LOG.warn("Saving the DB failed: {}", failure.toString());
    } finally {
      long endedMs = server.clock().nowMs();
      state =
          ok ? state.saved(save.beganMs, endedMs, changes) : state.failed(save.beganMs, endedMs);
      running = null;
      appendOnly.attend();
      updateRefusal();
      save.onEnd.accept(ok);
    }
  }

  private long write(Save save) throws IOException {
    String temporary = "temp-" + ProcessHandle.current().pid() + ".rdb";
    boolean syncOften = config.rdbSaveIncrementalFsync.get();
    Path target = ServerFiles.path(config, config.dbfilename.get());
    try (SaveFile file = new SaveFile(disk, target, target.resolveSibling(temporary), syncOften)) {
      long bytes =
          new SnapshotWriter(server)
              .write(
                  new SnapshotWriter.Order(
                      file, true, false, save.onBegin, session -> begun(save, session)));
      file.commit();
      return bytes;
    }
  }

  private static void begun(Save save, SnapshotSession session) {
    save.session = session;
    save.onBegun.run();
  }

  /** Where files are kept. */
  Disk disk() {
    return disk;
  }

  /** The append-only file. */
  public AppendOnly appendOnly() {
    return appendOnly;
  }

  /** Whether there is a data set to load. */
  public boolean hasData() {
    return config.appendonly.get() ? appendOnly.hasData() : disk.exists(snapshot());
  }

  private Path snapshot() {
    return ServerFiles.path(config, config.dbfilename.get());
  }

  /**
   * Loads the data set, if there is one: from the append-only file where one is to be kept, and
   * then from nothing else.
   *
   * @throws IOException where a file cannot be loaded; it stays as it is
   */
  public void load() throws IOException {
    if (!hasData()) {
      return;
    }
    long startNanos = server.clock().nanos();
    if (config.appendonly.get()) {
      appendOnly.load(progress);
    } else {
      loadSnapshot();
    }
    LOG.info(
        "DB loaded from {}: {} seconds",
        config.appendonly.get() ? "append only file" : "disk",
        LoadProgress.seconds(server.clock().nanos() - startNanos));
    functionsLoaded();
    state = state.loaded(KeyspaceFigures.stats(server.shards()).changes);
  }

  private void loadSnapshot() throws IOException {
    Path file = snapshot();
    try {
      long nowMs = server.clock().nowMs();
      progress.begin(sizeOf(file), nowMs);
      DataLoader loader = new DataLoader(disk, server.shards(), Limits.of(config), progress, nowMs);
      if (server.replication().isReplica()) {
        loader.keepExpired();
      }
      loader.load(file, Runtime.getRuntime().availableProcessors());
    } catch (RdbException damaged) {
      throw new IOException("Fatal error loading the DB " + file + ": " + damaged.getMessage());
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException("Loading the DB was interrupted");
    }
    if (progress.emptyKeys() > 0) {
      LOG.warn("Keys passed over because they are empty collections: {}", progress.emptyKeys());
    }
    LOG.info(
        "Done loading RDB, keys loaded: {}, keys expired: {}.",
        progress.loadedKeys(),
        progress.expiredKeys());
  }

  private long sizeOf(Path file) throws IOException {
    try (Disk.OpenFile open = disk.open(file, Disk.Mode.READ)) {
      return open.size();
    }
  }

  /**
   * Begins to keep the append-only file, where that is wanted; what is in memory was loaded from
   * it.
   *
   * @throws IOException where a file cannot be written
   */
  public void beginAppending() throws IOException {
    if (config.appendonly.get()) {
      appendOnly.begin();
    }
  }

  /** Goes on with the append-only file, which a failed synchronization may have stopped. */
  public void resumeAppending() {
    if (config.appendonly.get() && appendOnly.state() == AppendOnly.State.OFF) {
      appendOnly.probe(appendOnly::follow);
    }
  }

  /** Brings to the disk what the append-only file has not yet; when all clients are gone. */
  public void close() throws IOException {
    try {
      appendOnly.close();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException("Closing the append-only file was interrupted", ended);
    }
  }

  /**
   * Loads what a primary sends.
   *
   * @param totalBytes 0: not known
   * @return the database that the stream behind it goes on with
   */
  int loadSync(ByteSource source, long totalBytes, DatabasePlace place) throws IOException {
    long nowMs = server.clock().nowMs();
    progress.begin(totalBytes, nowMs);
    try {
      new DataLoader(disk, server.shards(), Limits.of(config), progress, nowMs)
          .into(place)
          .keepExpired()
          .load(source, Runtime.getRuntime().availableProcessors());
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException("Loading the DB was interrupted", ended);
    }
    LOG.info("Done loading RDB, keys loaded: {}, keys expired: 0.", progress.loadedKeys());
    return progress.streamDatabase();
  }

  /**
   * Sources of the libraries of functions that belong to the data set: nothing can call them yet,
   * but they are not lost.
   */
  List<byte[]> functions() {
    return functions;
  }

  /** The data set that is served is the one that was loaded last, and so are the functions. */
  void functionsLoaded() {
    functions = progress.functions().all();
  }

  /** No data set is served any more. */
  void forgetFunctions() {
    functions = List.of();
  }

  /**
   * Does to the libraries what a FUNCTION command says that adds, replaces or removes them. All
   * shards are locked, so that it stands at one place among the changes of keys.
   *
   * @return false where it is no such command, or one that is not taken
   */
  public boolean applyFunction(Args args) {
    FunctionSources changed = new FunctionSources();
    functions.forEach(changed::add);
    if (!changed.apply(args)) {
      return false;
    }
    functions = changed.all();
    return true;
  }

  /** How far loading has come, or came. */
  public LoadProgress progress() {
    return progress;
  }

  /**
   * Saves before the server stops, where the options or the save points ask for it. Blocks.
   *
   * @return false where it was to be saved and could not be
   */
  public boolean saveBeforeStop(ShutdownOptions options) throws InterruptedException {
    if (appendOnly.state() == AppendOnly.State.WAIT_REWRITE && appendOnly.isRewriting()) {
      LOG.warn("Writing initial AOF{}", options.force() ? ". Exit anyway." : ", can't exit.");
      if (!options.force()) {
        return false;
      }
    }
    boolean wanted = !config.save.get().points().isEmpty() && !options.nosave();
    if (!wanted && !options.save()) {
      return true;
    }
    appendOnly.cancelRewrite();
    LOG.info("Saving the final RDB snapshot before exiting.");
    BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();
    while (!start(ended::add)) {
      // One that is running is older than this moment; the thread is its turn's end away.
      BlockingQueue<Boolean> turn = new LinkedBlockingQueue<>();
      fileThread.execute(() -> turn.add(true));
      turn.take();
    }
    return ended.take();
  }

  /** Starts a save where a save point is reached. One thread calls this, often. */
  public void tick(long nowMs) {
    appendOnly.tick(nowMs);
    if (appendOnly.isRewriting()) {
      return;
    }
    if (scheduled && !isSaving() && mayTry(nowMs)) {
      scheduled = false;
      start(ok -> {});
      return;
    }
    SavePoints points = config.save.get();
    if (isSaving() || points.points().isEmpty() || nowMs < nextLookMs) {
      return;
    }
    nextLookMs = nowMs + LOOK_MS;
    if (!mayTry(nowMs)) {
      return;
    }
    SaveState now = state;
    long changes = changesSinceSave();
    for (SavePoints.Point point : points.points()) {
      if (changes >= point.changes() && nowMs - now.lastSaveMs() > point.seconds() * 1000) {
        LOG.info("{} changes in {} seconds. Saving...", point.changes(), point.seconds());
        start(ok -> {});
        return;
      }
    }
  }

  private boolean mayTry(long nowMs) {
    SaveState now = state;
    return now.ok() || nowMs - now.lastTryMs() > RETRY_MS;
  }

  /** Writes are refused after a save that failed, and no longer once one has worked. */
  public void updateRefusal() {
    boolean refuse =
        !state.ok()
            && config.stopWritesOnBgsaveError.get()
            && !config.save.get().points().isEmpty();
    errors.snapshot(refuse);
  }
}
