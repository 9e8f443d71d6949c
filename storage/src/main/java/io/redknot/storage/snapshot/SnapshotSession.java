package io.redknot.storage.snapshot;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.ByteSink;
import io.redknot.storage.rdb.RdbOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of all databases without a second process: entries are visited slice by slice, and the
 * first write to one that was not visited yet keeps it as it was. Memory grows by what is rewritten
 * meanwhile, and no request waits for more than a slice.
 *
 * <p>What is flushed or swapped meanwhile is not lost: the session holds the keyspaces of its
 * beginning.
 */
public final class SnapshotSession {
  /** Writes one entry as a record: key, value and what belongs to them. */
  @FunctionalInterface
  public interface RecordWriter {
    /** The lock of the entry's shard is held, and nothing may be written to the keyspace. */
    void write(Keyspace keys, long ref, RdbOutput out) throws IOException;

    /**
     * Begins the record of an entry that is to be written in pieces; null where it is small. Takes
     * the same short time whatever the value's size. The lock is held.
     *
     * @param compress whether long strings are compressed
     */
    default @Nullable RecordPieces begin(Keyspace keys, long ref, boolean compress) {
      return null;
    }
  }

  /** Gets the records. */
  public interface Visitor extends ByteSink {
    /**
     * A database begins; its records follow. Databases without keys are left out.
     *
     * @param keys how many keys it had when the session began, those whose time is over included
     * @param expiring how many of them had an expiry
     */
    void database(int number, long keys, long expiring) throws IOException;
  }

  /**
   * How a session writes.
   *
   * @param compress whether long strings are compressed
   */
  public record Options(boolean compress) {}

  private final List<SnapshotPart> parts = new ArrayList<>();
  private final int shardCount;
  private final long[] keys;
  private final long[] expiring;
  private int place;

  /** The database that the visitor was told of last, -1: none. */
  private int announced = -1;

  private long records;

  private SnapshotSession(Shards shards) {
    this.shardCount = shards.count();
    this.keys = new long[shards.databases()];
    this.expiring = new long[shards.databases()];
  }

  /**
   * Begins: the data set of this moment is what will be written. All locks are taken, for a time
   * that does not depend on the number of keys. One session runs at a time.
   *
   * @param writer turns entries into records; called by any thread under the entry's lock
   */
  public static SnapshotSession begin(Shards shards, RecordWriter writer, Options options) {
    SnapshotSession session = new SnapshotSession(shards);
    SpareOutputs spares = new SpareOutputs(options.compress());
    shards.lockAll();
    try {
      int epoch = shards.nextSnapshotEpoch();
      for (int db = 0; db < shards.databases(); db++) {
        for (int i = 0; i < shards.count(); i++) {
          Shard shard = shards.shard(i);
          Keyspace keyspace = shard.keyspace(db);
          session.keys[db] += keyspace.size();
          session.expiring[db] += keyspace.expiring();
          session.parts.add(new SnapshotPart(shard, keyspace, writer, spares, epoch));
        }
      }
    } finally {
      shards.unlockAll();
    }
    return session;
  }

  /** Keys that the databases had when the session began. */
  public long keys() {
    long sum = 0;
    for (long number : keys) {
      sum += number;
    }
    return sum;
  }

  /** Records handed to the visitor so far. */
  public long records() {
    return records;
  }

  /**
   * Goes on for one slice.
   *
   * @return false: all is written
   * @throws IOException of the visitor; the session is to be given up with {@link #abandon}
   */
  public boolean step(Visitor visitor) throws IOException {
    if (place == parts.size()) {
      return false;
    }
    int db = place / shardCount;
    if (announced != db && keys[db] > 0) {
      announced = db;
      visitor.database(db, keys[db], expiring[db]);
    }
    long written = parts.get(place).step(visitor);
    if (written < 0) {
      place++;
    } else {
      records += written;
    }
    return place < parts.size();
  }

  /**
   * Gives the session up: what was not written will not be. It still goes over all entries, so that
   * they are marked; nothing is kept or written for it any more.
   */
  public void abandon() {
    parts.forEach(SnapshotPart::discard);
    while (place < parts.size()) {
      if (parts.get(place).visitSlice()) {
        place++;
      }
    }
  }
}
