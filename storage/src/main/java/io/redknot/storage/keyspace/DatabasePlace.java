package io.redknot.storage.keyspace;

/** Which databases a data set is loaded into. */
@FunctionalInterface
public interface DatabasePlace {
  /** Those that are served. */
  DatabasePlace SERVED = Shard::keyspace;

  /** The keys of a database in a shard, whose lock is held. */
  Keyspace keyspace(Shard shard, int database);
}
