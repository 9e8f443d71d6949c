package io.redknot.server;

import io.redknot.cluster.ClusterSettings;
import io.redknot.cluster.EndpointType;
import io.redknot.server.bus.ClusterOptions;
import io.redknot.server.config.Choices;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.net.BindAddress;
import io.redknot.server.net.ChannelSecurity;
import io.redknot.server.net.Transport;
import java.nio.file.Path;
import java.util.List;

/** The cluster's directives as the cluster's own types. */
final class ClusterConfig {
  /** Directives whose change the cluster is told of. */
  static final List<String> DIRECTIVES =
      List.of(
          "cluster-node-timeout",
          "cluster-require-full-coverage",
          "cluster-replica-no-failover",
          "cluster-replica-validity-factor",
          "cluster-migration-barrier",
          "cluster-allow-replica-migration",
          "cluster-allow-reads-when-down",
          "cluster-allow-pubsubshard-when-down",
          "cluster-link-sendbuf-limit",
          "cluster-announce-ip",
          "cluster-announce-port",
          "cluster-announce-tls-port",
          "cluster-announce-bus-port",
          "cluster-announce-hostname",
          "cluster-announce-human-nodename",
          "cluster-preferred-endpoint-type",
          "cluster-ping-interval",
          "cluster-fast-failover",
          "cluster-fast-failover-grace",
          "repl-ping-replica-period",
          "port");

  private ClusterConfig() {}

  static ClusterOptions options(ServerConfig config, ChannelSecurity security) {
    Path file = ServerFiles.path(config, config.clusterConfigFile.get());
    Transport transport = Transport.of(config.redknotTransport.get());
    return new ClusterOptions(
        file,
        BindAddress.parse(config.bind.get().words(), transport),
        config.bindSourceAddr::get,
        transport,
        security,
        settings(config));
  }

  static ClusterSettings settings(ServerConfig config) {
    return ClusterSettings.builder()
        .nodeTimeoutMs(config.clusterNodeTimeout.get())
        .requireFullCoverage(config.clusterRequireFullCoverage.get())
        .replicaNoFailover(config.clusterReplicaNoFailover.get())
        .replicaValidityFactor(config.clusterReplicaValidityFactor.getInt())
        .migrationBarrier(config.clusterMigrationBarrier.getInt())
        .allowReplicaMigration(config.clusterAllowReplicaMigration.get())
        .allowReadsWhenDown(config.clusterAllowReadsWhenDown.get())
        .allowPubsubShardWhenDown(config.clusterAllowPubsubshardWhenDown.get())
        .linkSendBufferLimitBytes(config.clusterLinkSendbufLimit.get())
        .announceIp(config.clusterAnnounceIp.get())
        .announcePort(config.clusterAnnouncePort.getInt())
        .announceTlsPort(config.clusterAnnounceTlsPort.getInt())
        .announceBusPort(config.clusterAnnounceBusPort.getInt())
        .announceHostname(config.clusterAnnounceHostname.get())
        .announceNodename(config.clusterAnnounceHumanNodename.get())
        .preferredEndpoint(endpoint(config.clusterPreferredEndpointType.get()))
        .pingIntervalMs(config.clusterPingInterval.get())
        .fastFailover(config.clusterFastFailover.get())
        .fastFailoverGraceMs(config.clusterFastFailoverGrace.get())
        .tlsCluster(config.tlsCluster.get())
        .port(config.port.getInt())
        .tlsPort(config.tlsPort.getInt())
        .clusterPort(config.clusterPort.getInt())
        .replicaPingPeriodSeconds(config.replPingReplicaPeriod.getInt())
        .build();
  }

  private static EndpointType endpoint(Choices.EndpointType type) {
    return switch (type) {
      case IP -> EndpointType.IP;
      case HOSTNAME -> EndpointType.HOSTNAME;
      case UNKNOWN_ENDPOINT -> EndpointType.UNKNOWN;
    };
  }
}
