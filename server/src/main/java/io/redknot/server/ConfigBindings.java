package io.redknot.server;

import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.config.ChangeListener;
import io.redknot.server.config.Choices.MaxmemoryPolicy;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.log.ServerLog;
import io.redknot.server.persistence.AppendOnly;
import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.Shards;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings directives that are not read where they matter to those who keep them. */
final class ConfigBindings {
  private final Server server;
  private final ServerConfig config;

  ConfigBindings(Server server) {
    this.server = server;
    this.config = server.config();
  }

  /** Applies the present values, and every change from now on. */
  void bind() {
    always("slowlog-log-slower-than", this::slowLog);
    always("slowlog-max-len", this::slowLog);
    always("latency-monitor-threshold", this::latencies);
    Runnable accessClock = this::accessClock;
    accessClock.run();
    for (String directive : List.of("maxmemory-policy", "lfu-log-factor", "lfu-decay-time")) {
      onChange(directive, accessClock);
    }
    always("list-max-listpack-size", server.lists()::update);
    always("maxmemory", () -> server.memoryLimit().update());
    Runnable clientLimit = () -> server.clientEviction().update();
    onChange("maxmemory", clientLimit);
    always("maxmemory-clients", clientLimit);
    onChange("save", () -> server.persister().updateRefusal());
    onChange("stop-writes-on-bgsave-error", () -> server.persister().updateRefusal());
    always("replica-read-only", () -> server.replication().onLinkChanged());
    onChange("replica-serve-stale-data", () -> server.replication().onLinkChanged());
    onChange("repl-backlog-size", () -> server.replication().resizeBacklog());
    always("min-replicas-to-write", () -> server.replication().onReplicasChanged());
    onChange("min-replicas-max-lag", () -> server.replication().onReplicasChanged());
    onChange("loglevel", () -> ServerLog.level(config.loglevel.get()));
    AppendOnly appendOnly = server.persister().appendOnly();
    onChange("appendfsync", appendOnly::updateHolding);
    onChange("no-appendfsync-on-rewrite", appendOnly::attend);
    config.onChange("appendonly", appendOnly::follow);
    config.onChange("tls-replication", () -> refuseIf(config.tlsReplication.get()));
    config.onChange("tls-cluster", () -> refuseIf(config.tlsCluster.get()));
    config.onChange("port", new Rebinding("Unable to listen on this port. Check server logs."));
    config.onChange("bind", new Rebinding("Failed to bind to specified addresses."));
    ClusterLoop cluster = server.cluster();
    if (cluster != null) {
      Runnable tell = () -> cluster.settings(ClusterConfig.settings(config));
      ClusterConfig.DIRECTIVES.forEach(directive -> onChange(directive, tell));
    }
  }

  private static @Nullable String refuseIf(boolean encrypted) {
    return encrypted ? ServerConfig.NO_TLS_BETWEEN_NODES : null;
  }

  private void always(String directive, Runnable action) {
    action.run();
    onChange(directive, action);
  }

  private void onChange(String directive, Runnable action) {
    config.onChange(directive, new Applying(action));
  }

  private final class Rebinding implements ChangeListener {
    private final String refusal;

    Rebinding(String refusal) {
      this.refusal = refusal;
    }

    @Override
    public @Nullable String onChange() {
      try {
        server.listener().reopen();
        return null;
      } catch (IOException failure) {
        return refusal;
      }
    }
  }

  private record Applying(Runnable action) implements ChangeListener {
    @Override
    public @Nullable String onChange() {
      action.run();
      return null;
    }
  }

  private void slowLog() {
    server.slowLog().slowerThanMicros(config.slowlogLogSlowerThan.get());
    server.slowLog().lengthMax((int) Math.min(Integer.MAX_VALUE, config.slowlogMaxLen.get()));
  }

  private void accessClock() {
    MaxmemoryPolicy policy = config.maxmemoryPolicy.get();
    boolean countsFrequency =
        policy == MaxmemoryPolicy.ALLKEYS_LFU || policy == MaxmemoryPolicy.VOLATILE_LFU;
    Shards shards = server.shards();
    shards.lockAll();
    try {
      AccessClock clock = shards.clock();
      clock.configure(countsFrequency, config.lfuLogFactor.getInt(), config.lfuDecayTime.getInt());
    } finally {
      shards.unlockAll();
    }
  }

  private void latencies() {
    server.latencies().thresholdMs(config.latencyMonitorThreshold.get());
  }
}
