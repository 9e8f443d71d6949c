package io.redknot.server.persistence;

import io.redknot.protocol.Args;
import io.redknot.server.Server;
import io.redknot.server.dispatch.ReplayClient;
import io.redknot.server.persistence.Disk.Mode;
import io.redknot.server.persistence.Disk.OpenFile;
import io.redknot.storage.aof.AofException;
import io.redknot.storage.aof.AofFile;
import io.redknot.storage.aof.AofReader;
import io.redknot.storage.aof.AofReader.Outcome;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads what a manifest lists: a base, of data or of commands, and the commands of the increments.
 * No file is changed, but for the last one, from which a command that was not written to its end is
 * cut off where the configuration allows it.
 */
final class AofLoader {
  private static final Logger LOG = LoggerFactory.getLogger(AofLoader.class);

  /** Errors of commands that are shown; the others are only counted. */
  private static final int ERRORS_SHOWN_MAX = 10;

  /** Commands between two reports of how far it has come. */
  private static final int REPORT_EVERY = 1024;

  private final Server server;
  private final AofFiles files;
  private final LoadProgress progress;
  private final Args args = new Args();
  private long errors;
  private long commands;

  AofLoader(Server server, AofFiles files, LoadProgress progress) {
    this.server = server;
    this.files = files;
    this.progress = progress;
  }

  /**
   * Loads all files.
   *
   * @throws IOException where one cannot be loaded, with what can be done about it
   */
  void load() throws IOException {
    List<AofFile> all = files.manifest().toLoad();
    List<Long> sizes = new ArrayList<>();
    long total = 0;
    for (AofFile file : all) {
      long size = files.size(file);
      sizes.add(size);
      total += size;
    }
    progress.begin(total, server.clock().nowMs());
    long before = 0;
    for (int i = 0; i < all.size(); i++) {
      progress.beginFile(before);
      load(all.get(i), i == all.size() - 1);
      before += sizes.get(i);
    }
    if (errors > 0) {
      LOG.warn("{} commands of the append-only file ended in an error", errors);
    }
  }

  private void load(AofFile file, boolean last) throws IOException {
    long began = server.clock().nanos();
    long from = 0;
    try {
      if (isRdb(files.path(file))) {
        if (file.role() != AofFile.Role.BASE) {
          throw badFormat(file, "data where commands are expected");
        }
        from = loadData(file);
      }
      loadCommands(file, from, last);
    } catch (RdbException damaged) {
      throw new IOException(
          "Error reading the RDB preamble of the AOF file "
              + file.name()
              + ", AOF loading aborted: "
              + damaged.getMessage(),
          damaged);
    } catch (AofException wrong) {
      throw badFormat(file, wrong.getMessage());
    }
    LOG.info(
        "DB loaded from {} file {}: {} seconds",
        file.role() == AofFile.Role.BASE ? "base" : "incr",
        file.name(),
        LoadProgress.seconds(server.clock().nanos() - began));
  }

  private static IOException badFormat(AofFile file, @Nullable String reason) {
    return new IOException(
        "Bad file format reading the append only file "
            + file.name()
            + " ("
            + reason
            + "): make a backup of your AOF file, then use ./redis-check-aof --fix"
            + " <filename.manifest>");
  }

  private boolean isRdb(Path path) throws IOException {
    try (OpenFile file = files.disk().open(path, Mode.READ)) {
      return RdbReader.isRdb(
          (target, at, length) -> file.read(ByteBuffer.wrap(target, at, length)));
    }
  }

  /** Returns where the data ends. */
  private long loadData(AofFile file) throws IOException {
    DataLoader loader =
        new DataLoader(
            files.disk(),
            server.shards(),
            Limits.of(server.config()),
            progress,
            server.clock().nowMs());
    // What follows may have changed a key that expires, or have it expire no more.
    loader.keepExpired();
    try {
      return loader.load(files.path(file), Runtime.getRuntime().availableProcessors());
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException("Loading the AOF was interrupted", ended);
    }
  }

  private void loadCommands(AofFile file, long from, boolean last) throws IOException {
    long valid;
    boolean complete;
    try (OpenFile open = files.disk().open(files.path(file), Mode.READ)) {
      open.position(from);
      AofReader reader =
          new AofReader(
              (target, at, length) -> open.read(ByteBuffer.wrap(target, at, length)), from);
      ReplayClient client = ReplayClient.ofFile(server);
      valid = from;
      Outcome outcome = reader.next();
      while (outcome == Outcome.COMMAND) {
        execute(client, reader, file);
        valid = client.inTransaction() ? valid : reader.position();
        outcome = reader.next();
      }
      complete = outcome == Outcome.END && !client.inTransaction();
      if (client.inTransaction()) {
        LOG.warn("Revert incomplete MULTI/EXEC transaction from AOF file {}", file.name());
      }
    }
    if (!complete) {
      cutOff(file, valid, last);
    }
  }

  private void execute(ReplayClient client, AofReader reader, AofFile file) throws IOException {
    args.borrow(reader.array());
    for (int i = 0; i < reader.count(); i++) {
      args.add(reader.offset(i), reader.length(i));
    }
    if (progress.functions().apply(args)) {
      return;
    }
    if (!client.knows(args)) {
      throw new IOException(
          "Unknown command '" + args.text(0) + "' reading the append only file " + file.name());
    }
    String error = client.execute(args);
    if (error != null && errors++ < ERRORS_SHOWN_MAX) {
      LOG.warn("A command '{}' of the append-only file ended in an error: {}", args.text(0), error);
    }
    if (++commands % REPORT_EVERY == 0) {
      progress.position(reader.position());
    }
  }

  private void cutOff(AofFile file, long valid, boolean last) throws IOException {
    if (!last) {
      throw new IOException(
          "Unexpected end of file reading the append only file "
              + file.name()
              + ", which is not the last one: what follows it cannot be applied. Make a backup of"
              + " your AOF files, then use ./redis-check-aof --fix <filename.manifest>");
    }
    if (!server.config().aofLoadTruncated.get()) {
      throw new IOException(
          "Unexpected end of file reading the append only file "
              + file.name()
              + ". You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix"
              + " <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated'"
              + " configuration option to yes and restart the server.");
    }
    LOG.warn("!!! Warning: short read while loading the AOF file {}!!!", file.name());
    LOG.warn("Truncating the AOF {} at offset {}", file.name(), valid);
    try (OpenFile open = files.disk().open(files.path(file), Mode.APPEND)) {
      open.truncate(valid);
      open.sync();
    }
    LOG.warn("AOF {} loaded anyway because aof-load-truncated is enabled", file.name());
  }
}
