package io.redknot.cluster.wire;

/** Optional facts after the gossip entries. */
public sealed interface PingExtension {

  record Hostname(String name) implements PingExtension {}

  record Nodename(String name) implements PingExtension {}

  /** A node that an administrator removed, and for how long nobody may add it again. */
  record ForgottenNode(String nodeId, long ttlSeconds) implements PingExtension {}

  record ShardId(String shardId) implements PingExtension {}

  /** A kind this version does not know; skipped by its length. */
  record Unknown(int type) implements PingExtension {}
}
