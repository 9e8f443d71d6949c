package io.redknot.server.config;

import static io.redknot.server.config.Rows.INT_MAX;
import static io.redknot.server.config.Rows.LONG_MAX;
import static io.redknot.server.config.Rows.choice;
import static io.redknot.server.config.Rows.integer;
import static io.redknot.server.config.Rows.memory;

import io.redknot.server.config.Directive.Effect;
import io.redknot.server.config.Directive.Flag;
import io.redknot.server.config.ScalarTypes.NumberForm;
import io.redknot.server.config.ScalarTypes.NumberType;
import java.util.List;

/** The directives about primaries, replicas and the cluster. */
final class ReplicationDirectives {
  /** Redis rounds up a smaller backlog. */
  private static final long BACKLOG_BYTES_MIN = 16 * ConfigNumbers.KIB;

  private ReplicationDirectives() {}

  static void addTo(List<Directive<?>> rows) {
    addReplication(rows);
    addCluster(rows);
  }

  private static void addReplication(List<Directive<?>> rows) {
    NumberType backlogSize =
        new NumberType(NumberForm.MEMORY, 1, LONG_MAX, bytes -> Math.max(bytes, BACKLOG_BYTES_MIN));
    new Rows(rows, "Replication", Effect.APPLIED)
        .add("replicaof slaveof", ReplicaSource.TYPE, "", Flag.IMMUTABLE)
        .text("masteruser", "", Flag.SENSITIVE)
        .text("masterauth", "", Flag.SENSITIVE)
        .bool("replica-serve-stale-data slave-serve-stale-data", "yes")
        .bool("replica-read-only slave-read-only", "yes")
        .add("replica-priority slave-priority", integer(0, INT_MAX), "100")
        .bool("replica-announced", "yes")
        .text("replica-announce-ip slave-announce-ip", "")
        .port("replica-announce-port slave-announce-port", "0")
        .add("min-replicas-to-write min-slaves-to-write", integer(0, INT_MAX), "0")
        .add("min-replicas-max-lag min-slaves-max-lag", integer(0, INT_MAX), "10")
        .add("repl-ping-replica-period repl-ping-slave-period", integer(1, INT_MAX), "10")
        .add("repl-timeout", integer(1, INT_MAX), "60")
        .bool("repl-disable-tcp-nodelay", "no")
        .add("repl-backlog-size", backlogSize, "1048576")
        .add("repl-backlog-ttl", integer(0, LONG_MAX), "3600")
        .bool("repl-diskless-sync", "yes")
        .add("repl-diskless-sync-delay", integer(0, INT_MAX), "5")
        .add("repl-diskless-sync-max-replicas", integer(0, INT_MAX), "0")
        .add(
            "repl-diskless-load",
            choice(Choices.DisklessLoad.class),
            "disabled",
            Flag.NOT_WHILE_LOADING)
        .bool("rdb-del-sync-files", "no")
        .with(Effect.later("Comes with eviction; no replica refuses what its primary did."))
        .bool("replica-ignore-maxmemory slave-ignore-maxmemory", "yes")
        .with(Effect.none("A replica whose disk fails goes on, and says so in its log."))
        .bool("replica-ignore-disk-write-errors", "no")
        .with(Effect.none("What ends in an error is logged."))
        .add("propagation-error-behavior", choice(Choices.PropagationError.class), "ignore")
        .with(Effect.none("Memory is given back to pages in small steps."))
        .bool("replica-lazy-flush slave-lazy-flush", "no");
  }

  private static void addCluster(List<Directive<?>> rows) {
    new Rows(rows, "Cluster", Effect.APPLIED)
        .bool("cluster-enabled", "no", Flag.IMMUTABLE)
        .plainText("cluster-config-file", "nodes.conf", Flag.IMMUTABLE)
        .add("cluster-node-timeout", integer(0, LONG_MAX), "15000")
        .add("cluster-ping-interval", integer(0, LONG_MAX), "0", Flag.HIDDEN)
        .bool("cluster-fast-failover", "yes", Flag.HIDDEN)
        .add("cluster-fast-failover-grace", integer(0, LONG_MAX), "600", Flag.HIDDEN)
        .port("cluster-port", "0", Flag.IMMUTABLE)
        .bool("cluster-require-full-coverage", "yes")
        .bool("cluster-allow-reads-when-down", "no")
        .bool("cluster-allow-pubsubshard-when-down", "yes")
        .bool("cluster-replica-no-failover cluster-slave-no-failover", "no")
        .add(
            "cluster-replica-validity-factor cluster-slave-validity-factor",
            integer(0, INT_MAX),
            "10")
        .bool("cluster-allow-replica-migration", "yes")
        .add("cluster-migration-barrier", integer(0, INT_MAX), "1")
        .add("cluster-link-sendbuf-limit", memory(0, LONG_MAX), "0")
        .bool("cluster-slot-stats-enabled", "no", Flag.HIDDEN)
        .text("cluster-announce-ip", "")
        .port("cluster-announce-port", "0")
        .port("cluster-announce-bus-port", "0")
        .checked("cluster-announce-hostname", "", TextChecks::hostName, "a host name")
        .checked("cluster-announce-human-nodename", "", TextChecks::nodeName, "a name")
        .add("cluster-preferred-endpoint-type", choice(Choices.EndpointType.class), "ip")
        .with(Effect.later("Comes with TLS."))
        .port("cluster-announce-tls-port", "0");
  }
}
