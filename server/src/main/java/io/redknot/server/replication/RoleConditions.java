package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.Conditions;
import io.redknot.server.dispatch.Conditions.Condition;
import org.jspecify.annotations.Nullable;

/** What commands are refused for because this node is a replica. Any thread. */
final class RoleConditions {
  private final ServerConfig config;

  @GuardedBy("this")
  private boolean promoting;

  RoleConditions(ServerConfig config) {
    this.config = config;
  }

  /** Commands are refused no longer, though the role has yet to change. */
  synchronized void beginPromotion(Conditions conditions) {
    promoting = true;
    update(conditions, null);
  }

  /** The role has changed, or will not. */
  synchronized void endPromotion(Conditions conditions, @Nullable PrimaryLink primary) {
    promoting = false;
    update(conditions, primary);
  }

  /**
   * Tells anew.
   *
   * @param primary null where this node is a primary
   */
  synchronized void update(Conditions conditions, @Nullable PrimaryLink primary) {
    PrimaryLink link = promoting ? null : primary;
    conditions.set(Condition.READ_ONLY_REPLICA, link != null && config.replicaReadOnly.get());
    boolean stale = link != null && !link.isUp() && !config.replicaServeStaleData.get();
    conditions.set(Condition.PRIMARY_DOWN, stale);
  }
}
