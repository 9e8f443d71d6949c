package io.redknot.server.info;

import io.redknot.server.Server;
import io.redknot.server.config.WordList;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.stats.ErrorCounts;
import io.redknot.server.stats.LatencyHistogram;
import io.redknot.server.stats.LoopStats;
import io.redknot.server.stats.RateSampler;
import io.redknot.server.stats.RateSampler.Metric;
import io.redknot.storage.keyspace.KeyspaceStats;
import java.util.List;

/** The sections that count: of the server as a whole, of commands and of errors. */
final class StatsInfo {
  private static final double BYTES_PER_KILOBYTE = 1024;
  private static final double NANOS_PER_MICRO = 1000;

  private StatsInfo() {}

  static void stats(Server server, InfoText out) {
    LoopStats stats = server.stats().sum();
    out.section("Stats");
    traffic(server, stats, out);
    out.field("rejected_connections", stats.connectionsRejected)
        .field("sync_full", server.replication().counts().fullSyncs())
        .field("sync_partial_ok", server.replication().counts().partialSyncs())
        .field("sync_partial_err", server.replication().counts().partialRefusals());
    keys(server, out);
    out.field("unexpected_error_replies", stats.unexpectedFailures)
        .field("total_error_replies", server.stats().errors().total())
        .field("dump_payload_sanitizations", 0)
        .field("total_reads_processed", stats.reads)
        .field("total_writes_processed", stats.writes)
        .zeros(
            "io_threaded_reads_processed",
            "io_threaded_writes_processed",
            "reply_buffer_shrinks",
            "reply_buffer_expands",
            "acl_access_denied_auth",
            "acl_access_denied_cmd",
            "acl_access_denied_key",
            "acl_access_denied_channel");
  }

  private static void traffic(Server server, LoopStats stats, InfoText out) {
    RateSampler rates = server.rates();
    out.field("total_connections_received", stats.connectionsReceived)
        .field("total_commands_processed", stats.commandsProcessed)
        .field("instantaneous_ops_per_sec", rates.perSecond(Metric.COMMANDS))
        .field("total_net_input_bytes", stats.bytesIn)
        .field("total_net_output_bytes", stats.bytesOut)
        .field("total_net_repl_input_bytes", server.replication().counts().bytesReceived())
        .field("total_net_repl_output_bytes", server.replication().counts().bytesSent())
        .field("instantaneous_input_kbps", kilobytes(rates, Metric.BYTES_IN), 2)
        .field("instantaneous_output_kbps", kilobytes(rates, Metric.BYTES_OUT), 2)
        .field("instantaneous_input_repl_kbps", 0, 2)
        .field("instantaneous_output_repl_kbps", 0, 2);
  }

  private static double kilobytes(RateSampler rates, Metric metric) {
    return rates.perSecond(metric) / BYTES_PER_KILOBYTE;
  }

  private static void keys(Server server, InfoText out) {
    KeyspaceStats stats = KeyspaceFigures.stats(server.shards());
    out.field("expired_keys", stats.expired)
        .field("expired_stale_perc", 0, 2)
        .field("expired_time_cap_reached_count", server.cron().timeCapsReached())
        .field("expire_cycle_cpu_milliseconds", server.cron().expiryCycleMs())
        .zeros("evicted_keys")
        .field("evicted_clients", server.clientEviction().evicted())
        .zeros("total_eviction_exceeded_time", "current_eviction_exceeded_time")
        .field("keyspace_hits", stats.hits)
        .field("keyspace_misses", stats.misses)
        .field("pubsub_channels", server.pubsub().channelCount(false))
        .field("pubsub_patterns", server.pubsub().patternCount())
        .field("pubsubshard_channels", server.pubsub().channelCount(true))
        .zeros("latest_fork_usec", "total_forks")
        .field("migrate_cached_sockets", server.keptMigrationTargets())
        .zeros(
            "slave_expires_tracked_keys",
            "active_defrag_hits",
            "active_defrag_misses",
            "active_defrag_key_hits",
            "active_defrag_key_misses",
            "total_active_defrag_time",
            "current_active_defrag_time")
        .field("tracking_total_keys", server.tracking().keyCount())
        .field("tracking_total_items", server.tracking().itemCount())
        .field("tracking_total_prefixes", server.tracking().prefixCount())
        .field("redknot_dropped_messages", server.listener().droppedMessages());
  }

  static void commandStats(Server server, InfoText out) {
    LoopStats stats = server.stats().sum();
    out.section("Commandstats");
    for (CommandSpec spec : server.table().all()) {
      int id = spec.id();
      long calls = stats.calls(id);
      if (calls > 0 || stats.rejections(id) > 0 || stats.failures(id) > 0) {
        StringBuilder line = out.line().append("cmdstat_").append(spec.name());
        line.append(":calls=").append(calls);
        line.append(",usec=").append(stats.micros(id));
        line.append(",usec_per_call=");
        InfoText.decimal(line, calls == 0 ? 0 : (double) stats.micros(id) / calls, 2);
        line.append(",rejected_calls=").append(stats.rejections(id));
        line.append(",failed_calls=").append(stats.failures(id)).append("\r\n");
      }
    }
  }

  static void errorStats(Server server, InfoText out) {
    out.section("Errorstats");
    for (ErrorCounts.Count count : server.stats().errors().counts()) {
      out.field("errorstat_" + count.code(), "count=" + count.replies());
    }
  }

  static void latencyStats(Server server, InfoText out) {
    LoopStats stats = server.stats().sum();
    WordList percentiles = server.config().latencyTrackingInfoPercentiles.get();
    out.section("Latencystats");
    for (CommandSpec spec : server.table().all()) {
      LatencyHistogram histogram = stats.latency(spec.id());
      if (histogram != null && histogram.total() > 0) {
        latencies(spec.name(), histogram, percentiles, out);
      }
    }
  }

  private static void latencies(
      String command, LatencyHistogram histogram, WordList percentiles, InfoText out) {
    StringBuilder line = out.line().append("latency_percentiles_usec_").append(command);
    List<String> words = percentiles.words();
    double[] numbers = percentiles.numbers();
    for (int i = 0; i < numbers.length; i++) {
      line.append(i == 0 ? ':' : ',').append('p').append(words.get(i)).append('=');
      InfoText.decimal(line, histogram.percentile(numbers[i]) / NANOS_PER_MICRO, 3);
    }
    line.append("\r\n");
  }
}
