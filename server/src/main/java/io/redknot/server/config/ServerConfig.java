package io.redknot.server.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force. Each directive that has, or is to have, an effect is a field: {@code
 * config.maxmemory.get()} is one volatile read of a primitive. Units, ranges and defaults are in
 * {@link ConfigTable}. By name, any directive can be read and set.
 */
public final class ServerConfig extends SettingStore {
  // Redknot
  public final LongSetting redknotShards = number("redknot-shards");
  public final ValueSetting<Choices.Transport> redknotTransport =
      value("redknot-transport", Choices.Transport.class);
  public final BoolSetting redknotHugePages = bool("redknot-huge-pages");
  public final LongSetting ioThreads = number("io-threads");
  public final LongSetting rdbVersion = number("rdb-version");

  // Network
  public final ValueSetting<WordList> bind = value("bind", WordList.class);
  public final LongSetting port = number("port");
  public final LongSetting tcpBacklog = number("tcp-backlog");
  public final LongSetting tcpKeepalive = number("tcp-keepalive");
  public final BoolSetting protectedMode = bool("protected-mode");
  public final ValueSetting<String> bindSourceAddr = string("bind-source-addr");
  public final ValueSetting<String> unixsocket = string("unixsocket");
  public final LongSetting unixsocketperm = number("unixsocketperm");

  // TLS
  public final LongSetting tlsPort = number("tls-port");

  /** Why {@code tls-replication} and {@code tls-cluster} cannot be turned on. */
  public static final String NO_TLS_BETWEEN_NODES =
      "tls-replication and tls-cluster: connections between nodes cannot be encrypted yet";

  public final BoolSetting tlsCluster = bool("tls-cluster");
  public final BoolSetting tlsReplication = bool("tls-replication");
  public final ValueSetting<Choices.TlsAuthClients> tlsAuthClients =
      value("tls-auth-clients", Choices.TlsAuthClients.class);
  public final ValueSetting<String> tlsCertFile = string("tls-cert-file");
  public final ValueSetting<String> tlsKeyFile = string("tls-key-file");
  public final ValueSetting<String> tlsKeyFilePass = string("tls-key-file-pass");
  public final ValueSetting<String> tlsClientCertFile = string("tls-client-cert-file");
  public final ValueSetting<String> tlsClientKeyFile = string("tls-client-key-file");
  public final ValueSetting<String> tlsClientKeyFilePass = string("tls-client-key-file-pass");
  public final ValueSetting<String> tlsCaCertFile = string("tls-ca-cert-file");
  public final ValueSetting<String> tlsCaCertDir = string("tls-ca-cert-dir");
  public final ValueSetting<String> tlsProtocols = string("tls-protocols");
  public final ValueSetting<String> tlsCiphers = string("tls-ciphers");
  public final ValueSetting<String> tlsCiphersuites = string("tls-ciphersuites");
  public final BoolSetting tlsPreferServerCiphers = bool("tls-prefer-server-ciphers");
  public final BoolSetting tlsSessionCaching = bool("tls-session-caching");
  public final LongSetting tlsSessionCacheSize = number("tls-session-cache-size");
  public final LongSetting tlsSessionCacheTimeout = number("tls-session-cache-timeout");

  // Clients
  public final LongSetting maxclients = number("maxclients");
  public final LongSetting timeout = number("timeout");
  public final LongSetting protoMaxBulkLen = number("proto-max-bulk-len");
  public final LongSetting clientQueryBufferLimit = number("client-query-buffer-limit");
  public final ValueSetting<OutputBufferLimits> clientOutputBufferLimit =
      value("client-output-buffer-limit", OutputBufferLimits.class);
  public final LongSetting maxmemoryClients = number("maxmemory-clients");
  public final LongSetting trackingTableMaxKeys = number("tracking-table-max-keys");

  // Security
  public final ValueSetting<String> requirepass = string("requirepass");
  public final ValueSetting<Choices.Access> enableProtectedConfigs =
      value("enable-protected-configs", Choices.Access.class);
  public final ValueSetting<Choices.Access> enableDebugCommand =
      value("enable-debug-command", Choices.Access.class);
  public final ValueSetting<String> aclfile = string("aclfile");
  public final LongSetting acllogMaxLen = number("acllog-max-len");
  public final ValueSetting<Choices.AclPubsubDefault> aclPubsubDefault =
      value("acl-pubsub-default", Choices.AclPubsubDefault.class);

  // Process
  public final ValueSetting<Choices.LogLevel> loglevel = value("loglevel", Choices.LogLevel.class);
  public final ValueSetting<String> logfile = string("logfile");
  public final ValueSetting<String> pidfile = string("pidfile");
  public final LongSetting databases = number("databases");
  public final LongSetting hz = number("hz");
  public final ValueSetting<ShutdownOptions> shutdownOnSigint =
      value("shutdown-on-sigint", ShutdownOptions.class);
  public final ValueSetting<ShutdownOptions> shutdownOnSigterm =
      value("shutdown-on-sigterm", ShutdownOptions.class);
  public final LongSetting shutdownTimeout = number("shutdown-timeout");
  public final LongSetting busyReplyThreshold = number("busy-reply-threshold");

