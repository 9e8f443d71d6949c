package io.redknot.server.signal;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Something for each of some keys of a shard, found by database and bytes without making an object.
 *
 * <p>Guarded by the shard's lock.
 */
final class KeyTable<V> {
  /** A key and what belongs to it. */
  static final class Entry<V> {
    private final int db;
    private final byte[] key;
    private final int hash;
    private final V value;
    private @Nullable Entry<V> next;

    private Entry(int db, byte[] key, int hash, V value) {
      this.db = db;
      this.key = key;
      this.hash = hash;
      this.value = value;
    }

    int db() {
      return db;
    }

    /** The key, not to be changed. */
    byte[] key() {
      return key;
    }

    V value() {
      return value;
    }

    private boolean is(int inDb, byte[] bytes, int offset, int length) {
      return db == inDb
          && key.length == length
          && Arrays.equals(key, 0, length, bytes, offset, offset + length);
    }
  }

  private static final int BUCKETS_MIN = 16;

  private final IntFunction<@Nullable Entry<V>[]> newBuckets;
  private @Nullable Entry<V>[] buckets;
  private int size;

  @SuppressWarnings({"unchecked", "rawtypes"}) // arrays have no type arguments
  KeyTable() {
    newBuckets = length -> new Entry[length];
    buckets = newBuckets.apply(0);
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  private static int hash(int db, byte[] key, int offset, int length) {
    int hash = db;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + key[i];
    }
    hash *= 0x9E3779B1;
    return hash ^ hash >>> 16;
  }

  /** What belongs to a key; null where that is nothing. */
  @Nullable V find(int db, byte[] key, int offset, int length) {
    if (size == 0) {
      return null;
    }
    Entry<V> entry = buckets[hash(db, key, offset, length) & buckets.length - 1];
    while (entry != null && !entry.is(db, key, offset, length)) {
      entry = entry.next;
    }
    return entry == null ? null : entry.value;
  }

  /** Adds something for a key that has nothing yet; the key is kept. */
  void add(int db, byte[] key, V value) {
    if (size >= buckets.length) {
      rehash(Math.max(BUCKETS_MIN, 2 * buckets.length));
    }
    insert(new Entry<>(db, key, hash(db, key, 0, key.length), value));
    size++;
  }

  private void insert(Entry<V> entry) {
    int bucket = entry.hash & buckets.length - 1;
    entry.next = buckets[bucket];
    buckets[bucket] = entry;
  }

  private void rehash(int length) {
    @Nullable Entry<V>[] old = buckets;
    buckets = newBuckets.apply(length);
    for (Entry<V> first : old) {
      Entry<V> entry = first;
      while (entry != null) {
        Entry<V> next = entry.next;
        insert(entry);
        entry = next;
      }
    }
  }

  /** Forgets a key. */
  void remove(int db, byte[] key, int offset, int length) {
    if (size == 0) {
      return;
    }
    int bucket = hash(db, key, offset, length) & buckets.length - 1;
    Entry<V> before = null;
    Entry<V> entry = buckets[bucket];
    while (entry != null && !entry.is(db, key, offset, length)) {
      before = entry;
      entry = entry.next;
    }
    if (entry == null) {
      return;
    }
    if (before == null) {
      buckets[bucket] = entry.next;
    } else {
      before.next = entry.next;
    }
    size--;
    if (size == 0) {
      buckets = newBuckets.apply(0);
    } else if (buckets.length > BUCKETS_MIN && size < buckets.length / 8) {
      rehash(Math.max(BUCKETS_MIN, buckets.length / 4));
    }
  }

  /** Visits all, in no order; the table must not change meanwhile. */
  void forEach(Consumer<Entry<V>> visitor) {
    for (Entry<V> first : buckets) {
      for (Entry<V> entry = first; entry != null; entry = entry.next) {
        visitor.accept(entry);
      }
    }
  }
}
