package io.redknot.server.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.config.LongSetting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds against {@code maxmemory-clients}: while clients take more memory in all, the largest are
 * disconnected.
 *
 * <p>Clients stand in buckets by the power of two of their size, so that a large one is found
 * without looking at all. A client is counted anew behind what its event loop does for it, and once
 * more before it is disconnected, as its output may have drained since. Nothing is counted without
 * a limit.
 *
 * <p>Any thread. Nothing waits under the lock, and no other is taken.
 */
public final class ClientEviction {
  private static final Logger LOG = LoggerFactory.getLogger(ClientEviction.class);

  /** Clients up to this size are in one bucket: there may be many, and it is little. */
  private static final int SMALLEST_LOG = 15;

  private static final int LARGEST_LOG = 33;
  private static final int BUCKETS = LARGEST_LOG - SMALLEST_LOG + 1;

  /** With less nobody could connect to set a better limit. */
  private static final long LIMIT_BYTES_MIN = 128L * 1024;

  private static final long PERCENT = 100;

  private final ClientRegistry clients;
  private final LongSetting setting;
  private final LongSetting maxmemory;
  private final AtomicLong evicted = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();

  /** 0: none. */
  private volatile long limitBytes;

  @GuardedBy("lock")
  private final List<List<ConnectionHandler>> buckets = new ArrayList<>(0);

  @GuardedBy("lock")
  private long totalBytes;

  @GuardedBy("lock")
  private boolean inVain;

  /**
   * Makes one that holds against nothing yet.
   *
   * @param setting a number of bytes; where it is negative, a share of {@code maxmemory} in percent
   */
  public ClientEviction(ClientRegistry clients, LongSetting setting, LongSetting maxmemory) {
    this.clients = clients;
    this.setting = setting;
    this.maxmemory = maxmemory;
  }

  /** Whether there is a limit. */
  boolean isOn() {
    return limitBytes > 0;
  }

  /** Number of clients that were disconnected since the start or the last reset. */
  public long evicted() {
    return evicted.get();
  }

  /** Starts counting anew, as CONFIG RESETSTAT does. */
  public void resetStats() {
    evicted.set(0);
  }

  /** The limit has changed, or what it is a share of. */
  public void update() {
    long value = setting.get();
    long wanted = value >= 0 ? value : maxmemory.get() / PERCENT * -value;
    lock.lock();
    try {
      limitBytes = wanted == 0 ? 0 : Math.max(LIMIT_BYTES_MIN, wanted);
      while (buckets.size() < BUCKETS && isOn()) {
        buckets.add(new ArrayList<>());
      }
      for (ConnectionHandler client : clients.all()) {
        count(client);
      }
      evict();
    } finally {
      lock.unlock();
    }
  }

  /** A client may take more or less than before; only where there is a limit. */
  void onChange(ConnectionHandler client) {
    if (bytesOf(client) == client.memory().countedBytes) {
      return;
    }
    lock.lock();
    try {
      count(client);
      evict();
    } finally {
      lock.unlock();
    }
  }

  /** A client has gone. */
  void remove(ConnectionHandler client) {
    if (isOn() || client.memory().countedBytes > 0) {
      lock.lock();
      try {
        count(client, 0);
      } finally {
        lock.unlock();
      }
    }
  }

  private long bytesOf(ConnectionHandler client) {
    boolean counts = isOn() && !client.isGone() && isLimited(client.session());
    return counts ? client.memory().totalBytes() : 0;
  }

  /** A replica's buffers are needed, and who asked not to be disconnected is not counted. */
  private static boolean isLimited(Session session) {
    ClientKind kind = session.kind();
    return !session.noEvict() && (kind == ClientKind.NORMAL || kind == ClientKind.PUBSUB);
  }

  @GuardedBy("lock")
  private void count(ConnectionHandler client) {
    count(client, bytesOf(client));
  }

  @GuardedBy("lock")
  private void count(ConnectionHandler client, long bytes) {
    ClientMemory memory = client.memory();
    totalBytes += bytes - memory.countedBytes;
    memory.countedBytes = bytes;
    int bucket = bytes == 0 ? -1 : bucketOf(bytes);
    if (bucket == memory.bucket) {
      return;
    }
    if (memory.bucket >= 0) {
      List<ConnectionHandler> left = buckets.get(memory.bucket);
      ConnectionHandler last = left.removeLast();
      if (last != client) {
        left.set(memory.place, last);
        last.memory().place = memory.place;
      }
    }
    memory.bucket = bucket;
    if (bucket >= 0) {
      List<ConnectionHandler> entered = buckets.get(bucket);
      memory.place = entered.size();
      entered.add(client);
    }
  }

  private static int bucketOf(long bytes) {
    int log = Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes);
    return Math.clamp(log, SMALLEST_LOG, LARGEST_LOG) - SMALLEST_LOG;
  }

  @GuardedBy("lock")
  private void evict() {
    for (int i = buckets.size() - 1; i >= 0 && isOver(); i--) {
      evictFrom(i);
    }
    boolean nobodyLeft = isOver();
    if (nobodyLeft && !inVain) {
      LOG.warn("Over client maxmemory after evicting all evictable clients");
    }
    inVain = nobodyLeft;
  }

  @GuardedBy("lock")
  private boolean isOver() {
    return isOn() && totalBytes >= limitBytes;
  }

  /** By index and from the end, as whoever leaves is replaced by the last. */
  @GuardedBy("lock")
  private void evictFrom(int bucket) {
    List<ConnectionHandler> all = buckets.get(bucket);
    for (int i = all.size() - 1; i >= 0 && isOver(); i--) {
      ConnectionHandler client = all.get(i);
      count(client);
      boolean stillLarge = client.memory().bucket >= bucket;
      if (stillLarge && isOver()) {
        evict(client);
      }
    }
  }

  @GuardedBy("lock")
  private void evict(ConnectionHandler client) {
    evicted.incrementAndGet();
    LOG.info(
        "Evicting client {} of {} bytes",
        client.session().peer().remote(),
        client.memory().countedBytes);
    client.kill();
    count(client, 0);
  }
}
