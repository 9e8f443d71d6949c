package io.redknot.cluster;

/** Builds {@link ClusterSettings}; starts from Redis's defaults. */
public final class ClusterSettingsBuilder {
  private long nodeTimeoutMs = 15000;
  private boolean requireFullCoverage = true;
  private boolean replicaNoFailover;
  private int replicaValidityFactor = 10;
  private int migrationBarrier = 1;
  private boolean allowReplicaMigration = true;
  private boolean allowReadsWhenDown;
  private boolean allowPubsubShardWhenDown = true;
  private long linkSendBufferLimitBytes;
  private String announceIp = "";
  private int announcePort;
  private int announceTlsPort;
  private int announceBusPort;
  private String announceHostname = "";
  private String announceNodename = "";
  private EndpointType preferredEndpoint = EndpointType.IP;
  private long pingIntervalMs;
  private boolean tlsCluster;
  private int port = 6379;
  private int tlsPort;
  private int clusterPort;
  private int replicaPingPeriodSeconds = 10;
  private boolean fastFailover = true;
  private long fastFailoverGraceMs = 600;

  ClusterSettingsBuilder() {}

  public ClusterSettingsBuilder nodeTimeoutMs(long value) {
    nodeTimeoutMs = value;
    return this;
  }

  public ClusterSettingsBuilder requireFullCoverage(boolean value) {
    requireFullCoverage = value;
    return this;
  }

  public ClusterSettingsBuilder replicaNoFailover(boolean value) {
    replicaNoFailover = value;
    return this;
  }

  public ClusterSettingsBuilder replicaValidityFactor(int value) {
    replicaValidityFactor = value;
    return this;
  }

  public ClusterSettingsBuilder migrationBarrier(int value) {
    migrationBarrier = value;
    return this;
  }

  public ClusterSettingsBuilder allowReplicaMigration(boolean value) {
    allowReplicaMigration = value;
    return this;
  }

  public ClusterSettingsBuilder allowReadsWhenDown(boolean value) {
    allowReadsWhenDown = value;
    return this;
  }

  public ClusterSettingsBuilder allowPubsubShardWhenDown(boolean value) {
    allowPubsubShardWhenDown = value;
    return this;
  }

  public ClusterSettingsBuilder linkSendBufferLimitBytes(long value) {
    linkSendBufferLimitBytes = value;
    return this;
  }

  public ClusterSettingsBuilder announceIp(String value) {
    announceIp = value;
    return this;
  }

  public ClusterSettingsBuilder announcePort(int value) {
    announcePort = value;
    return this;
  }

  public ClusterSettingsBuilder announceTlsPort(int value) {
    announceTlsPort = value;
    return this;
  }

  public ClusterSettingsBuilder announceBusPort(int value) {
    announceBusPort = value;
    return this;
  }

  public ClusterSettingsBuilder announceHostname(String value) {
    announceHostname = value;
    return this;
  }

  public ClusterSettingsBuilder announceNodename(String value) {
    announceNodename = value;
    return this;
  }

  public ClusterSettingsBuilder preferredEndpoint(EndpointType value) {
    preferredEndpoint = value;
    return this;
  }

  public ClusterSettingsBuilder pingIntervalMs(long value) {
    pingIntervalMs = value;
    return this;
  }

  public ClusterSettingsBuilder tlsCluster(boolean value) {
    tlsCluster = value;
    return this;
  }

  public ClusterSettingsBuilder port(int value) {
    port = value;
    return this;
  }

  public ClusterSettingsBuilder tlsPort(int value) {
    tlsPort = value;
    return this;
  }

  public ClusterSettingsBuilder clusterPort(int value) {
    clusterPort = value;
    return this;
  }

  public ClusterSettingsBuilder replicaPingPeriodSeconds(int value) {
    replicaPingPeriodSeconds = value;
    return this;
  }

  public ClusterSettingsBuilder fastFailover(boolean value) {
    fastFailover = value;
    return this;
  }

  public ClusterSettingsBuilder fastFailoverGraceMs(long value) {
    fastFailoverGraceMs = value;
    return this;
  }

  public ClusterSettings build() {
    return new ClusterSettings(
        nodeTimeoutMs,
        requireFullCoverage,
        replicaNoFailover,
        replicaValidityFactor,
        migrationBarrier,
        allowReplicaMigration,
        allowReadsWhenDown,
        allowPubsubShardWhenDown,
        linkSendBufferLimitBytes,
        announceIp,
        announcePort,
        announceTlsPort,
        announceBusPort,
        announceHostname,
        announceNodename,
        preferredEndpoint,
        pingIntervalMs,
        tlsCluster,
        port,
        tlsPort,
        clusterPort,
        replicaPingPeriodSeconds,
        fastFailover,
        fastFailoverGraceMs);
  }
}
