package io.redknot.server.signal;

import io.redknot.protocol.Args;
import io.redknot.server.pubsub.KeyspaceNotifications;
import io.redknot.server.tracking.ShardTracking;
import io.redknot.server.tracking.Tracking;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.KeyspaceListener;
import io.redknot.storage.keyspace.Shard;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be told what happens to the keys of one shard. All changes of keys come by here.
 *
 * <p>Guarded by the shard's lock, but for {@link #watch} and {@link #unwatch}, which take it.
 */
public final class ShardSignals implements KeyspaceListener {
  private final Shard shard;
  private final KeyTable<List<WatchedKey>> watched = new KeyTable<>();

  private final KeyTable<WaitQueue> waiting = new KeyTable<>();
  private final ArrayDeque<WaitQueue> ready = new ArrayDeque<>(0);
  private final KeyspaceNotifications notifications;
  private final ShardTracking tracking;
  private final IntConsumer attend;
  private boolean attended;

  ShardSignals(
      Shard shard, KeyspaceNotifications notifications, Tracking tracking, IntConsumer attend) {
    this.shard = shard;
    this.notifications = notifications;
    this.tracking = new ShardTracking(tracking);
    this.attend = attend;
    shard.lock();
    try {
      shard.listener(this);
    } finally {
      shard.unlock();
    }
  }

  Keyspace keyspace(int db) {
    return shard.keyspace(db);
  }

  /** What clients remember of the keys. */
  public ShardTracking tracking() {
    return tracking;
  }

  /** A key's value or time to live was changed, or the key made or removed. */
  public void changed(int db, byte[] key, int offset, int length) {
    List<WatchedKey> watches = watched.find(db, key, offset, length);
    if (watches != null) {
      touch(watches);
    }
    tracking.changed(key, offset, length, true);
    wake(db, key, offset, length);
  }

  /** A key was removed without a command. */
  public void removed(int db, byte[] key) {
    changed(db, key, 0, key.length);
    notifications.send('g', "del", db, key, 0, key.length);
  }

  /** Has those who wait for a key look at it again. */
  public void wake(int db, byte[] key, int offset, int length) {
    WaitQueue queue = waiting.find(db, key, offset, length);
    if (queue != null) {
      wake(queue);
    }
  }

  private void wake(WaitQueue queue) {
    if (queue.isReady()) {
      return;
    }
    queue.ready(true);
    ready.add(queue);
    if (!attended) {
      attended = true;
      attend.accept(shard.index());
    }
  }

  /** Whoever begins this serves those who wait before the lock is given back. */
  public void attended(boolean value) {
    attended = value;
  }

  /** Whether something has happened to keys that somebody waits for. */
  public boolean hasReady() {
    return !ready.isEmpty();
  }

  /** The next of those keys; null: none is left. */
  public @Nullable WaitQueue pollReady() {
    WaitQueue queue = ready.poll();
    if (queue != null) {
      queue.ready(false);
    }
    return queue;
  }

  /** Those who wait for a key, to be added to. */
  WaitQueue queue(int db, Args args, int index) {
    WaitQueue queue = waiting.find(db, args.array(), args.offset(index), args.length(index));
    if (queue == null) {
      queue = new WaitQueue(db, args.copy(index));
      waiting.add(db, queue.key(), queue);
    }
    return queue;
  }

  void forgetIfEmpty(WaitQueue queue) {
    if (queue.first() == null) {
      waiting.remove(queue.db(), queue.key(), 0, queue.key().length);
    }
  }

  /** All who wait for keys, those of several keys more than once; the lock is held. */
  public List<Waiter> waiters() {
    List<Waiter> all = new ArrayList<>();
    waiting.forEach(
        entry -> {
          for (WaitQueue.Place at = entry.value().first(); at != null; at = at.behind()) {
            all.add(at.waiter());
          }
        });
    return all;
  }

  /** Number of keys that somebody waits for; the lock is held. */
  public int waitedKeys() {
    return waiting.size();
  }

  void lock() {
    shard.lock();
  }

  void unlock() {
    shard.unlock();
  }

  private static void touch(List<WatchedKey> watches) {
    for (WatchedKey watch : watches) {
      watch.watch().touch();
    }
  }

  @Override
  public void expired(Keyspace keys, long ref) {
    int db = shard.databaseOf(keys);
    byte[] array = keys.keyArray(ref);
    int offset = keys.keyOffset(ref);
    int length = keys.keyLength(ref);
    notifications.send('x', "expired", db, array, offset, length);
    List<WatchedKey> watches = watched.find(db, array, offset, length);
    if (watches != null) {
      touchExpired(watches);
    }
    tracking.changed(array, offset, length, false);
    wake(db, array, offset, length);
  }

  @Override
  public void created(Keyspace keys, long ref) {
    if (notifications.wants('n')) {
      notifications.send(
          'n',
          "new",
          shard.databaseOf(keys),
          keys.keyArray(ref),
          keys.keyOffset(ref),
          keys.keyLength(ref));
    }
  }

  private static void touchExpired(List<WatchedKey> watches) {
    for (WatchedKey watch : watches) {
      if (watch.isGone()) {
        watch.gone(false);
      } else {
        watch.watch().touch();
      }
    }
  }

  @Override
  public void flushing(int database) {
    touchPresent(database, database);
    wakeAll(database);
  }

  @Override
  public void swapping(int a, int b) {
    touchPresent(a, b);
    touchPresent(b, a);
    wakeAll(a);
    wakeAll(b);
  }

  /** Has all who wait look at their keys again; the lock is held. */
  public void wakeAll() {
    waiting.forEach(entry -> wake(entry.value()));
  }

  private void wakeAll(int db) {
    waiting.forEach(
        entry -> {
          if (entry.db() == db) {
            wake(entry.value());
          }
        });
  }

  /** Touches the watched keys of a database that are there in it or in another. */
  private void touchPresent(int db, int other) {
    watched.forEach(
        entry -> {
          if (entry.db() == db && (isThere(db, entry.key()) || isThere(other, entry.key()))) {
            touch(entry.value());
          }
        });
  }

  private boolean isThere(int db, byte[] key) {
    return keyspace(db).find(key, 0, key.length, HashSlot.of(key, 0, key.length)) != 0;
  }

  void watch(WatchedKey key) {
    shard.lock();
    try {
      List<WatchedKey> watches = watched.find(key.db(), key.key(), 0, key.key().length);
      if (watches == null) {
        watches = new ArrayList<>(1);
        watched.add(key.db(), key.key(), watches);
      }
      watches.add(key);
    } finally {
      shard.unlock();
    }
  }

  void unwatch(WatchedKey key) {
    shard.lock();
    try {
      @Nullable List<WatchedKey> watches = watched.find(key.db(), key.key(), 0, key.key().length);
      if (watches != null) {
        watches.remove(key);
        if (watches.isEmpty()) {
          watched.remove(key.db(), key.key(), 0, key.key().length);
        }
      }
    } finally {
      shard.unlock();
    }
  }
}
