package io.redknot.server.signal;

import io.redknot.protocol.Args;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys that a connection watches (WATCH), and whether any of them was touched since.
 *
 * <p>The list belongs to the connection's event loop. Whoever changes a key says so under the lock
 * of its shard; the answer is therefore final for who holds the locks of all shards of the keys.
 */
public final class KeyWatch {
  private final Signals signals;

  /** What a watched key takes beyond its bytes, with its place in the table of its shard. */
  private static final int KEY_BYTES = 150;

  private final List<WatchedKey> keys = new ArrayList<>();
  private long sizeBytes;
  private volatile boolean touched;

  /** A watch on nothing yet. */
  public KeyWatch(Signals signals) {
    this.signals = signals;
  }

  /** Whether a key was changed since it has been watched. */
  public boolean isTouched() {
    return touched;
  }

  void touch() {
    touched = true;
  }

  /** About the bytes of memory that it takes; a moment old for other threads. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** Whether no key is watched. */
  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /** Watches a key from now on; its shard is locked and its time set. */
  public void add(Shard shard, int db, Args args, int index) {
    byte[] key = args.copy(index);
    for (WatchedKey watched : keys) {
      if (watched.db() == db && Arrays.equals(watched.key(), key)) {
        return;
      }
    }
    WatchedKey added = new WatchedKey(this, db, key, shard.index());
    Keyspace keyspace = shard.keyspace(db);
    keyspace.find(key, 0, key.length, HashSlot.of(key, 0, key.length));
    added.gone(keyspace.walk().isLastHidden());
    keys.add(added);
    sizeBytes += KEY_BYTES + key.length;
    signals.shard(shard.index()).watch(added);
  }

  /** The first of the shards of the keys; -1: none. */
  public int firstShard() {
    return keys.isEmpty() ? -1 : keys.getFirst().shard();
  }

  /** Whether all keys are in one shard. */
  public boolean isWithin(int shard) {
    for (WatchedKey watched : keys) {
      if (watched.shard() != shard) {
        return false;
      }
    }
    return true;
  }

  /**
   * Has what expired since it has been watched touched, be it removed or not; all shards of the
   * keys are locked.
   */
  public void settle(long nowMs) {
    for (WatchedKey watched : keys) {
      Keyspace keyspace = signals.shard(watched.shard()).keyspace(watched.db());
      keyspace.time(nowMs);
      byte[] key = watched.key();
      // The look-up removes it, and so tells this watch among others.
      keyspace.find(key, 0, key.length, HashSlot.of(key, 0, key.length));
      if (keyspace.walk().isLastHidden() && !watched.isGone()) {
        touched = true;
      }
    }
  }

  /** Watches nothing any more. */
  public void clear() {
    for (WatchedKey watched : keys) {
      signals.shard(watched.shard()).unwatch(watched);
    }
    keys.clear();
    sizeBytes = 0;
    touched = false;
  }
}
