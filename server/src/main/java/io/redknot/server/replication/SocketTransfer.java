package io.redknot.server.replication;

import io.redknot.server.persistence.SnapshotWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a snapshot to replicas while it is made, with no file between: its length is not known, and
 * a mark ends it. It is made as fast as the slowest of them takes it.
 */
final class SocketTransfer extends SnapshotTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(SocketTransfer.class);
  private static final long LOOK_MS = 1000;

  private final String mark = ReplicationId.random();
  private final Object moved = new Object();

  SocketTransfer(FullSyncs syncs, List<ReplicaLink> group) {
    super(syncs, group);
  }

  @Override
  boolean start() {
    syncs().server().persister().beginSending();
    syncs().server().files().execute(this::run);
    return true;
  }

  /** Who was not there at the beginning has missed some of it. */
  @Override
  boolean join(ReplicaLink link) {
    return false;
  }

  /** Nothing may stand between the bytes of the snapshot. */
  @Override
  void tick() {
    group().forEach(link -> link.sendNewLine(ReplicaLink.State.WAIT_START));
  }

  private void run() {
    boolean sent = false;
    try {
      boolean keys = !group().getFirst().options().isFiltered();
      new SnapshotWriter(syncs().server())
          .write(
              new SnapshotWriter.Order(
                  this::accept, keys, false, this::begin, session -> announceAll()));
      end();
      sent = true;
    } catch (IOException failure) {
      LOG.warn("Sending a snapshot to replicas failed: {}", failure.getMessage());
    } finally {
      if (!sent) {
        closeAll();
      }
      syncs().server().persister().endSending();
      syncs().ended();
    }
  }

  private void announceAll() {
    for (ReplicaLink link : group()) {
      announce(link);
      link.send("$EOF:" + mark + "\r\n");
    }
  }

  private void accept(byte[] bytes, int offset, int length) throws IOException {
    for (ReplicaLink link : group()) {
      link.send(bytes, offset, length);
    }
    awaitRoom();
  }

  private void awaitRoom() throws IOException {
    try {
      synchronized (moved) {
        while (!hasRoom()) {
          moved.wait(LOOK_MS);
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
  }

  /** A replica that takes nothing any more is disconnected by its own clock. */
  private boolean hasRoom() throws IOException {
    group().removeIf(ReplicaLink::isClosed);
    if (group().isEmpty()) {
      throw new IOException("no replica is left");
    }
    for (ReplicaLink link : group()) {
      if (link.inFlightBytes() > ReplicaLink.SNAPSHOT_BYTES_MAX) {
        return false;
      }
    }
    return true;
  }

  @Override
  void onSent() {
    synchronized (moved) {
      moved.notifyAll();
    }
  }

  private void end() {
    for (ReplicaLink link : group()) {
      link.send(mark);
      if (link.options().rdbOnly()) {
        link.transmitted();
        link.closeWhenSent();
      } else {
        LOG.info("Streaming of the snapshot to replica {} succeeded", link);
        link.online(true, syncs().server().clock().nowMs());
      }
    }
  }
}
