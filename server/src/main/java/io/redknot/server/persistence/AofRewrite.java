package io.redknot.server.persistence;

import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.storage.aof.AofDataWriter;
import io.redknot.storage.aof.AofEntryWriter;
import io.redknot.storage.aof.AofFile;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.ByteSink;
import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The writing of one base: the data set of one moment, as RDB or as commands. */
final class AofRewrite {
  private final Server server;
  private final ServerConfig config;
  private final Runnable onBegun;
  private volatile boolean cancelled;
  private volatile @Nullable SnapshotSession session;

  /**
   * One that has not begun.
   *
   * @param onBegun runs when it is settled which changes are in the base, or will be in none; may
   *     run again. It may neither wait nor fail
   */
  AofRewrite(Server server, Runnable onBegun) {
    this.server = server;
    this.onBegun = onBegun;
    this.config = server.config();
  }

  /** Its outcome is not wanted any more: it fails at its next step. Any thread. */
  void cancel() {
    cancelled = true;
  }

  /** It has ended, whether it had begun or not. */
  void ended() {
    onBegun.run();
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Keys that are to be written. */
  long keys() {
    SnapshotSession running = session;
    return running == null ? 0 : running.keys();
  }

  /** Keys that are written. */
  long keysWritten() {
    SnapshotSession running = session;
    return running == null ? 0 : running.records();
  }

  /**
   * Writes the next base; it has its name then, and no manifest lists it.
   *
   * @param onBegin runs at the moment that it shows, while all shards are locked
   */
  AofFile writeBase(AofFiles files, Runnable onBegin) throws IOException {
    Runnable begins =
        () -> {
          onBegin.run();
          onBegun.run();
        };
    boolean rdb = config.aofUseRdbPreamble.get();
    boolean syncOften = config.aofRewriteIncrementalFsync.get();
    AofFile base = files.nextBase(rdb);
    try (SaveFile file =
        new SaveFile(files.disk(), files.path(base), files.temporaryBase(), syncOften)) {
      ByteSink sink =
          (bytes, offset, length) -> {
            requireWanted();
            file.accept(bytes, offset, length);
          };
      if (rdb) {
        var _ =
            new SnapshotWriter(server)
                .write(
                    new SnapshotWriter.Order(sink, true, true, begins, begun -> session = begun));
      } else {
        writeCommands(sink, begins);
      }
      requireWanted();
      commit(file, files.disk(), files.path(base));
      return base;
    } finally {
      session = null;
    }
  }

  /** A base that has its name, and may lose it in a crash, is not left behind. */
  private static void commit(SaveFile file, Disk disk, Path target) throws IOException {
    try {
      file.commit();
    } catch (IOException failure) {
      disk.delete(target);
      throw failure;
    }
  }

  private void requireWanted() throws IOException {
    if (cancelled) {
      throw new IOException("The append-only file was turned off");
    }
  }

  private void writeCommands(ByteSink sink, Runnable onBegin) throws IOException {
    SnapshotSession begun = begin(onBegin);
    session = begun;
    try {
      AofDataWriter writer = new AofDataWriter(sink);
      if (config.aofTimestampEnabled.get()) {
        writer.time(server.clock().nowMs() / 1000);
      }
      for (byte[] source : server.persister().functions()) {
        writer.function(source);
      }
      GivingWay pace = new GivingWay(server.stats(), server.clock());
      // Each step is one slice under a lock, and the writing of what it collected.
      while (begun.step(writer)) {
        pace.afterStep();
      }
    } finally {
      // However it ended, nobody may go on keeping entries for it.
      begun.abandon();
    }
  }

  private SnapshotSession begin(Runnable onBegin) {
    Shards shards = server.shards();
    shards.lockAll();
    try {
      SnapshotSession begun =
          SnapshotSession.begin(shards, new AofEntryWriter(), new SnapshotSession.Options(false));
      onBegin.run();
      return begun;
    } finally {
      shards.unlockAll();
    }
  }
}
