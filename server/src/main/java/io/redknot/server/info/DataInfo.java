package io.redknot.server.info;

import io.redknot.server.Server;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.persistence.AppendOnly;
import io.redknot.server.persistence.LoadProgress;
import io.redknot.server.persistence.Persister;
import io.redknot.server.persistence.RewriteSchedule;
import io.redknot.server.persistence.SaveState;

/** The sections about persistence, the cluster and the databases. */
final class DataInfo {
  private DataInfo() {}

  static void persistence(Server server, InfoText out) {
    Persister persister = server.persister();
    AppendOnly appendOnly = persister.appendOnly();
    boolean loading = server.dispatcher().conditions().holds(Condition.LOADING);
    out.section("Persistence")
        .field("loading", loading)
        .field("async_loading", server.dispatcher().conditions().holds(Condition.LOADING_ASIDE))
        .zeros("current_cow_peak", "current_cow_size", "current_cow_size_age")
        .field("current_fork_perc", 0, 2)
        .field("current_save_keys_processed", persister.keysSaved() + appendOnly.keysRewritten())
        .field("current_save_keys_total", persister.keysToSave() + appendOnly.keysToRewrite());
    snapshots(server, out);
    appendOnlyFile(server, appendOnly, out);
    out.zeros("module_fork_in_progress", "module_fork_last_cow_size");
    if (appendOnly.state() != AppendOnly.State.OFF) {
      appended(appendOnly, out);
    }
    if (loading) {
      loading(persister.progress(), server.clock().nowMs(), out);
    }
  }

  private static void snapshots(Server server, InfoText out) {
    Persister persister = server.persister();
    SaveState state = persister.state();
    out.field("rdb_changes_since_last_save", persister.changesSinceSave())
        .field("rdb_bgsave_in_progress", persister.isSaving())
        .field("rdb_last_save_time", state.lastSaveMs() / 1000)
        .field("rdb_last_bgsave_status", status(state.ok()))
        .field("rdb_last_bgsave_time_sec", seconds(state.lastTookMs()))
        .field("rdb_current_bgsave_time_sec", secondsSince(server, persister.savingSinceMs()))
        .field("rdb_saves", state.saves())
        .zeros("rdb_last_cow_size")
        .field("rdb_last_load_keys_expired", persister.progress().expiredKeys())
        .field("rdb_last_load_keys_loaded", persister.progress().loadedKeys());
  }

  private static String status(boolean ok) {
    return ok ? "ok" : "err";
  }

  /** Of a duration in ms, where -1 stands for none. */
  private static long seconds(long ms) {
    return ms < 0 ? -1 : ms / 1000;
  }

  private static long secondsSince(Server server, long sinceMs) {
    return sinceMs == 0 ? -1 : (server.clock().nowMs() - sinceMs) / 1000;
  }

  private static void appendOnlyFile(Server server, AppendOnly appendOnly, InfoText out) {
    RewriteSchedule schedule = appendOnly.schedule();
    out.field("aof_enabled", appendOnly.state() != AppendOnly.State.OFF)
        .field("aof_rewrite_in_progress", appendOnly.isRewriting())
        .field("aof_rewrite_scheduled", schedule.isScheduled())
        .field("aof_last_rewrite_time_sec", seconds(schedule.tookMs()))
        .field("aof_current_rewrite_time_sec", secondsSince(server, schedule.beganMs()))
        .field("aof_last_bgrewrite_status", status(schedule.ok()))
        .field("aof_rewrites", schedule.count())
        .field("aof_rewrites_consecutive_failures", schedule.failures())
        .field("aof_last_write_status", status(appendOnly.isWriting()))
        .field("aof_last_cow_size", 0);
  }

  private static void appended(AppendOnly appendOnly, InfoText out) {
    out.field("aof_current_size", appendOnly.currentBytes())
        .field("aof_base_size", appendOnly.baseBytes())
        .field("aof_pending_rewrite", appendOnly.schedule().isScheduled())
        .field("aof_buffer_length", appendOnly.bufferedBytes())
        .field("aof_pending_bio_fsync", appendOnly.isSyncing())
        .field("aof_delayed_fsync", appendOnly.delayedSyncs())
        .field("aof_buffer_full", appendOnly.gate().timesFull());
  }

  private static void loading(LoadProgress progress, long nowMs, InfoText out) {
    long total = progress.totalBytes();
    long loaded = progress.position();
    long elapsedMs = nowMs - progress.startMs();
    long leftSeconds =
        loaded == 0 || total < loaded ? 1 : elapsedMs * (total - loaded) / loaded / 1000;
    out.field("loading_start_time", progress.startMs() / 1000)
        .field("loading_total_bytes", total)
        .field("loading_rdb_used_mem", progress.usedMemory())
        .field("loading_loaded_bytes", loaded)
        .field("loading_loaded_perc", total == 0 ? 0 : loaded * 100.0 / total, 2)
        .field("loading_eta_seconds", leftSeconds);
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
