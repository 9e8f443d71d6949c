package io.redknot.server.persistence;

import io.redknot.server.Server;
import io.redknot.server.ServerFiles;
import io.redknot.server.config.SavePoints;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.dispatch.Conditions;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.info.KeyspaceFigures;
import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.EntryWriter;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbFileWriter;
import io.redknot.storage.rdb.RdbOutput;
import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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

  private static final String DISK_ERROR =
      "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to"
          + " disk. Commands that may modify the data set are disabled, because this instance is"
          + " configured to report errors during writes if RDB snapshotting fails"
          + " (stop-writes-on-bgsave-error option). Please check the Redis logs for details about"
          + " the RDB error.";

  /** After a failure, save points wait for so long before they try again. */
  private static final long RETRY_MS = 5000;

  /** How often it is seen whether a save point is reached. */
  private static final long LOOK_MS = 1000;

  private final Server server;
  private final ServerConfig config;
  private final Executor fileThread;

  /** The save that is running or about to; null where none is. */
  private volatile @Nullable Save running;

  private final LoadProgress progress = new LoadProgress();
  private volatile SaveState state;
  private volatile boolean refusing;

  /** Of the thread that ticks. */
  private long nextLookMs;

  /** A save, from when it was asked for until it has ended. */
  private static final class Save {
    private final long beganMs;
    private final Consumer<Boolean> onEnd;
    private volatile @Nullable SnapshotSession session;

    Save(long beganMs, Consumer<Boolean> onEnd) {
      this.beganMs = beganMs;
      this.onEnd = onEnd;
    }
  }

  /**
   * Makes one that has saved nothing.
   *
   * @param fileThread runs one task after the other, and may block
   */
  public Persister(Server server, Executor fileThread) {
    this.server = server;
    this.config = server.config();
    this.fileThread = fileThread;
    this.state = new SaveState(server.startMs(), true, 0, -1, 0, 0);
  }

  /** What is known of the saves so far. */
  public SaveState state() {
    return state;
  }

  /** Whether a save is running. */
  public boolean isSaving() {
    return running != null;
  }

  /** When the save that is running began, Unix ms; 0 where none is. */
  public long savingSinceMs() {
    Save save = running;
    return save == null ? 0 : save.beganMs;
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
  public synchronized boolean start(Consumer<Boolean> onEnd) {
    if (running != null) {
      return false;
    }
    Save save = new Save(server.clock().nowMs(), onEnd);
    running = save;
    fileThread.execute(() -> run(save));
    return true;
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
      updateRefusal();
      save.onEnd.accept(ok);
    }
  }

  private long write(Save save) throws IOException {
    String temporary = "temp-" + ProcessHandle.current().pid() + ".rdb";
    boolean syncOften = config.rdbSaveIncrementalFsync.get();
    try (SaveFile file =
        new SaveFile(ServerFiles.path(config, config.dbfilename.get()), temporary, syncOften)) {
      RdbOutput out = new RdbOutput(file, config.rdbcompression.get(), config.rdbchecksum.get());
      int version = config.rdbVersion.getInt();
      SnapshotSession session = begin(version);
      save.session = session;
      try {
        RdbFileWriter writer = new RdbFileWriter(out, version);
        writeFields(writer, save.beganMs);
        while (session.step(writer)) {
          // Each step is one slice under a lock, and the writing of what it collected.
        }
        writer.end();
      } finally {
        // However it ended, nobody may go on keeping entries for it.
        session.abandon();
      }
      file.commit();
      return out.size();
    }
  }

  private SnapshotSession begin(int version) {
    Shards shards = server.shards();
    AccessClock clock = shards.clock();
    EntryWriter records = new EntryWriter(version, clock, use());
    return SnapshotSession.begin(
        shards, records, new SnapshotSession.Options(config.rdbcompression.get()));
  }

  private EntryWriter.Use use() {
    String policy = config.text("maxmemory-policy");
    if (policy.endsWith("-lfu")) {
      return EntryWriter.Use.FREQUENCY;
    }
    return policy.endsWith("-lru") ? EntryWriter.Use.IDLE : EntryWriter.Use.NOTHING;
  }

  private void writeFields(RdbFileWriter writer, long nowMs) throws IOException {
    writer.field("redis-ver", Server.REDIS_VERSION);
    writer.field("redis-bits", "64");
    writer.field("ctime", Long.toString(nowMs / 1000));
    writer.field("used-mem", Long.toString(server.memory().read().usedBytes()));
    writer.field("aof-base", "0");
    // What was loaded is not lost, though there are no functions yet.
    for (byte[] source : progress.functions()) {
      writer.function(source);
    }
  }

  /**
   * Loads the file of the data set, if there is one.
   *
   * @throws IOException where the file cannot be loaded; it stays as it is
   */
  public void load() throws IOException {
    Path file = ServerFiles.path(config, config.dbfilename.get());
    if (!Files.exists(file)) {
      return;
    }
    long startNanos = server.clock().nanos();
    try {
      DataLoader loader =
          new DataLoader(server.shards(), Limits.of(config), progress, server.clock().nowMs());
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
    long tookMs = TimeUnit.NANOSECONDS.toMillis(server.clock().nanos() - startNanos);
    LOG.info("DB loaded from disk: {}.{} seconds", tookMs / 1000, "%03d".formatted(tookMs % 1000));
    state = state.loaded(KeyspaceFigures.stats(server.shards()).changes);
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
    boolean wanted = !config.save.get().points().isEmpty() && !options.nosave();
    if (!wanted && !options.save()) {
      return true;
    }
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
    SavePoints points = config.save.get();
    if (running != null || points.points().isEmpty() || nowMs < nextLookMs) {
      return;
    }
    nextLookMs = nowMs + LOOK_MS;
    SaveState now = state;
    if (!now.ok() && nowMs - now.lastTryMs() <= RETRY_MS) {
      return;
    }
    long changes = changesSinceSave();
    for (SavePoints.Point point : points.points()) {
      if (changes >= point.changes() && nowMs - now.lastSaveMs() > point.seconds() * 1000) {
        LOG.info("{} changes in {} seconds. Saving...", point.changes(), point.seconds());
        start(ok -> {});
        return;
      }
    }
  }

  /** Writes are refused after a save that failed, and no longer once one has worked. */
  public void updateRefusal() {
    boolean refuse =
        !state.ok()
            && config.stopWritesOnBgsaveError.get()
            && !config.save.get().points().isEmpty();
    Conditions conditions = server.dispatcher().conditions();
    if (refuse && !refusing) {
      conditions.diskFailed(DISK_ERROR);
    } else if (!refuse && refusing) {
      conditions.set(Condition.DISK_ERROR, false);
    }
    refusing = refuse;
  }
}
