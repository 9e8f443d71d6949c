package io.redknot.server.replication;

import io.redknot.server.ServerFiles;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.persistence.SnapshotWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a snapshot to replicas while it is made, with no file between: its length is not known, and
 * a mark ends it. It is made as fast as the slowest of them takes it, but not for long: what they
 * have not taken when patience is at its end is put aside, so that the next snapshot need not wait
 * for them.
 */
final class SocketTransfer extends SnapshotTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(SocketTransfer.class);
  private static final long LOOK_MS = 100;

  /** For how long, all in all, the snapshot waits for its replicas. */
  private static final long PATIENCE_MS = 1000;

  private final String mark = ReplicationId.random();
  private final Object moved = new Object();
  private long waitedNanos;
  private @Nullable Aside aside;

  /** What is sent from the disk from some point on, and to whom. */
  private record Aside(SnapshotFile file, List<FileSending> sendings) {
    void onMore() {
      sendings.forEach(FileSending::onMore);
    }

    void close(SnapshotFile.State as) {
      file.end(as);
      onMore();
      try {
        file.close();
      } catch (IOException failure) {
        LOG.debug("A file that cannot be closed: {}", failure.toString());
      }
    }
  }

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
    boolean made = false;
    try {
      boolean keys = !group().getFirst().options().isFiltered();
      new SnapshotWriter(syncs().server())
          .write(
              new SnapshotWriter.Order(
                  this::accept, keys, false, this::begin, session -> announceAll()));
      end();
      made = true;
      syncs().putAside(true);
    } catch (IOException failure) {
      LOG.warn("Sending a snapshot to replicas failed: {}", failure.getMessage());
    } finally {
      if (!made) {
        closeAll();
      }
      Aside put = aside;
      if (put != null) {
        put.close(made ? SnapshotFile.State.WHOLE : SnapshotFile.State.BROKEN);
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
    dropClosed();
    Aside put = aside;
    if (put != null) {
      append(put, bytes, offset, length);
      return;
    }
    for (ReplicaLink link : group()) {
      link.send(bytes, offset, length);
    }
    if (!awaitRoom()) {
      putAside();
    }
  }

  private void append(Aside put, byte[] bytes, int offset, int length) throws IOException {
    boolean ok = false;
    try {
      put.file().append(bytes, offset, length);
      ok = true;
    } finally {
      // If not, these have lost it, and who comes next is waited for.
      syncs().putAside(ok);
    }
    put.onMore();
  }

  /** From here on everything goes by a file, to each as fast as it takes it. */
  private void putAside() {
    ServerConfig config = syncs().server().config();
    String name = "temp-" + ProcessHandle.current().pid() + "-" + mark + ".rdb";
    try {
      SnapshotFile file = SnapshotFile.unnamed(ServerFiles.path(config, name));
      List<FileSending> sendings = new ArrayList<>();
      group().forEach(link -> sendings.add(new FileSending(link, file, () -> ended(link))));
      aside = new Aside(file, sendings);
      LOG.info("Replicas are slow to take the snapshot: the rest waits for them on the disk");
    } catch (IOException failure) {
      LOG.warn("The snapshot has to wait for slow replicas: {}", failure.toString());
      syncs().putAside(false);
    }
  }

  /** Whether there is; not after too long a time, where the disk is there for that. */
  private boolean awaitRoom() throws IOException {
    long beganNanos = syncs().server().clock().nanos();
    long patienceNanos = TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS) - waitedNanos;
    long took = 0;
    try {
      synchronized (moved) {
        while (!hasRoom() && (took < patienceNanos || !syncs().mayPutAside())) {
          moved.wait(LOOK_MS);
          took = syncs().server().clock().nanos() - beganNanos;
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
    waitedNanos += took;
    return hasRoom();
  }

  /** A replica that takes nothing any more is disconnected by its own clock. */
  private boolean hasRoom() throws IOException {
    dropClosed();
    for (ReplicaLink link : group()) {
      if (link.inFlightBytes() > ReplicaLink.SNAPSHOT_BYTES_MAX) {
        return false;
      }
    }
    return true;
  }

  private void dropClosed() throws IOException {
    group().removeIf(ReplicaLink::isClosed);
    if (group().isEmpty()) {
      throw new IOException("no replica is left");
    }
  }

  @Override
  void onSent() {
    synchronized (moved) {
      moved.notifyAll();
    }
  }

  private void end() throws IOException {
    Aside put = aside;
    if (put != null) {
      byte[] last = mark.getBytes(StandardCharsets.US_ASCII);
      append(put, last, 0, last.length);
      return;
    }
    for (ReplicaLink link : group()) {
      link.send(mark);
      ended(link);
    }
  }

  /** The replica has been sent all of it. */
  private void ended(ReplicaLink link) {
    if (link.options().rdbOnly()) {
      link.transmitted();
      link.closeWhenSent();
    } else {
      LOG.info("Streaming of the snapshot to replica {} succeeded", link);
      link.online(true, syncs().server().clock().nowMs());
    }
  }
}
