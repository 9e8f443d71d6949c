package io.redknot.server.info;

import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.replication.History;
import io.redknot.server.replication.PrimaryLink;
import io.redknot.server.replication.ReplicaLink;
import io.redknot.server.replication.Replication;

/** The section about replication. */
final class ReplicationInfo {
  private ReplicationInfo() {}

  static void write(Server server, InfoText out) {
    ServerConfig config = server.config();
    Replication replication = server.replication();
    PrimaryLink link = replication.primary();
    out.section("Replication").field("role", link == null ? "master" : "slave");
    if (link != null) {
      primary(server, link, out);
    }
    out.field("connected_slaves", replication.replicas().size());
    if (replication.needsGoodReplicas()) {
      out.field("min_slaves_good_slaves", replication.goodReplicas());
    }
    replicas(replication, server.clock().nowMs(), out);
    History history = replication.history();
    out.field("master_failover_state", server.failover().state().text())
        .field("master_replid", history.id())
        .field("master_replid2", history.previousId())
        .field("master_repl_offset", replication.offset())
        .field("second_repl_offset", history.previousEnd())
        .field("repl_backlog_active", replication.hasBacklog())
        .field("repl_backlog_size", config.replBacklogSize.get())
        .field("repl_backlog_first_byte_offset", replication.backlogFirstOffset())
        .field("repl_backlog_histlen", replication.backlogLength());
  }

  private static void replicas(Replication replication, long nowMs, InfoText out) {
    int number = 0;
    for (ReplicaLink link : replication.replicas()) {
      String state = link.state().text();
      if (!state.isEmpty()) {
        out.field(
            "slave" + number,
            "ip="
                + link.ip()
                + ",port="
                + link.options().port()
                + ",state="
                + state
                + ",offset="
                + link.ackOffset()
                + ",lag="
                + link.lagSeconds(nowMs));
        number++;
      }
    }
  }

  private static void primary(Server server, PrimaryLink link, InfoText out) {
    long nowMs = server.clock().nowMs();
    long offset = server.replication().offset();
    out.field("master_host", link.source().host())
        .field("master_port", link.source().port())
        .field("master_link_status", link.isUp() ? "up" : "down")
        .field("master_last_io_seconds_ago", link.isUp() ? seconds(nowMs - link.lastIoMs()) : -1)
        .field("master_sync_in_progress", link.isSyncing())
        .field("slave_read_repl_offset", link.isUp() ? link.readOffset() : offset)
        .field("slave_repl_offset", offset);
    if (link.isSyncing()) {
      transfer(link, nowMs, out);
    }
    if (!link.isUp()) {
      long sinceMs = link.downSinceMs();
      out.field("master_link_down_since_seconds", sinceMs == 0 ? -1 : seconds(nowMs - sinceMs));
    }
    ServerConfig config = server.config();
    out.field("slave_priority", config.replicaPriority.get())
        .field("slave_read_only", config.replicaReadOnly.get())
        .field("replica_announced", config.replicaAnnounced.get());
  }

  private static void transfer(PrimaryLink link, long nowMs, InfoText out) {
    long total = link.syncTotalBytes();
    long read = link.syncReadBytes();
    out.field("master_sync_total_bytes", total)
        .field("master_sync_read_bytes", read)
        .field("master_sync_left_bytes", total - read)
        .field("master_sync_perc", total == 0 ? 0 : 100.0 * read / total, 2)
        .field("master_sync_last_io_seconds_ago", seconds(nowMs - link.lastIoMs()));
  }

  private static long seconds(long ms) {
    return Math.max(0, ms) / 1000;
  }
}
