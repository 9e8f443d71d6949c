package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas that need the whole data set: those that come together share one snapshot. One runs at a
 * time; who comes while it does waits for the next.
 */
final class FullSyncs {
  private static final Logger LOG = LoggerFactory.getLogger(FullSyncs.class);

  private final Server server;
  private final ServerConfig config;
  private final Replication replication;

  @GuardedBy("this")
  private final List<ReplicaLink> waiting = new ArrayList<>();

  private volatile @Nullable SnapshotTransfer running;

  /** Whether the disk has refused what was to be put aside for slow replicas. */
  private volatile boolean diskRefuses;

  FullSyncs(Server server, Replication replication) {
    this.server = server;
    this.config = server.config();
    this.replication = replication;
  }

  Server server() {
    return server;
  }

  Replication replication() {
    return replication;
  }

  /** Whether what slow replicas have not taken yet may be put aside on the disk. */
  boolean mayPutAside() {
    return !diskRefuses;
  }

  /**
   * The disk takes it, or does not. One that did not is tried again after the next snapshot that
   * was sent whole, so that of two snapshots to slow replicas one at the most is lost by it.
   */
  void putAside(boolean ok) {
    diskRefuses = !ok;
  }

  /** A replica waits from now on. */
  synchronized void add(ReplicaLink link, long nowMs) {
    link.waitForSnapshot(nowMs);
    SnapshotTransfer current = running;
    if (current != null && current.join(link)) {
      LOG.info("Waiting for end of BGSAVE for SYNC: {}", link);
      return;
    }
    waiting.add(link);
    boolean later = config.replDisklessSync.get() && config.replDisklessSyncDelay.get() > 0;
    if (!later || !link.options().endMark()) {
      start();
    }
  }

  synchronized void detached(ReplicaLink link) {
    waiting.remove(link);
    onSent();
  }

  /** Once a second. */
  synchronized void tick(long nowMs) {
    if (!waiting.isEmpty() && running == null && isTime(nowMs)) {
      start();
    }
    for (ReplicaLink link : waiting) {
      link.sendNewLine(ReplicaLink.State.WAIT_START);
    }
    SnapshotTransfer current = running;
    if (current != null) {
      current.tick();
    }
  }

  @GuardedBy("this")
  private boolean isTime(long nowMs) {
    if (!config.replDisklessSync.get()) {
      return true;
    }
    long most = config.replDisklessSyncMaxReplicas.get();
    long longestMs = 0;
    for (ReplicaLink link : waiting) {
      longestMs = Math.max(longestMs, nowMs - link.waitingSinceMs());
    }
    return longestMs >= TimeUnit.SECONDS.toMillis(config.replDisklessSyncDelay.get())
        || (most > 0 && waiting.size() >= most);
  }

  /** All that wait and can share a snapshot with the first of them. */
  @GuardedBy("this")
  private void start() {
    if (running != null || waiting.isEmpty()) {
      return;
    }
    ReplicaOptions first = waiting.getFirst().options();
    List<ReplicaLink> group = new ArrayList<>();
    boolean endMarks = true;
    for (ReplicaLink link : waiting) {
      if (link.options().hasFilterOf(first)) {
        group.add(link);
        endMarks &= link.options().endMark();
      }
    }
    boolean diskless = endMarks && (config.replDisklessSync.get() || first.isFiltered());
    SnapshotTransfer transfer =
        diskless ? new SocketTransfer(this, group) : new FileTransfer(this, group);
    running = transfer;
    if (!transfer.start()) {
      // A save is under way; the next second tries again.
      running = null;
      return;
    }
    waiting.removeAll(group);
    LOG.info("Starting BGSAVE for SYNC with target: {}", diskless ? "replicas sockets" : "disk");
  }

  /** The transfer has ended. */
  synchronized void ended() {
    running = null;
    boolean later = config.replDisklessSync.get() && config.replDisklessSyncDelay.get() > 0;
    if (!later) {
      start();
    }
  }

  /** A socket has taken something, or is closed. */
  void onSent() {
    SnapshotTransfer current = running;
    if (current != null) {
      current.onSent();
    }
  }
}
