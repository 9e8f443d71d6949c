package io.redknot.storage.keyspace;

/**
 * Is told what happens to keys of a shard that no command asked for, and to all keys of a database
 * at once; the shard is locked.
 */
@FunctionalInterface
public interface KeyspaceListener {
  /** An entry is removed because its time has come; it is still there, and must stay as it is. */
  void expired(Keyspace keys, long ref);

  /** An entry was made; it has its key, and what else it gets follows. */
  default void created(Keyspace keys, long ref) {}

  /** All keys of a database are about to be forgotten; they are still there. */
  default void flushing(int database) {}

  /** Two databases are about to be exchanged. */
  default void swapping(int a, int b) {}
}
