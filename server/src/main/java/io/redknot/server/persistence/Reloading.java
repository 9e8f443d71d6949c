package io.redknot.server.persistence;

import io.redknot.server.Server;
import io.redknot.server.ServerFiles;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.persistence.Disk.OpenFile;
import io.redknot.storage.rdb.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DEBUG RELOAD and DEBUG LOADAOF: the data set is put in its own place, by way of its file.
 * Commands that come meanwhile wait for the end.
 */
public final class Reloading {
  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  private static final String NOT_SAVED = "ERR Error trying to save the DB";
  private static final String NOT_LOADED =
      "ERR Error trying to load the RDB dump, check server logs.";
  private static final String AOF_NOT_LOADED =
      "ERR Error trying to load the append-only file, check server logs.";

  private final Server server;

  public Reloading(Server server) {
    this.server = server;
  }

  /**
   * How it is done.
   *
   * @param save whether the snapshot's file is written first
   * @param flush whether the data set is replaced; else what is loaded is added to it
   * @param merge whether keys that are there already are replaced by those that are added; else
   *     nothing is loaded where there are any
   */
  public record Options(boolean save, boolean flush, boolean merge) {}

  /**
   * By way of the snapshot's file.
   *
   * @param onEnd gets the text of an error, or null
   */
  public void snapshot(Options options, Consumer<@Nullable String> onEnd) {
    pause();
    if (!options.save()) {
      server.files().execute(() -> end(onEnd, loadSnapshot(options)));
    } else if (!server
        .persister()
        .start(ok -> end(onEnd, ok ? loadSnapshot(options) : NOT_SAVED))) {
      // One that runs is older than this moment; behind it there is room for another one.
      server.files().execute(() -> snapshot(options, onEnd));
    }
  }

  /**
   * By way of the append-only file.
   *
   * @param onEnd gets the text of an error, or null
   */
  public void appendOnly(Consumer<@Nullable String> onEnd) {
    pause();
    server.files().execute(() -> end(onEnd, loadAppendOnly()));
  }

  private void pause() {
    server.dispatcher().pause().pause(ClientPause.Purpose.RELOAD, Long.MAX_VALUE, true);
  }

  private void end(Consumer<@Nullable String> onEnd, @Nullable String error) {
    ClientPause pause = server.dispatcher().pause();
    pause.unpause(ClientPause.Purpose.RELOAD);
    onEnd.accept(error);
  }

  private @Nullable String loadSnapshot(Options options) {
    Path file = ServerFiles.path(server.config(), server.config().dbfilename.get());
    SyncLoader loader = new SyncLoader(server);
    try (OpenFile open = server.persister().disk().open(file, Disk.Mode.READ)) {
      ByteSource source =
          (target, offset, length) -> open.read(ByteBuffer.wrap(target, offset, length));
      if (options.flush()) {
        var _ = loader.loadAside(source, open.size());
        loader.swap();
      } else {
        KeysAdded added = new KeysAdded(server);
        if (!options.merge()) {
          added.requireNew(source);
          open.position(0);
        }
        added.load(source);
        loader.touch();
      }
      LOG.warn("DB reloaded by DEBUG RELOAD");
      return null;
    } catch (IOException | RuntimeException failure) {
      // Whatever it was: the pause has to end.
      LOG.warn("Reloading the DB failed: {}", failure.toString());
      return NOT_LOADED;
    }
  }

  private @Nullable String loadAppendOnly() {
    try {
      server.persister().appendOnly().awaitWritten();
      new SyncLoader(server).flush();
      server.persister().appendOnly().loadAgain(server.persister().progress());
      server.persister().functionsLoaded();
      LOG.warn("Append Only File loaded by DEBUG LOADAOF");
      return null;
    } catch (IOException | RuntimeException failure) {
      LOG.warn("Loading the append-only file failed: {}", failure.toString());
      return AOF_NOT_LOADED;
    }
  }
}
