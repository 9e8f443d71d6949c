package io.redknot.server.signal;

import org.jspecify.annotations.Nullable;

/** Those who wait for one key, in the order in which they came. Guarded by the shard's lock. */
public final class WaitQueue {
  /** The place of one of them. */
  public static final class Place {
    private final WaitQueue queue;
    private final Waiter waiter;
    private @Nullable Place before;
    private @Nullable Place behind;

    private Place(WaitQueue queue, Waiter waiter) {
      this.queue = queue;
      this.waiter = waiter;
    }

    public Waiter waiter() {
      return waiter;
    }

    WaitQueue queue() {
      return queue;
    }

    /** The place behind this one; null: it is the last. */
    public @Nullable Place behind() {
      return behind;
    }

    void leave() {
      if (before == null) {
        queue.first = behind;
      } else {
        before.behind = behind;
      }
      if (behind == null) {
        queue.last = before;
      } else {
        behind.before = before;
      }
    }
  }

  private final int db;
  private final byte[] key;
  private @Nullable Place first;
  private @Nullable Place last;
  private boolean ready;

  WaitQueue(int db, byte[] key) {
    this.db = db;
    this.key = key;
  }

  /** The database of the key. */
  public int db() {
    return db;
  }

  /** The key, not to be changed. */
  public byte[] key() {
    return key;
  }

  /** Who came first; null: nobody waits. */
  public @Nullable Place first() {
    return first;
  }

  Place add(Waiter waiter) {
    Place place = new Place(this, waiter);
    place.before = last;
    if (last == null) {
      first = place;
    } else {
      last.behind = place;
    }
    last = place;
    return place;
  }

  /** Whether something has happened to the key that nobody has looked at yet. */
  boolean isReady() {
    return ready;
  }

  void ready(boolean value) {
    ready = value;
  }
}
