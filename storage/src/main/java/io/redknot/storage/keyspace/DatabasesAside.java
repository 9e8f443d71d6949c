package io.redknot.storage.keyspace;

/**
 * Databases that are filled while others are served, whose place they take when they are complete.
 * Each keyspace is guarded by the lock of its shard, as those that are served are.
 */
public final class DatabasesAside implements DatabasePlace {
  private final Shards shards;
  private final Keyspace[][] keyspaces;

  /** Empty databases. */
  public DatabasesAside(Shards shards, long nowMs) {
    this.shards = shards;
    this.keyspaces = new Keyspace[shards.count()][shards.databases()];
    for (int i = 0; i < shards.count(); i++) {
      for (int db = 0; db < shards.databases(); db++) {
        keyspaces[i][db] = shards.shard(i).newKeyspaceAside(nowMs);
      }
    }
  }

  @Override
  public Keyspace keyspace(Shard shard, int database) {
    return keyspaces[shard.index()][database];
  }

  /** Takes the place of the databases that are served; all locks are held. */
  public void takePlace() {
    for (int i = 0; i < shards.count(); i++) {
      for (int db = 0; db < shards.databases(); db++) {
        shards.shard(i).replace(db, keyspaces[i][db]);
      }
    }
  }
}
