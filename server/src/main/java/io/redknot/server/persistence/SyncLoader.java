package io.redknot.server.persistence;

import io.redknot.server.Server;
import io.redknot.server.ServerFiles;
import io.redknot.server.config.ServerConfig;
import io.redknot.storage.keyspace.DatabasePlace;
import io.redknot.storage.keyspace.DatabasesAside;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a primary's data set: into the file of the data set, or into memory. One thread. */
public final class SyncLoader {
  private static final Logger LOG = LoggerFactory.getLogger(SyncLoader.class);

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final long MS_PER_SECOND = 1000;

  private final Server server;
  private final ServerConfig config;
  private @Nullable DatabasesAside aside;

  private final Disk disk;

  public SyncLoader(Server server) {
    this.server = server;
    this.disk = server.persister().disk();
    this.config = server.config();
  }

  private Path file() {
    return ServerFiles.path(config, config.dbfilename.get());
  }

  /**
   * Writes a data set to the file, which is replaced when all is there.
   *
   * @throws IOException where it ends early or cannot be written; the old file stays then
   */
  public void receive(ByteSource source) throws IOException {
    long seconds = server.clock().nowMs() / MS_PER_SECOND;
    String temporary = "temp-" + seconds + "." + ProcessHandle.current().pid() + ".rdb";
    Path target = file();
    try (SaveFile file = new SaveFile(disk, target, target.resolveSibling(temporary), true)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = source.read(buffer, 0, BUFFER_BYTES);
          n >= 0;
          n = source.read(buffer, 0, BUFFER_BYTES)) {
        file.accept(buffer, 0, n);
      }
      file.commit();
    }
  }

  /**
   * Loads the file that was received.
   *
   * @return the database that the stream behind it goes on with
   */
  public int loadReceived() throws IOException {
    try (Disk.OpenFile file = disk.open(file(), Disk.Mode.READ)) {
      return load(
          (target, offset, length) -> file.read(ByteBuffer.wrap(target, offset, length)),
          file.size());
    } finally {
      forgetFile(server);
    }
  }

  /**
   * Removes the file that a data set came in or was sent from, where that is wanted and nothing
   * else is kept on disk. Who has opened it can go on reading.
   */
  public static void forgetFile(Server server) throws IOException {
    ServerConfig config = server.config();
    boolean kept = config.appendonly.get() || !config.save.get().points().isEmpty();
    if (config.rdbDelSyncFiles.get() && !kept) {
      server.persister().disk().delete(ServerFiles.path(config, config.dbfilename.get()));
    }
  }

  /**
   * Loads into the databases, which are empty.
   *
   * @param totalBytes 0: not known
   * @return the database that the stream behind it goes on with
   */
  public int load(ByteSource source, long totalBytes) throws IOException {
    int selected = server.persister().loadSync(source, totalBytes, DatabasePlace.SERVED);
    server.persister().functionsLoaded();
    return selected;
  }

  /** As {@link #load}, into databases aside; {@link #swap} puts them in place. */
  public int loadAside(ByteSource source, long totalBytes) throws IOException {
    DatabasesAside made = new DatabasesAside(server.shards(), server.clock().nowMs());
    aside = made;
    return server.persister().loadSync(source, totalBytes, made);
  }

  /** The data set that is there is given up: nothing of it is kept on disk any more. */
  public void begin() {
    server.persister().appendOnly().stop();
  }

  /** The data set is the primary's now: what is kept on disk begins with it. */
  public void end() {
    AppendOnly appendOnly = server.persister().appendOnly();
    if (config.appendonly.get()) {
      appendOnly.probe();
    }
    String refusal = appendOnly.follow();
    if (refusal != null) {
      LOG.warn("{}", refusal);
    }
  }

  /** Forgets all keys, and the functions. */
  public void flush() {
    Shards shards = server.shards();
    shards.lockAll();
    try {
      touchAll();
      shards.flushAll(server.clock().nowMs());
      server.persister().forgetFunctions();
    } finally {
      shards.unlockAll();
    }
  }

  /** Tells clients that keys they watch or track may have changed. */
  void touch() {
    server.shards().lockAll();
    try {
      touchAll();
    } finally {
      server.shards().unlockAll();
    }
  }

  /** What clients watch is not what it was; all locks are held. */
  private void touchAll() {
    Shards shards = server.shards();
    for (int i = 0; i < shards.count(); i++) {
      for (int db = 0; db < shards.databases(); db++) {
        server.signals().shard(i).flushing(db);
      }
    }
    server.signals().flushed();
  }

  /** Puts the databases that were loaded aside in the place of those that are served. */
  public void swap() {
    DatabasesAside loaded = aside;
    if (loaded == null) {
      throw new IllegalStateException("nothing was loaded aside");
    }
    server.shards().lockAll();
    try {
      touchAll();
      loaded.takePlace();
      server.persister().functionsLoaded();
    } finally {
      server.shards().unlockAll();
    }
  }
}
