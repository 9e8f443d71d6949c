package io.redknot.cluster.wire;

/** Optional facts after the gossip entries. */
public sealed interface PingExtension {

  record Hostname(String name) implements PingExtension {}

  record Nodename(String name) implements PingExtension {}

  /** A node that an administrator removed, and for how long nobody may add it again. */
  record ForgottenNode(String nodeId, long ttlSeconds) implements PingExtension {}

  record ShardId(String shardId) implements PingExtension {}

  /**
   * Redknot's own, for replicas of who says it: a slot that an administrator is moving.
   *
   * @param isLeaving whether it goes to the peer, rather than coming from it
   */
  record OpenSlot(int slot, boolean isLeaving, String peerId) implements PingExtension {
    /** More than anybody moves at a time, and few enough for a message. */
    public static final int TOLD_MAX = 256;
  }

  /** A kind this version does not know; skipped by its length. */
  record Unknown(int type) implements PingExtension {}
}
