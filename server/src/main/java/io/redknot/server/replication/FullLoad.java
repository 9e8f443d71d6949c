package io.redknot.server.replication;

import io.redknot.server.Server;
import io.redknot.server.config.Choices.DisklessLoad;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.Conditions;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.persistence.SyncLoader;
import io.redknot.storage.keyspace.Shards;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a primary's data set in the place of this node's own: through a file, or straight from the
 * connection. On a thread that may wait; the event loop goes on.
 */
final class FullLoad {
  private static final Logger LOG = LoggerFactory.getLogger(FullLoad.class);

  private final Server server;
  private final ServerConfig config;
  private final PrimaryLink link;
  private final BytePipe pipe;
  private final long totalBytes;
  private final boolean sameHistory;
  private volatile boolean loading;
  private volatile boolean received;

  /**
   * A load that has not started.
   *
   * @param pipe gives the data set
   * @param totalBytes of the data set; 0: not known
   * @param sameHistory whether the data set that is there may be served meanwhile
   */
  FullLoad(Server server, PrimaryLink link, BytePipe pipe, long totalBytes, boolean sameHistory) {
    this.server = server;
    this.config = server.config();
    this.link = link;
    this.pipe = pipe;
    this.totalBytes = totalBytes;
    this.sameHistory = sameHistory;
  }

  /** Begins to take what comes. */
  void start() {
    server.replication().loads().execute(this::run);
  }

  /** All is there; what follows takes its time without the primary. */
  void received() {
    received = true;
  }

  /** Whether nothing of the primary is waited for. */
  boolean isLoading() {
    return loading || received;
  }

  /** Gives it up, if it is not loaded already. Any thread. */
  void abort(String reason) {
    pipe.fail(reason);
  }

  private void run() {
    SyncLoader loader = new SyncLoader(server);
    String failure = "the loader failed";
    try {
      int selected;
      if (isDirect()) {
        LOG.info("MASTER <-> REPLICA sync: receiving the DB and loading it in memory");
        selected =
            config.replDisklessLoad.get() == DisklessLoad.SWAPDB
                ? loadAside(loader)
                : loadInPlace(loader, true);
      } else {
        LOG.info("MASTER <-> REPLICA sync: receiving the DB to disk");
        loader.receive(pipe);
        selected = loadInPlace(loader, false);
      }
      failure = "";
      link.loaded(this, selected);
    } catch (IOException broken) {
      failure = broken.toString();
    } finally {
      if (!failure.isEmpty()) {
        link.loadFailed(this, failure);
      }
    }
  }

  private boolean isDirect() {
    return switch (config.replDisklessLoad.get()) {
      case DISABLED -> false;
      case ON_EMPTY_DB -> isEmpty();
      case SWAPDB -> true;
    };
  }

  private boolean isEmpty() {
    Shards shards = server.shards();
    for (int db = 0; db < shards.databases(); db++) {
      if (!shards.isEmpty(db)) {
        return false;
      }
    }
    return true;
  }

  /** A node that was made a primary meanwhile keeps what it has. */
  private void whileFollowing(Runnable action) throws IOException {
    if (!server.replication().whileFollowing(link, action)) {
      throw new IOException("the primary is not followed any more");
    }
  }

  private int loadInPlace(SyncLoader loader, boolean direct) throws IOException {
    Conditions conditions = server.dispatcher().conditions();
    boolean whole = false;
    try {
      LOG.info("MASTER <-> REPLICA sync: Flushing old data");
      whileFollowing(
          () -> {
            loading = true;
            conditions.set(Condition.LOADING, true);
            server.replication().closeReplicas();
            loader.begin();
            loader.flush();
          });
      LOG.info("MASTER <-> REPLICA sync: Loading DB in memory");
      int selected = direct ? loader.load(pipe, totalBytes) : loader.loadReceived();
      loader.end();
      whole = true;
      return selected;
    } finally {
      if (loading) {
        if (!whole) {
          // A part of a data set is none.
          loader.flush();
        }
        conditions.set(Condition.LOADING, false);
      }
    }
  }

  private int loadAside(SyncLoader loader) throws IOException {
    Conditions conditions = server.dispatcher().conditions();
    Condition condition = sameHistory ? Condition.LOADING_ASIDE : Condition.LOADING;
    loading = true;
    conditions.set(condition, true);
    try {
      int selected = loader.loadAside(pipe, totalBytes);
      whileFollowing(
          () -> {
            server.replication().closeReplicas();
            loader.begin();
            loader.swap();
          });
      loader.end();
      return selected;
    } finally {
      conditions.set(condition, false);
    }
  }
}
