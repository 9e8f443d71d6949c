package io.redknot.server.tracking;

import io.redknot.server.config.LongSetting;
import io.redknot.server.net.ClientRegistry;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.storage.memory.KeyHash;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** All clients that track keys, and how much is remembered for them. Any thread. */
public final class Tracking {
  private final ClientRegistry clients;
  private final LongSetting keysMax;
  private final KeyHash hash;
  private final Broadcasts broadcasts = new Broadcasts();
  private final ConcurrentHashMap<Integer, Tracker> trackers = new ConcurrentHashMap<>(0);
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicLong keys = new AtomicLong();
  private final AtomicLong items = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Nobody tracks anything yet.
   *
   * @param keysMax how many keys are remembered at most; 0: any number
   * @param hash of keys, by which nobody can choose those that collide
   */
  public Tracking(ClientRegistry clients, LongSetting keysMax, KeyHash hash) {
    this.clients = clients;
    this.keysMax = keysMax;
    this.hash = hash;
  }

  KeyHash hash() {
    return hash;
  }

  /** What a client tracks, to be changed; on its event loop. */
  public Tracker tracker(ConnectionHandler client) {
    Tracker found = client.session().tracker();
    if (found == null) {
      found = new Tracker(this, client, lastNumber.incrementAndGet());
      trackers.put(found.number(), found);
      client.session().tracker(found);
    }
    return found;
  }

  /** A connection has ended: what is remembered for it is told nobody when it changes. */
  public void remove(Tracker tracker) {
    tracker.stop();
    trackers.remove(tracker.number());
  }

  @Nullable Tracker find(int number) {
    return trackers.get(number);
  }

  @Nullable ConnectionHandler client(long id) {
    return clients.find(id);
  }

  Broadcasts broadcasts() {
    return broadcasts;
  }

  /** Before replies are written: what their commands have changed is on its way to all. */
  public void beforeReplies() {
    broadcasts.tellPending();
  }

  void activeChanged(int by) {
    active.addAndGet(by);
  }

  void count(int keysMore, long itemsMore, long bytesMore) {
    keys.addAndGet(keysMore);
    items.addAndGet(itemsMore);
    bytes.addAndGet(bytesMore);
  }

  /** Whether more keys are remembered than may be. */
  public boolean isFull() {
    long max = keysMax.get();
    return max > 0 && keys.get() > max;
  }

  /** All keys were changed or removed; all shards are locked and nothing is remembered of them. */
  public void flushed() {
    for (Tracker tracker : trackers.values()) {
      tracker.onFlush();
    }
  }

  /** Number of clients that track keys. */
  public int clientCount() {
    return active.get();
  }

  /** Number of keys that are remembered. */
  public long keyCount() {
    return keys.get();
  }

  /** Number of clients that are remembered, summed over the keys. */
  public long itemCount() {
    return items.get();
  }

  /** Number of different prefixes of all clients. */
  public int prefixCount() {
    return broadcasts.count();
  }

  /** About the bytes of memory that what is remembered takes. */
  public long sizeBytes() {
    return bytes.get();
  }
}
