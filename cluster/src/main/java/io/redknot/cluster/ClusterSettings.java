package io.redknot.cluster;

import io.redknot.cluster.wire.NodeAddress;

/**
 * The configuration directives of the cluster, with Redis's names and defaults.
 *
 * @param nodeTimeoutMs {@code cluster-node-timeout}
 * @param requireFullCoverage {@code cluster-require-full-coverage}
 * @param replicaNoFailover {@code cluster-replica-no-failover}
 * @param replicaValidityFactor {@code cluster-replica-validity-factor}, 0 for "never too old"
 * @param migrationBarrier {@code cluster-migration-barrier}, replicas a primary keeps
 * @param allowReplicaMigration {@code cluster-allow-replica-migration}
 * @param allowReadsWhenDown {@code cluster-allow-reads-when-down}
 * @param allowPubsubShardWhenDown {@code cluster-allow-pubsubshard-when-down}
 * @param linkSendBufferLimitBytes {@code cluster-link-sendbuf-limit}, 0 for no limit
 * @param announceIp {@code cluster-announce-ip}, empty to learn it from MEET
 * @param announcePort {@code cluster-announce-port}, 0 for the real one
 * @param announceTlsPort {@code cluster-announce-tls-port}, 0 for the real one
 * @param announceBusPort {@code cluster-announce-bus-port}, 0 for the real one
 * @param announceHostname {@code cluster-announce-hostname}, empty for none
 * @param announceNodename {@code cluster-announce-human-nodename}, empty for none
 * @param preferredEndpoint {@code cluster-preferred-endpoint-type}
 * @param pingIntervalMs {@code cluster-ping-interval}, 0 for half of the node timeout
 * @param tlsCluster {@code tls-cluster}
 * @param port {@code port}, 0 for none
 * @param tlsPort {@code tls-port}, 0 for none
 * @param clusterPort {@code cluster-port}, 0 for the client port + 10000
 * @param replicaPingPeriodSeconds {@code repl-ping-replica-period}
 * @param fastFailover {@code cluster-fast-failover}, Redknot's own
 * @param fastFailoverGraceMs {@code cluster-fast-failover-grace}, Redknot's own
 */
public record ClusterSettings(
    long nodeTimeoutMs,
    boolean requireFullCoverage,
    boolean replicaNoFailover,
    int replicaValidityFactor,
    int migrationBarrier,
    boolean allowReplicaMigration,
    boolean allowReadsWhenDown,
    boolean allowPubsubShardWhenDown,
    long linkSendBufferLimitBytes,
    String announceIp,
    int announcePort,
    int announceTlsPort,
    int announceBusPort,
    String announceHostname,
    String announceNodename,
    EndpointType preferredEndpoint,
    long pingIntervalMs,
    boolean tlsCluster,
    int port,
    int tlsPort,
    int clusterPort,
    int replicaPingPeriodSeconds,
    boolean fastFailover,
    long fastFailoverGraceMs) {

  /** What is added to the client port when no bus port is set. */
  public static final int BUS_PORT_INCREMENT = 10000;

  static final long HANDSHAKE_TIMEOUT_MIN_MS = 1000;

  public static ClusterSettingsBuilder builder() {
    return new ClusterSettingsBuilder();
  }

  /** The bus port this node listens on. */
  public int busPort() {
    if (clusterPort != 0) {
      return clusterPort;
    }
    return (tlsCluster ? tlsPort : port) + BUS_PORT_INCREMENT;
  }

  /** What this node tells others about itself; the ip is empty unless announced. */
  public NodeAddress announced() {
    return new NodeAddress(
        announceIp,
        announcePort != 0 ? announcePort : port,
        announceTlsPort != 0 ? announceTlsPort : tlsPort,
        announceBusPort != 0 ? announceBusPort : busPort());
  }

  /** How old a pong may get before the node is pinged, in milliseconds. */
  public long pingAfterMs() {
    return pingIntervalMs != 0 ? pingIntervalMs : nodeTimeoutMs / 2;
  }

  /** For how long a node may stand still before what it believes counts as outdated. */
  public long stallToleratedMs() {
    return Math.max(nodeTimeoutMs, StallWatch.TOLERATED_MIN_MS);
  }

  long handshakeTimeoutMs() {
    return Math.max(nodeTimeoutMs, HANDSHAKE_TIMEOUT_MIN_MS);
  }
}
