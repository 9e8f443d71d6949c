/** Keys, values and their memory. */
module io.redknot.storage {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;

  exports io.redknot.storage.aof;
  exports io.redknot.storage.encoding;
  exports io.redknot.storage.keyspace;
  exports io.redknot.storage.memory;
  exports io.redknot.storage.rdb;
  exports io.redknot.storage.snapshot;
  exports io.redknot.storage.value;
}
