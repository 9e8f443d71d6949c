package io.redknot.server.replication;

import io.redknot.server.ServerFiles;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.persistence.SyncLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Saves a snapshot to the file of the data set, and then sends that to each replica. */
final class FileTransfer extends SnapshotTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(FileTransfer.class);

  private boolean announced;
  private boolean ended;

  FileTransfer(FullSyncs syncs, List<ReplicaLink> group) {
    super(syncs, group);
  }

  @Override
  boolean start() {
    return syncs().server().persister().start(this::begin, this::announceAll, this::onSaved);
  }

  /** While the file is written, it can be for somebody else as well, who gets the same stream. */
  @Override
  synchronized boolean join(ReplicaLink link) {
    if (ended || !hasBegun() || group().isEmpty()) {
      return false;
    }
    ReplicaLink other = group().getFirst();
    if (!link.options().hasFilterOf(other.options())) {
      return false;
    }
    link.beginSnapshot(other.position());
    if (!syncs().replication().backlog().add(link)) {
      link.waitForSnapshot(link.waitingSinceMs());
      return false;
    }
    group().add(link);
    if (announced) {
      announce(link);
    }
    return true;
  }

  @Override
  void tick() {
    group().forEach(link -> link.sendNewLine(ReplicaLink.State.WAIT_END));
  }

  private synchronized void announceAll() {
    announced = true;
    group().forEach(this::announce);
  }

  private void onSaved(boolean ok) {
    synchronized (this) {
      ended = true;
    }
    try {
      if (!ok) {
        closeAll();
      } else {
        for (ReplicaLink link : group()) {
          send(link);
        }
        forgetFile();
      }
    } finally {
      syncs().ended();
    }
  }

  /** Each opens the file on its own: the next save puts another one in its place. */
  private void send(ReplicaLink link) {
    ServerConfig config = syncs().server().config();
    Path path = ServerFiles.path(config, config.dbfilename.get());
    try {
      SnapshotFile file = SnapshotFile.saved(path);
      link.beginFile();
      link.send("$" + file.size() + "\r\n");
      new FileSending(link, file, () -> onSent(link)).onMore();
      file.close();
    } catch (IOException failure) {
      LOG.warn("Can't open the DB file to send it to replica {}: {}", link, failure.toString());
      link.close();
    }
  }

  private void forgetFile() {
    try {
      SyncLoader.forgetFile(syncs().server());
    } catch (IOException failure) {
      LOG.warn("Can't remove the DB file that replicas are sent: {}", failure.toString());
    }
  }

  private void onSent(ReplicaLink link) {
    if (link.options().rdbOnly()) {
      link.transmitted();
      link.closeWhenSent();
    } else {
      LOG.info("Synchronization with replica {} succeeded", link);
      link.online(false, syncs().server().clock().nowMs());
    }
  }
}
