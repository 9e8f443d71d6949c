package io.redknot.storage.keyspace;

/** What a snapshot wants of a keyspace: to be shown entries before they change. */
@FunctionalInterface
public interface EntryKeeper {
  /**
   * Keeps an entry as it is now; it is about to change or to be removed. The lock of its shard is
   * held, and nothing may be written.
   */
  void keep(Keyspace keys, long ref);
}
