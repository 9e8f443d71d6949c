package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.DatabasePlace;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.io.IOException;
import java.util.List;

/**
 * Puts the keys of a file into the databases, under the lock of each key's shard. Several threads
 * may do so at a time, each with a loader of its own.
 */
public final class RecordLoader {
  /** Keys that are put into databases under one hold of the lock, and bytes of their values. */
  private static final int KEYS_PER_HOLD = 32;

  private static final int BYTES_PER_HOLD = 16 * 1024;

  private final Shards shards;
  private final EncodingLimits limits;
  private final long nowMs;
  private final DatabasePlace place;
  private final long[] tags = new long[KEYS_PER_HOLD];
  private long loaded;
  private long empty;

  /**
   * Makes a loader.
   *
   * @param nowMs the time for the access clocks, Unix ms
   * @param place which databases the keys are put into
   */
  public RecordLoader(Shards shards, EncodingLimits limits, long nowMs, DatabasePlace place) {
    this.place = place;
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

  /** So many keys of a database are about to come; 0: no more of it. A hint that saves time. */
  public void expect(int database, long keys) {
    if (database >= shards.databases()) {
      return;
    }
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        place.keyspace(shard, database).memory().expect(keys / shards.count());
      } finally {
        shard.unlock();
      }
    }
  }

  /** Position of the shard that a record belongs to. */
  public int shard(RdbRecord record) {
    return shards.ofSlot(record.slot()).index();
  }

  /**
   * Puts keys of one shard into their databases, unless a value is a collection without elements.
   *
   * @throws RdbException where a value is damaged, a key is there already, or its database is not;
   *     it and those behind it are not put there
   */
  public void load(List<RdbRecord> records) throws IOException {
    int from = 0;
    while (from < records.size()) {
      int to = from + 1;
      int bytes = records.get(from).value().length;
      while (to < records.size() && to - from < KEYS_PER_HOLD && bytes < BYTES_PER_HOLD) {
        bytes += records.get(to++).value().length;
      }
      load(shards.ofSlot(records.get(from).slot()), records.subList(from, to));
      from = to;
    }
  }

  private void load(Shard shard, List<RdbRecord> records) throws IOException {
    shard.lock();
    try {
      approach(shard, records);
      for (RdbRecord record : records) {
        put(shard, record);
      }
    } finally {
      shard.unlock();
    }
  }

  /** A key is looked up in places that no cache has; here those of all keys are waited for. */
  private void approach(Shard shard, List<RdbRecord> records) throws RdbException {
    for (int i = 0; i < records.size(); i++) {
      byte[] key = records.get(i).key();
      tags[i] = keyspace(shard, records.get(i)).walk().tag(key, 0, key.length);
    }
    long sum = 0;
    for (int i = 0; i < records.size(); i++) {
      RdbRecord record = records.get(i);
      sum += keyspace(shard, record).walk().approach(record.slot(), tags[i]);
    }
    // Kept, or the reading would be left out.
    tags[0] = sum;
  }

  private Keyspace keyspace(Shard shard, RdbRecord record) throws RdbException {
    if (record.database() >= shards.databases()) {
      throw new RdbException("the file has more databases than this server: " + record.database());
    }
    return place.keyspace(shard, record.database());
  }

  private void put(Shard shard, RdbRecord record) throws IOException {
    byte[] key = record.key();
    Keyspace keys = keyspace(shard, record);
    // Whoever does not want keys whose time is over has left them out.
    keys.timeWithoutExpiry(nowMs);
    if (keys.find(key, 0, key.length, record.slot()) != 0) {
      throw new RdbException("RDB has duplicated key");
    }
    try {
      RdbInput value = new RdbInput(record.value(), 0, record.value().length);
      ValueReader.Target target = new ValueReader.Target(key, 0, key.length, record.slot(), true);
      long ref = ValueReader.store(record.type(), value, keys, target, limits);
      // The value's own work may have removed an expiry, so this comes last.
      use(keys, keys.expireAt(ref, record.expiryMs()), record);
      loaded++;
    } catch (EmptyValueException passed) {
      empty++;
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
