package io.redknot.storage.keyspace;

/** Is told what happens to keys of a shard that no command asked for; the shard is locked. */
@FunctionalInterface
public interface KeyspaceListener {
  /** An entry is removed because its time has come; it is still there, and must stay as it is. */
  void expired(Keyspace keys, long ref);
}
