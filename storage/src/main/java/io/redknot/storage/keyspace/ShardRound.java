package io.redknot.storage.keyspace;

/** Goes round all keyspaces, shard after shard, and goes on where it stopped. */
final class ShardRound {
  private final Shards shards;
  private int place;

  ShardRound(Shards shards) {
    this.shards = shards;
  }

  /** Number of keyspaces of a round. */
  int length() {
    return shards.count() * shards.databases();
  }

  /** Position of the present keyspace, 0 to the length - 1. */
  int place() {
    return place;
  }

  /** The shard of the present keyspace. */
  Shard shard() {
    return shards.shard(place % shards.count());
  }

  /** The present keyspace; its shard's lock is held. */
  Keyspace keyspace() {
    return shard().keyspace(place / shards.count());
  }

  /** Goes on to the next keyspace, of another shard where there are several. */
  void next() {
    place = (place + 1) % length();
  }
}
