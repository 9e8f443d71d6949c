package io.redknot.server.tracking;

import io.redknot.server.net.IoLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes of keys that clients want to be told of whether they have read them or not, and what
 * has changed since they were told last: they are told once for all commands that a connection sent
 * together.
 *
 * <p>The lock is taken inside those of shards, and nothing waits under it.
 */
final class Broadcasts {
  /** So many changed keys of a prefix are told at once, and not later. */
  private static final int KEYS_MAX = 10_000;

  /** A prefix, who wants to be told of it, and what they are to be told next. */
  private static final class Prefix {
    private final byte[] bytes;
    private final Set<Tracker> members = new LinkedHashSet<>();

    /** Each key with who changed it last, where that is a client that tracks keys. */
    private Map<byte[], @Nullable Tracker> changed = new TreeMap<>(Arrays::compareUnsigned);

    Prefix(byte[] bytes) {
      this.bytes = bytes;
    }

    boolean isOf(byte[] key) {
      if (key.length < bytes.length) {
        return false;
      }
      for (int i = 0; i < bytes.length; i++) {
        if (key[i] != bytes[i]) {
          return false;
        }
      }
      return true;
    }

    void tell() {
      if (changed.isEmpty()) {
        return;
      }
      Map<byte[], @Nullable Tracker> news = changed;
      changed = new TreeMap<>(Arrays::compareUnsigned);
      List<byte[]> all = keys(news, null);
      for (Tracker member : members) {
        TrackingMode mode = member.mode();
        boolean some = mode != null && mode.noLoop() && news.containsValue(member);
        List<byte[]> keys = some ? keys(news, member) : all;
        if (!keys.isEmpty()) {
          member.send(keys);
        }
      }
    }

    private static List<byte[]> keys(
        Map<byte[], @Nullable Tracker> news, @Nullable Tracker without) {
      List<byte[]> keys = new ArrayList<>(news.size());
      for (Map.Entry<byte[], @Nullable Tracker> entry : news.entrySet()) {
        if (without == null || entry.getValue() != without) {
          keys.add(entry.getKey());
        }
      }
      return keys;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<byte[], Prefix> prefixes = new TreeMap<>(Arrays::compareUnsigned);

  /** Something has changed that not all have been told of. */
  private volatile boolean pending;

  private volatile int count;

  /** Whether anybody wants to be told. */
  boolean isAny() {
    return count > 0;
  }

  /** Number of different prefixes. */
  int count() {
    return count;
  }

  void join(byte[] prefix, Tracker member) {
    lock.lock();
    try {
      prefixes.computeIfAbsent(prefix, _ -> new Prefix(prefix)).members.add(member);
      count = prefixes.size();
    } finally {
      lock.unlock();
    }
  }

  void leave(byte[] prefix, Tracker member) {
    lock.lock();
    try {
      Prefix left = prefixes.get(prefix);
      if (left != null && left.members.remove(member) && left.members.isEmpty()) {
        prefixes.remove(prefix);
        count = prefixes.size();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A key has changed; its shard is locked.
   *
   * @param key kept
   * @param cause the client that did so, where it tracks keys
   */
  void changed(byte[] key, @Nullable Tracker cause) {
    lock.lock();
    try {
      for (Prefix prefix : prefixes.values()) {
        if (prefix.isOf(key)) {
          prefix.changed.put(key, cause);
          if (prefix.changed.size() >= KEYS_MAX) {
            prefix.tell();
          } else if (!pending) {
            pending = true;
            tellSoon(prefix);
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Behind the commands that the thread's connection has sent together with this one. Their replies
   * do not wait for that: who writes them asks {@link #tellPending} first.
   */
  private void tellSoon(Prefix prefix) {
    IoLoop own = IoLoop.current();
    IoLoop loop = own == null ? prefix.members.iterator().next().client().loop() : own;
    loop.execute(this::tellAll);
  }

  /** Tells what has changed, before anybody is answered that it has. */
  void tellPending() {
    if (pending) {
      tellAll();
    }
  }

  private void tellAll() {
    lock.lock();
    try {
      prefixes.values().forEach(Prefix::tell);
      // Not before: whoever finds nothing pending relies on that all is handed over.
      pending = false;
    } finally {
      lock.unlock();
    }
  }
}
