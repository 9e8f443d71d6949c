package io.redknot.server.bus;

import io.redknot.cluster.ClusterEvent;

/** The server's side of what the cluster decides. Called on the cluster loop; must not wait. */
@FunctionalInterface
public interface ClusterListener {
  /** Something has to be done because of the cluster; events arrive in their order. */
  void onClusterEvent(ClusterEvent event);
}
