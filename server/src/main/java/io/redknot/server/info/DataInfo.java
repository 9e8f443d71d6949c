package io.redknot.server.info;

import io.redknot.cluster.ClusterView;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.server.Server;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.persistence.Persister;
import io.redknot.server.persistence.SaveState;
import org.jspecify.annotations.Nullable;

/** The sections about persistence, replication, the cluster and the databases. */
final class DataInfo {
  private static final String NO_REPLICATION_ID = "0".repeat(40);

  private DataInfo() {}

  static void persistence(Server server, InfoText out) {
    out.section("Persistence")
        .field("loading", server.dispatcher().conditions().holds(Condition.LOADING))
        .field("async_loading", server.dispatcher().conditions().holds(Condition.LOADING_ASIDE))
        .zeros("current_cow_peak", "current_cow_size", "current_cow_size_age")
        .field("current_fork_perc", 0, 2)
        .field("current_save_keys_processed", server.persister().keysSaved())
        .field("current_save_keys_total", server.persister().keysToSave());
    snapshots(server, out);
    appendOnlyFile(out);
    out.zeros("module_fork_in_progress", "module_fork_last_cow_size");
  }

  private static void snapshots(Server server, InfoText out) {
    Persister persister = server.persister();
    SaveState state = persister.state();
    long sinceMs = persister.savingSinceMs();
    out.field("rdb_changes_since_last_save", persister.changesSinceSave())
        .field("rdb_bgsave_in_progress", persister.isSaving())
        .field("rdb_last_save_time", state.lastSaveMs() / 1000)
        .field("rdb_last_bgsave_status", state.ok() ? "ok" : "err")
        .field("rdb_last_bgsave_time_sec", state.lastTookMs() < 0 ? -1 : state.lastTookMs() / 1000)
        .field(
            "rdb_current_bgsave_time_sec",
            sinceMs == 0 ? -1 : (server.clock().nowMs() - sinceMs) / 1000)
        .field("rdb_saves", state.saves())
        .zeros("rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded");
  }

  private static void appendOnlyFile(InfoText out) {
    out.field("aof_enabled", 0)
        .zeros("aof_rewrite_in_progress", "aof_rewrite_scheduled")
        .field("aof_last_rewrite_time_sec", -1)
        .field("aof_current_rewrite_time_sec", -1)
        .field("aof_last_bgrewrite_status", "ok")
        .zeros("aof_rewrites", "aof_rewrites_consecutive_failures")
        .field("aof_last_write_status", "ok")
        .field("aof_last_cow_size", 0);
  }

  static void replication(Server server, InfoText out) {
    ServerConfig config = server.config();
    ClusterView view = view(server);
    boolean replica = view != null && view.myself().isReplica();
    out.section("Replication").field("role", replica ? "slave" : "master");
    if (replica && view != null) {
      primary(view, config, out);
    }
    out.field("connected_slaves", 0)
        .field("master_failover_state", "no-failover")
        .field("master_replid", server.replicationId())
        .field("master_replid2", NO_REPLICATION_ID)
        .field("master_repl_offset", 0)
        .field("second_repl_offset", -1)
        .field("repl_backlog_active", 0)
        .field("repl_backlog_size", config.replBacklogSize.get())
        .zeros("repl_backlog_first_byte_offset", "repl_backlog_histlen");
  }

  private static void primary(ClusterView view, ServerConfig config, InfoText out) {
    int index = view.myself().primaryIndex();
    NodeAddress address =
        index == ClusterView.NONE ? NodeAddress.UNKNOWN : view.nodes().get(index).address();
    out.field("master_host", address.ip())
        .field("master_port", address.tcpPort())
        .field("master_link_status", "down")
        .field("master_last_io_seconds_ago", -1)
        .zeros("master_sync_in_progress", "slave_read_repl_offset", "slave_repl_offset")
        .field("master_link_down_since_seconds", -1)
        .field("slave_priority", config.replicaPriority.get())
        .field("slave_read_only", config.replicaReadOnly.get())
        .field("replica_announced", config.replicaAnnounced.get());
  }

  private static @Nullable ClusterView view(Server server) {
    ClusterLoop cluster = server.cluster();
    return cluster == null ? null : cluster.view();
  }

  static void cluster(Server server, InfoText out) {
    out.section("Cluster").field("cluster_enabled", server.config().clusterEnabled.get());
  }

  static void keyspace(Server server, InfoText out) {
    out.section("Keyspace");
    for (int db = 0; db < server.shards().databases(); db++) {
      KeyspaceFigures.Database figures =
          KeyspaceFigures.database(server.shards(), db, server.clock().nowMs());
      if (figures.keys() > 0) {
        out.field(
            "db" + db,
            "keys="
                + figures.keys()
                + ",expires="
                + figures.expiring()
                + ",avg_ttl="
                + figures.meanTtlMs());
      }
    }
  }
}
