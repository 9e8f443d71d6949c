package io.redknot.server;

import io.redknot.cluster.ClusterSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * The settings that connections and the dispatcher read; each method has the name and meaning of
 * the redis.conf directive, and Redis's default. May be read by any thread at any time.
 */
public interface ServerSettings {
  /** TCP port; 0 listens on none. */
  default int port() {
    return 6379;
  }

  /** Addresses to listen on; {@code -} before one makes it optional. */
  default List<String> bind() {
    return List.of("*", "-::*");
  }

  /** Length of the queue of connections not yet accepted. */
  default int tcpBacklog() {
    return 511;
  }

  /** Seconds between keepalive probes; 0 for none. */
  default int tcpKeepalive() {
    return 300;
  }

  /** Seconds after which an idle client is disconnected; 0 for never. */
  default int timeout() {
    return 0;
  }

  /** Clients connected at the same time. */
  default int maxclients() {
    return 10_000;
  }

  /** Whether only the machine itself may connect while no password is set. */
  default boolean protectedMode() {
    return true;
  }

  /** Number of databases that SELECT may name. */
  default int databases() {
    return 16;
  }

  /** Password of the default user; empty for none. */
  default String requirepass() {
    return "";
  }

  /** Longest argument in bytes. */
  default long protoMaxBulkLen() {
    return 512L * 1024 * 1024;
  }

  /** Bytes of requests not yet executed that a client may pile up. */
  default long clientQueryBufferLimit() {
    return 1024L * 1024 * 1024;
  }

  /** Bytes of replies at which a normal client is disconnected at once; 0 for never. */
  default long normalOutputHardBytes() {
    return 0;
  }

  /** Bytes of replies at which a normal client is disconnected after a while; 0 for never. */
  default long normalOutputSoftBytes() {
    return 0;
  }

  /** That while, in seconds. */
  default int normalOutputSoftSeconds() {
    return 0;
  }

  /** Whether durations of commands are spread over a histogram. */
  default boolean latencyTracking() {
    return true;
  }

  /** Whether this is a cluster node. */
  default boolean clusterEnabled() {
    return false;
  }

  /** Number of shards of the keyspace on a cluster node: a power of two. */
  default int redknotShards() {
    return 16;
  }

  /** The cluster configuration file, which the node itself writes. */
  default Path clusterConfigFile() {
    return Path.of("nodes.conf");
  }

  /** The directives of the cluster. */
  default ClusterSettings clusterSettings() {
    return ClusterSettings.builder().port(port()).build();
  }

  /** Number of event loops. */
  default int ioThreads() {
    return 1;
  }

  /** {@code auto}, {@code epoll} or {@code nio}. */
  default String redknotTransport() {
    return "auto";
  }

  /** {@code no}, {@code yes} or {@code local}: who may use DEBUG. */
  default String enableDebugCommand() {
    return "no";
  }

  /** {@code no}, {@code yes} or {@code local}: who may load modules. */
  default String enableModuleCommand() {
    return "no";
  }
}