  // Observation
  public final ValueSetting<KeyspaceEvents> notifyKeyspaceEvents =
      value("notify-keyspace-events", KeyspaceEvents.class);
  public final LongSetting slowlogLogSlowerThan = number("slowlog-log-slower-than");
  public final LongSetting slowlogMaxLen = number("slowlog-max-len");
  public final LongSetting latencyMonitorThreshold = number("latency-monitor-threshold");
  public final BoolSetting latencyTracking = bool("latency-tracking");
  public final ValueSetting<WordList> latencyTrackingInfoPercentiles =
      value("latency-tracking-info-percentiles", WordList.class);

  // Memory
  public final LongSetting maxmemory = number("maxmemory");
  public final ValueSetting<Choices.MaxmemoryPolicy> maxmemoryPolicy =
      value("maxmemory-policy", Choices.MaxmemoryPolicy.class);
  public final LongSetting maxmemorySamples = number("maxmemory-samples");
  public final LongSetting maxmemoryEvictionTenacity = number("maxmemory-eviction-tenacity");
  public final LongSetting lfuLogFactor = number("lfu-log-factor");
  public final LongSetting lfuDecayTime = number("lfu-decay-time");
  public final LongSetting activeExpireEffort = number("active-expire-effort");
  public final BoolSetting lazyfreeLazyExpire = bool("lazyfree-lazy-expire");
  public final BoolSetting lazyfreeLazyServerDel = bool("lazyfree-lazy-server-del");
  public final BoolSetting lazyfreeLazyUserDel = bool("lazyfree-lazy-user-del");

  // Encodings
  public final LongSetting hashMaxListpackEntries = number("hash-max-listpack-entries");
  public final LongSetting hashMaxListpackValue = number("hash-max-listpack-value");
  public final LongSetting listMaxListpackSize = number("list-max-listpack-size");
  public final LongSetting setMaxIntsetEntries = number("set-max-intset-entries");
  public final LongSetting setMaxListpackEntries = number("set-max-listpack-entries");
  public final LongSetting setMaxListpackValue = number("set-max-listpack-value");
  public final LongSetting zsetMaxListpackEntries = number("zset-max-listpack-entries");
  public final LongSetting zsetMaxListpackValue = number("zset-max-listpack-value");
  public final LongSetting hllSparseMaxBytes = number("hll-sparse-max-bytes");
  public final LongSetting streamNodeMaxBytes = number("stream-node-max-bytes");
  public final LongSetting streamNodeMaxEntries = number("stream-node-max-entries");

  // Snapshots
  public final ValueSetting<SavePoints> save = value("save", SavePoints.class);
  public final ValueSetting<Path> dir = value("dir", Path.class);
  public final ValueSetting<String> dbfilename = string("dbfilename");
  public final BoolSetting rdbcompression = bool("rdbcompression");
  public final BoolSetting rdbchecksum = bool("rdbchecksum");
  public final BoolSetting rdbSaveIncrementalFsync = bool("rdb-save-incremental-fsync");
  public final BoolSetting stopWritesOnBgsaveError = bool("stop-writes-on-bgsave-error");

  // Append-only file
  public final BoolSetting appendonly = bool("appendonly");
  public final ValueSetting<String> appendfilename = string("appendfilename");
  public final ValueSetting<String> appenddirname = string("appenddirname");
  public final ValueSetting<Choices.Appendfsync> appendfsync =
      value("appendfsync", Choices.Appendfsync.class);
  public final BoolSetting noAppendfsyncOnRewrite = bool("no-appendfsync-on-rewrite");
  public final LongSetting autoAofRewritePercentage = number("auto-aof-rewrite-percentage");
  public final LongSetting autoAofRewriteMinSize = number("auto-aof-rewrite-min-size");
  public final BoolSetting aofLoadTruncated = bool("aof-load-truncated");
  public final BoolSetting aofUseRdbPreamble = bool("aof-use-rdb-preamble");
  public final BoolSetting aofTimestampEnabled = bool("aof-timestamp-enabled");
  public final BoolSetting aofRewriteIncrementalFsync = bool("aof-rewrite-incremental-fsync");
  public final BoolSetting aofDisableAutoGc = bool("aof-disable-auto-gc");

