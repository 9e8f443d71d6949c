package io.redknot.server.replication;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A snapshot on its way to the replicas that share it. */
abstract class SnapshotTransfer {
  private final FullSyncs syncs;
  private final List<ReplicaLink> group;
  private volatile boolean begun;

  SnapshotTransfer(FullSyncs syncs, List<ReplicaLink> group) {
    this.syncs = syncs;
    this.group = new CopyOnWriteArrayList<>(group);
  }

  /** Starts; false where that is not possible now. */
  abstract boolean start();

  /** A replica comes late; false where the snapshot cannot be for it, too. */
  abstract boolean join(ReplicaLink link);

  /** Once a second. */
  abstract void tick();

  /** A socket has taken something, or is closed. */
  void onSent() {}

  FullSyncs syncs() {
    return syncs;
  }

  List<ReplicaLink> group() {
    return group;
  }

  boolean hasBegun() {
    return begun;
  }

  /**
   * The moment whose data set is sent; all shards are locked. What the stream gets from now on is
   * kept for these replicas, and begins with a SELECT.
   */
  final void begin() {
    Replication replication = syncs.replication();
    replication.activate();
    syncs
        .server()
        .propagator()
        .between(
            () -> {
              replication.sink().selected(BacklogSink.NONE);
              long at = replication.offset();
              for (ReplicaLink link : List.copyOf(group)) {
                link.beginSnapshot(at);
                if (link.isClosed() || !replication.backlog().add(link)) {
                  group.remove(link);
                }
              }
            });
    begun = true;
  }

  /** What a replica is told before its snapshot. */
  final void announce(ReplicaLink link) {
    if (link.options().isPsync()) {
      String id = syncs.replication().history().id();
      link.send("+FULLRESYNC " + id + " " + link.position() + "\r\n");
    }
  }

  final void closeAll() {
    group.forEach(ReplicaLink::close);
  }
}
