package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.io.IOException;

/**
 * Puts the keys of a file into the databases, under the lock of each key's shard. Several threads
 * may do so at a time, each with a loader of its own.
 */
public final class RecordLoader {
  private final Shards shards;
  private final EncodingLimits limits;
  private final long nowMs;
  private long loaded;
  private long empty;

  /**
   * Makes a loader.
   *
   * @param nowMs the time for the access clocks, Unix ms
   */
  public RecordLoader(Shards shards, EncodingLimits limits, long nowMs) {
    this.shards = shards;
    this.limits = limits;
    this.nowMs = nowMs;
  }

  /** Keys that were put into databases. */
  public long loaded() {
    return loaded;
  }

  /** Keys that were passed over, as their values have no elements. */
  public long empty() {
    return empty;
  }

  /** Position of the shard that a record belongs to. */
  public int shard(RdbRecord record) {
    return shards.ofSlot(HashSlot.of(record.key(), 0, record.key().length)).index();
  }

  /**
   * Puts a key into its database, unless its value is a collection without elements.
   *
   * @throws RdbException where the value is damaged, the key is there already, or the database is
   *     not; nothing was changed then
   */
  public void load(RdbRecord record) throws IOException {
    if (record.database() >= shards.databases()) {
      throw new RdbException("the file has more databases than this server: " + record.database());
    }
    byte[] key = record.key();
    int slot = HashSlot.of(key, 0, key.length);
    Shard shard = shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(record.database());
      keys.time(nowMs);
      if (keys.find(key, 0, key.length, slot) != 0) {
        throw new RdbException("RDB has duplicated key");
      }
      RdbInput value = new RdbInput(record.value(), 0, record.value().length);
      ValueReader.Target target = new ValueReader.Target(key, 0, key.length, slot);
      long ref = ValueReader.store(record.type(), value, keys, target, limits);
      // The value's own work may have removed an expiry, so this comes last.
      use(keys, keys.expireAt(ref, record.expiryMs()), record);
      loaded++;
    } catch (EmptyValueException passed) {
      empty++;
    } finally {
      shard.unlock();
    }
  }

  private void use(Keyspace keys, long ref, RdbRecord record) {
    AccessClock clock = shards.clock();
    if (record.idleSeconds() >= 0 && !clock.isLfu()) {
      keys.accessClock(ref, clock.idleClock(record.idleSeconds(), nowMs));
    } else if (record.frequency() >= 0 && clock.isLfu()) {
      keys.accessClock(ref, clock.frequencyClock(record.frequency(), nowMs));
    }
  }
}
