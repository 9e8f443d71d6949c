package io.redknot.server.bus;

import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.ClusterView;

/** The server's side of what the cluster decides. Called on the cluster loop; must not wait. */
public interface ClusterListener {
  /** Something has to be done because of the cluster; events arrive in their order. */
  void onClusterEvent(ClusterEvent event);

  /**
   * This node has become a primary, and clients are told so next: what they write has to wait until
   * {@link ClusterEvent.BecamePrimary} is carried out.
   */
  default void onPromotion() {}

  /** The cluster is seen otherwise than before, by everybody from now on. */
  default void onView(ClusterView before, ClusterView now) {}

  /** The cluster, which was up, is down now. */
  default void onClusterDown() {}

  /**
   * Carries out what {@link #onClusterEvent} has left to the thread for roles, which this is: all
   * stands still for it.
   */
  default void settle() {}

  /** Whether {@link ClusterEvent.PauseWrites} has been carried out, and still holds. */
  boolean holdsWritesBack();
}
