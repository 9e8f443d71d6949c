/** Membership, epochs, slot ownership and failover of a Redis Cluster node; JDK only. */
module io.redknot.cluster {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;

  exports io.redknot.cluster;
  exports io.redknot.cluster.wire;
  exports io.redknot.cluster.store;
}
