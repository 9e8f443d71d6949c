package io.redknot.server.replication;

import io.netty.channel.EventLoop;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.ClientPause;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What happens by itself once a second, from the first time on that there is somebody to replicate
 * with; and what is put into the stream that changes no data: pings, and requests to acknowledge.
 *
 * <p>On one event loop, but for {@link #start} and {@link #askForAcks}.
 */
final class Heartbeat {
  private static final byte[] PING = "*1\r\n$4\r\nping\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GET_ACK =
      "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final long TICK_MS = 1000;

  private final Server server;
  private final ServerConfig config;
  private final Replication replication;
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final AtomicBoolean askingForAcks = new AtomicBoolean();

  /** When the last ping was put into the stream; of the thread that ticks. */
  private long pingedMs;

  Heartbeat(Server server, Replication replication) {
    this.server = server;
    this.config = server.config();
    this.replication = replication;
  }

  /** Begins, once. Any thread. */
  void start() {
    if (!ticking.getAndSet(true)) {
      // Who comes now is told soon enough that the primary is there.
      pingedMs = replication.nowMs();
      next(server.listener().anyLoop());
    }
  }

  private void next(EventLoop loop) {
    if (!loop.isShuttingDown()) {
      // Through execute, because it logs what a task throws.
      var _ = loop.schedule(() -> loop.execute(() -> tick(loop)), TICK_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick(EventLoop loop) {
    try {
      tick();
    } finally {
      next(loop);
    }
  }

  private void tick() {
    long now = replication.nowMs();
    long timeoutMs = TimeUnit.SECONDS.toMillis(config.replTimeout.get());
    PrimaryLink link = replication.primary();
    if (link != null) {
      link.tick();
    } else {
      ping(now);
    }
    replication.freeBacklog(now);
    for (ReplicaLink replica : replication.replicas()) {
      replica.tick(now, timeoutMs);
    }
    replication.syncs().tick(now);
    server.failover().look();
    replication.onReplicasChanged();
  }

  private void ping(long now) {
    // Before the end the data set is saved, and replicas are not to be ahead of what is in the
    // file.
    boolean stopping = server.dispatcher().pause().isFor(ClientPause.Purpose.STOP);
    // The period as it is now: it may have been changed since.
    long periodMs = TimeUnit.SECONDS.toMillis(config.replPingReplicaPeriod.get());
    boolean due = now < pingedMs || now - pingedMs >= periodMs;
    if (due && !stopping) {
      pingedMs = now;
      if (!replication.replicas().isEmpty()) {
        tell(PING);
      }
    }
  }

  /** Asks all replicas how far they are; once for all who want to know at a time. Any thread. */
  void askForAcks() {
    if (!askingForAcks.getAndSet(true)) {
      server
          .listener()
          .anyLoop()
          .execute(
              () -> {
                askingForAcks.set(false);
                tell(GET_ACK);
              });
    }
  }

  /** Puts into the stream what is no change of the data set, unless its end has been told. */
  private void tell(byte[] command) {
    if (server.dispatcher().pause().isFor(ClientPause.Purpose.FAILOVER)) {
      return;
    }
    ReplicationBacklog backlog = replication.backlog();
    server
        .propagator()
        .between(
            () -> {
              // A replica's stream is its primary's, to which nothing may be added.
              if (backlog.isActive() && !replication.isReplica()) {
                backlog.append(command, 0, command.length);
              }
            });
  }
}