  // Replication
  public final ValueSetting<ReplicaSource> replicaof = value("replicaof", ReplicaSource.class);
  public final ValueSetting<String> masteruser = string("masteruser");
  public final ValueSetting<String> masterauth = string("masterauth");
  public final BoolSetting replicaServeStaleData = bool("replica-serve-stale-data");
  public final BoolSetting replicaReadOnly = bool("replica-read-only");
  public final LongSetting replicaPriority = number("replica-priority");
  public final BoolSetting replicaAnnounced = bool("replica-announced");
  public final ValueSetting<String> replicaAnnounceIp = string("replica-announce-ip");
  public final LongSetting replicaAnnouncePort = number("replica-announce-port");
  public final BoolSetting replicaIgnoreMaxmemory = bool("replica-ignore-maxmemory");
  public final LongSetting minReplicasToWrite = number("min-replicas-to-write");
  public final LongSetting minReplicasMaxLag = number("min-replicas-max-lag");
  public final LongSetting replPingReplicaPeriod = number("repl-ping-replica-period");
  public final LongSetting replTimeout = number("repl-timeout");
  public final BoolSetting replDisableTcpNodelay = bool("repl-disable-tcp-nodelay");
  public final LongSetting replBacklogSize = number("repl-backlog-size");
  public final LongSetting replBacklogTtl = number("repl-backlog-ttl");
  public final BoolSetting replDisklessSync = bool("repl-diskless-sync");
  public final LongSetting replDisklessSyncDelay = number("repl-diskless-sync-delay");
  public final LongSetting replDisklessSyncMaxReplicas = number("repl-diskless-sync-max-replicas");
  public final ValueSetting<Choices.DisklessLoad> replDisklessLoad =
      value("repl-diskless-load", Choices.DisklessLoad.class);
  public final BoolSetting rdbDelSyncFiles = bool("rdb-del-sync-files");

  // Cluster
  public final BoolSetting clusterEnabled = bool("cluster-enabled");
  public final ValueSetting<String> clusterConfigFile = string("cluster-config-file");
  public final LongSetting clusterNodeTimeout = number("cluster-node-timeout");
  public final LongSetting clusterPingInterval = number("cluster-ping-interval");
  public final BoolSetting clusterFastFailover = bool("cluster-fast-failover");
  public final LongSetting clusterFastFailoverGrace = number("cluster-fast-failover-grace");
  public final LongSetting clusterPort = number("cluster-port");
  public final BoolSetting clusterRequireFullCoverage = bool("cluster-require-full-coverage");
  public final BoolSetting clusterAllowReadsWhenDown = bool("cluster-allow-reads-when-down");
  public final BoolSetting clusterAllowPubsubshardWhenDown =
      bool("cluster-allow-pubsubshard-when-down");
  public final BoolSetting clusterReplicaNoFailover = bool("cluster-replica-no-failover");
  public final LongSetting clusterReplicaValidityFactor = number("cluster-replica-validity-factor");
  public final BoolSetting clusterAllowReplicaMigration = bool("cluster-allow-replica-migration");
  public final LongSetting clusterMigrationBarrier = number("cluster-migration-barrier");
  public final LongSetting clusterLinkSendbufLimit = number("cluster-link-sendbuf-limit");
  public final BoolSetting clusterSlotStatsEnabled = bool("cluster-slot-stats-enabled");
  public final ValueSetting<String> clusterAnnounceIp = string("cluster-announce-ip");
  public final LongSetting clusterAnnouncePort = number("cluster-announce-port");
  public final LongSetting clusterAnnounceBusPort = number("cluster-announce-bus-port");
  public final ValueSetting<String> clusterAnnounceHostname = string("cluster-announce-hostname");
  public final ValueSetting<String> clusterAnnounceHumanNodename =
      string("cluster-announce-human-nodename");
  public final ValueSetting<Choices.EndpointType> clusterPreferredEndpointType =
      value("cluster-preferred-endpoint-type", Choices.EndpointType.class);
  public final LongSetting clusterAnnounceTlsPort = number("cluster-announce-tls-port");

  private final List<ConfigLine> users = new ArrayList<>();
  private final List<ConfigLine> renamedCommands = new ArrayList<>();
  private @Nullable Path configFile;

  /** Makes a configuration of defaults. */
  public ServerConfig(ConfigEnvironment environment) {
    super(environment);
  }

  /** The file the server was started with, absolute; null if there is none. */
  public synchronized @Nullable Path configFile() {
    return configFile;
  }

  synchronized void setConfigFile(@Nullable Path file) {
    configFile = file;
  }

  /** The {@code user} lines: {@code user}, the name, the rules; each name occurs once. */
  public synchronized List<ConfigLine> users() {
    return List.copyOf(users);
  }

  synchronized void addUser(ConfigLine line) {
    users.add(line);
  }

  /** The {@code rename-command} lines: the directive, the command, its new name or nothing. */
  public synchronized List<ConfigLine> renamedCommands() {
    return List.copyOf(renamedCommands);
  }

  synchronized void addRenamedCommand(ConfigLine line) {
    renamedCommands.add(line);
  }

  /**
   * CONFIG REWRITE.
   *
   * @param userLines one line {@code user name rules...} for each user, the default user included
   * @param all also what is the default and not in the file
   * @return null, or the error reply without its leading {@code -}
   */
  public synchronized @Nullable String rewrite(List<String> userLines, boolean all) {
    return new ConfigRewriter(this, all).run(userLines);
  }
}
