package io.redknot.storage.keyspace;

/** Passes what happens in a shard's keyspaces on to whom it concerns. */
final class ShardEvents implements KeyspaceListener {
  private KeyspaceListener listener = (keys, ref) -> {};

  void listener(KeyspaceListener by) {
    listener = by;
  }

  @Override
  public void expired(Keyspace keys, long ref) {
    listener.expired(keys, ref);
  }
}
