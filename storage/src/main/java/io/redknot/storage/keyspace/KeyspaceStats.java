package io.redknot.storage.keyspace;

/** Counters of a shard's keyspaces; they outlive a flush. Written under the shard's lock. */
public final class KeyspaceStats {
  /** Read look-ups that found a key. */
  public long hits;

  /** Read look-ups that found none. */
  public long misses;

  /** Keys removed because their time had come. */
  public long expired;

  /** Changes since the start. */
  public long changes;

  /** Deleted collections that were given back in steps, after the command that deleted them. */
  public long lazilyFreed;

  /** Bytes moved by compaction. */
  public long compactedBytes;
}
