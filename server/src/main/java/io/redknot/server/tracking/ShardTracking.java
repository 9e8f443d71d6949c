package io.redknot.server.tracking;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What clients remember of the keys of one shard. As in Redis a key is known by its name alone,
 * whatever database it is in. Guarded by the shard's lock.
 */
public final class ShardTracking {
  private final Tracking all;
  private @Nullable TrackedKeys keys;
  private volatile int keyCount;

  /** Nobody has read anything yet. */
  public ShardTracking(Tracking all) {
    this.all = all;
  }

  /** A client has read a key, or that there is none. */
  public void remember(Tracker client, byte[] key, int offset, int length) {
    TrackedKeys remembered = keys;
    if (remembered == null) {
      remembered = new TrackedKeys(all.hash());
      keys = remembered;
    }
    long clientsBefore = remembered.clients();
    int before = remembered.size();
    long bytesBefore = remembered.sizeBytes();
    remembered.add(client.number(), key, offset, length);
    if (remembered.clients() != clientsBefore) {
      all.count(remembered.size() - before, 1, remembered.sizeBytes() - bytesBefore);
      keyCount = remembered.size();
    }
  }

  /**
   * A key was changed or removed.
   *
   * @param byClient whether it is the command of a client that did so, not the time
   */
  public void changed(byte[] key, int offset, int length, boolean byClient) {
    TrackedKeys remembered = keys;
    if (remembered != null && remembered.size() > 0) {
      long bytesBefore = remembered.sizeBytes();
      tell(remembered, remembered.remove(key, offset, length), bytesBefore);
    }
    if (all.broadcasts().isAny()) {
      Tracker cause = byClient ? Execution.caller() : null;
      all.broadcasts().changed(Arrays.copyOfRange(key, offset, offset + length), cause);
    }
  }

  /** Number of keys; for whoever has no lock, a moment old. */
  public int keyCount() {
    return keyCount;
  }

  /**
   * Forgets a key, and tells who has read it.
   *
   * @return false: there is none
   */
  public boolean evict() {
    TrackedKeys remembered = keys;
    if (remembered == null) {
      return false;
    }
    long bytesBefore = remembered.sizeBytes();
    return tell(remembered, remembered.removeAny(), bytesBefore);
  }

  private boolean tell(TrackedKeys from, byte @Nullable [] entry, long bytesBefore) {
    if (entry == null) {
      return false;
    }
    int count = TrackedKeys.clientCount(entry);
    all.count(-1, -count, from.sizeBytes() - bytesBefore);
    keyCount = from.size();
    byte[] key = TrackedKeys.key(entry);
    for (int i = 0; i < count; i++) {
      Tracker client = all.find(TrackedKeys.client(entry, i));
      if (client != null) {
        client.onChange(key);
      }
    }
    return true;
  }

  /** Forgets all keys without a word. */
  public void clear() {
    TrackedKeys remembered = keys;
    if (remembered != null) {
      all.count(-remembered.size(), -remembered.clients(), -remembered.sizeBytes());
      keys = null;
      keyCount = 0;
    }
  }
}
