package io.redknot.server.persistence;

import io.redknot.server.Server;
import io.redknot.storage.keyspace.DatabasePlace;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.ByteSource;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbInput;
import io.redknot.storage.rdb.RdbReader;
import io.redknot.storage.rdb.RdbRecord;
import io.redknot.storage.rdb.RecordLoader;
import java.io.IOException;
import java.util.List;

/** Adds the keys of a file to the data set that is served, while nobody else changes it. */
final class KeysAdded {
  private final Server server;
  private final RecordLoader loader;
  private final long nowMs;

  KeysAdded(Server server) {
    this.server = server;
    this.nowMs = server.clock().nowMs();
    this.loader =
        new RecordLoader(server.shards(), Limits.of(server.config()), nowMs, DatabasePlace.SERVED);
  }

  /** What is done with each key. */
  private interface Each {
    void take(RdbRecord record) throws IOException;
  }

  /**
   * Reads the file to its end and changes nothing.
   *
   * @throws IOException where it is damaged, or a key of it is there already
   */
  void requireNew(ByteSource file) throws IOException {
    forEach(
        file,
        record -> {
          if (find(record, false)) {
            throw new RdbException("a key of the file is there already");
          }
        });
  }

  /** Adds all keys, which replace those of the same names. */
  void load(ByteSource file) throws IOException {
    forEach(
        file,
        record -> {
          if (record.expiryMs() == Keyspace.NO_EXPIRY || record.expiryMs() >= nowMs) {
            boolean _ = find(record, true);
            loader.load(List.of(record));
          }
        });
  }

  /** Whether a key is there, which is removed if that is wanted. */
  private boolean find(RdbRecord record, boolean remove) throws RdbException {
    Shards shards = server.shards();
    if (record.database() >= shards.databases()) {
      throw new RdbException("the file has more databases than this server: " + record.database());
    }
    byte[] key = record.key();
    Shard shard = shards.ofSlot(record.slot());
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(record.database());
      keys.time(nowMs);
      return remove
          ? keys.remove(key, 0, key.length, record.slot())
          : keys.find(key, 0, key.length, record.slot()) != 0;
    } finally {
      shard.unlock();
    }
  }

  private void forEach(ByteSource file, Each each) throws IOException {
    LoadProgress notes = server.persister().progress();
    notes.begin(0, nowMs);
    RdbReader reader = new RdbReader(new RdbInput(file), notes);
    for (RdbRecord record = reader.next(); record != null; record = reader.next()) {
      each.take(record);
    }
  }
}
