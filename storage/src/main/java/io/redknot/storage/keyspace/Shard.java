package io.redknot.storage.keyspace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.PagePool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * A part of the slots with its own lock. Whoever touches a keyspace holds the lock of its shard;
 * who needs several shards takes them in ascending order. Under a lock nothing waits and no I/O
 * happens.
 */
public final class Shard {
  private static final int PARKS_MAX = 50;
  private static final long PARK_NANOS = 20_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final int index;
  private final int slots;
  private final int slotShift;
  private final ShardTools tools;
  private final ExpiryRule expiry;

  @GuardedBy("lock")
  private final Keyspace[] keyspaces;

  /** The rule as it was when the lock was taken: it stays while a command runs. */
  @GuardedBy("lock")
  private boolean hidesExpiredOnly;

  Shard(int index, int databases, int shardsLog2, ShardTools tools, ExpiryRule expiry) {
    this.index = index;
    this.expiry = expiry;
    this.slots = HashSlot.COUNT >>> shardsLog2;
    this.slotShift = shardsLog2;
    this.tools = tools;
    this.keyspaces = new Keyspace[databases];
    for (int i = 0; i < databases; i++) {
      keyspaces[i] = newKeyspace(0);
    }
  }

  static ShardTools tools(
      long hashSeed, AccessClock clock, PagePool pages, RandomGenerator random) {
    return new ShardTools(
        new KeyHash(hashSeed), clock, new KeyspaceStats(), new ShardEvents(), pages, random);
  }

  private Keyspace newKeyspace(long nowMs) {
    return new Keyspace(tools, slots, slotShift, nowMs);
  }

  /** Position among the shards; locks are taken in this order. */
  public int index() {
    return index;
  }

  /** Number of slots of this shard. */
  public int slots() {
    return slots;
  }

  /** Slot of the {@code local}-th place in this shard. */
  public int slotAt(int local) {
    return local << slotShift | index;
  }

  /** Takes the lock. */
  @SuppressWarnings("GuardedBy") // held from the first line on
  public void lock() {
    lock.lock();
    followRule();
  }

  /** Takes the lock; false where it is not to be had within so many nanoseconds. */
  @SuppressWarnings("GuardedBy") // held where it was taken
  public boolean tryLock(long nanos) {
    try {
      if (!lock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    followRule();
    return true;
  }

  @GuardedBy("lock")
  private void followRule() {
    if (hidesExpiredOnly != expiry.hidesOnly() && lock.getHoldCount() == 1) {
      followNewRule();
    }
  }

  @GuardedBy("lock")
  private void followNewRule() {
    hidesExpiredOnly = expiry.hidesOnly();
    for (Keyspace keyspace : keyspaces) {
      keyspace.hideExpiredOnly(hidesExpiredOnly);
    }
  }

  /** Gives the lock back. */
  public void unlock() {
    lock.unlock();
  }

  /** Gives the lock to those who wait for it, if there are any, and takes it again. */
  public void letOthersIn() {
    if (!lock.hasQueuedThreads()) {
      return;
    }
    lock.unlock();
    // Who was woken has to get it before it is taken again; the number bounds the kindness.
    for (int i = 0; i < PARKS_MAX && lock.hasQueuedThreads(); i++) {
      LockSupport.parkNanos(PARK_NANOS);
    }
    lock();
  }

  /** Whether the calling thread holds the lock. */
  public boolean isLocked() {
    return lock.isHeldByCurrentThread();
  }

  /** A database's keys in this shard; the lock is held. */
  @SuppressWarnings("GuardedBy") // the caller holds the lock through lock()
  public Keyspace keyspace(int database) {
    return keyspaces[database];
  }

  /** The database whose keys in this shard these are; -1: none any more. The lock is held. */
  @SuppressWarnings("GuardedBy") // as above
  public int databaseOf(Keyspace keyspace) {
    for (int i = 0; i < keyspaces.length; i++) {
      if (keyspaces[i] == keyspace) {
        return i;
      }
    }
    return -1;
  }

  /** Somebody more who is told what happens to keys without a command; the lock is held. */
  public void listener(KeyspaceListener listener) {
    tools.events().add(listener);
  }

  /** Counters over all databases; the lock is held. */
  public KeyspaceStats stats() {
    return tools.stats();
  }

  /** Forgets all keys of a database, in constant time; the lock is held. */
  @SuppressWarnings("GuardedBy") // as above
  public void flush(int database, long nowMs) {
    Keyspace old = keyspaces[database];
    if (old.size() == 0) {
      return;
    }
    old.time(nowMs);
    tools.events().flushing(database);
    Keyspace empty = newKeyspace(nowMs);
    empty.hideExpiredOnly(hidesExpiredOnly);
    tools.stats().changes += old.size();
    keyspaces[database] = empty;
  }

  /** An empty keyspace for a place aside. */
  Keyspace newKeyspaceAside(long nowMs) {
    Keyspace made = newKeyspace(nowMs);
    made.hideExpiredOnly(expiry.hidesOnly());
    return made;
  }

  /** Puts other keys in the place of a database's; the lock is held. */
  @SuppressWarnings("GuardedBy") // as above
  void replace(int database, Keyspace by) {
    tools.stats().changes += keyspaces[database].size() + by.size();
    by.hideExpiredOnly(hidesExpiredOnly);
    keyspaces[database] = by;
  }

  /** Exchanges two databases; the lock is held. */
  @SuppressWarnings("GuardedBy") // as above
  public void swap(int a, int b, long nowMs) {
    Keyspace first = keyspaces[a];
    first.time(nowMs);
    keyspaces[b].time(nowMs);
    tools.events().swapping(a, b);
    keyspaces[a] = keyspaces[b];
    keyspaces[b] = first;
  }
}
