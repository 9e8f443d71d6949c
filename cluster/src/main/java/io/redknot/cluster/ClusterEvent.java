package io.redknot.cluster;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.Payload;
import io.redknot.cluster.wire.SlotSet;

/** What the rest of the server has to do because of the cluster; to be carried out in order. */
public sealed interface ClusterEvent {

  /** This node stopped being a primary, or follows another one now; blocked clients must go. */
  record BecameReplica(String primaryId) implements ClusterEvent {}

  /** Start or redirect replication; comes after {@link BecameReplica}, and on a new address. */
  record ReplicateFrom(String primaryId, NodeAddress address) implements ClusterEvent {}

  /** Stop replication and keep the data; the history continues under a new replication id. */
  record BecamePrimary() implements ClusterEvent {}

  /** Drop the whole dataset (CLUSTER RESET on a replica). */
  record FlushAllData() implements ClusterEvent {}

  /** Another node owns these slots now: their keys here are stale. */
  record DeleteKeysInSlots(SlotSet slots) implements ClusterEvent {}

  /** These slots changed hands: shard subscribers of their channels must be unsubscribed. */
  record SlotsLost(SlotSet slots) implements ClusterEvent {}

  /** Hold back client writes, expiry and replication pings, for a manual failover. */
  record PauseWrites(long untilMs) implements ClusterEvent {}

  /** The manual failover ended, with or without success. */
  record ResumeWrites() implements ClusterEvent {}

  /** Deliver to local subscribers. */
  record Published(boolean sharded, Payload channel, Payload message) implements ClusterEvent {}
}
