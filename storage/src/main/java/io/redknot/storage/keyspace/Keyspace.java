package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.RandomSource;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one database in one shard.
 *
 * <p>An entry is named by its reference, a {@code long}; 0 is none. A reference is valid until the
 * next verb that writes: those that may move an entry return its new reference. Keys are given as
 * borrowed bytes together with their slot. Time is set once per command with {@link #time}.
 *
 * <p>An expired entry is never returned: it is removed when it is met, unless removal is suspended
 * (a replica, paused clients), when it is only hidden.
 */
public final class Keyspace implements RandomSource {
  /** Expiry of an entry that has none. */
  public static final long NO_EXPIRY = Long.MIN_VALUE;

  private final PageArena arena;
  private final LargeObjects large = new LargeObjects();
  private final NodeStore nodes;
  private final Dropped dropped;
  private final SlotTables tables;
  private final ExpiryWheel wheel;
  private final EntryStore store;
  private final EntryMatcher matcher;
  private final KeyspaceMemory memory;
  private final KeyspaceWalk walk;
  private final KeyHash hash;
  private final Accesses accesses;
  private final KeyspaceStats stats;
  private final ShardEvents events;
  private final RandomGenerator random;
  private final int slotShift;
  private long size;
  private long nowMs;

  /** What expires before this is expired: the time, or the least where nothing is to expire. */
  private long aliveFromMs;

  private boolean expiryHidesOnly;

  // The slot and tag of the key that was looked up last.
  private int slot;
  private long tag;

  /** The entry of that key where it is expired and only hidden. */
  long hidden;

  private @Nullable EntryKeeper keeper;
  private int snapshotEpoch;

  Keyspace(ShardTools tools, int slots, int slotShift, long nowMs) {
    this.hash = tools.hash();
    this.stats = tools.stats();
    this.events = tools.events();
    this.random = tools.random();
    this.slotShift = slotShift;
    time(nowMs);
    this.arena = new PageArena(tools.pages());
    this.accesses = new Accesses(arena, tools.clock(), random);
    this.nodes = new NodeStore(arena);
    this.dropped = new Dropped(stats);
    this.tables = new SlotTables(arena, slots);
    this.wheel = new ExpiryWheel(arena, nowMs);
    this.store = new EntryStore(arena, large, wheel, nodes, dropped);
    this.matcher = new EntryMatcher(arena, large);
    this.memory = new KeyspaceMemory(this, large, store, dropped);
    this.walk = new KeyspaceWalk(this, tables, slotShift);
  }

  /** Sets the time of what follows, Unix ms. */
  public void time(long unixMs) {
    nowMs = unixMs;
    aliveFromMs = unixMs;
  }

  /** As {@link #time}, but no entry is expired whatever its expiry. */
  public void timeWithoutExpiry(long unixMs) {
    nowMs = unixMs;
    aliveFromMs = Long.MIN_VALUE;
  }

  /** The time of the command that runs, Unix ms. */
  public long nowMs() {
    return nowMs;
  }

  /** While set, expired entries are hidden but not removed. */
  public void hideExpiredOnly(boolean value) {
    expiryHidesOnly = value;
  }

  /** Whether expired entries are hidden but not removed. */
  public boolean hidesExpiredOnly() {
    return expiryHidesOnly;
  }

  /** Number of keys, with those that are expired and not removed yet. */
  public long size() {
    return size;
  }

  /** Number of keys that have an expiry. */
  public long expiring() {
    return wheel.size();
  }

  /** Mean time to live of the keys that have one, in ms; 0 where none has. */
  public long meanTtlMs() {
    return wheel.size() == 0 ? 0 : Math.max(0, wheel.meanExpiryMs() - nowMs);
  }

  /** What the keys take, and giving back what is free. */
  public KeyspaceMemory memory() {
    return memory;
  }

  /** Going over the keys, slot by slot. */
  public KeyspaceWalk walk() {
    return walk;
  }

  /** The counters shared with the other keyspaces of the shard. */
  public KeyspaceStats stats() {
    return stats;
  }

  /** Counts a change of the data set. */
  public void changed() {
    stats.changes++;
  }

  /** Counts so many changes of the data set. */
  public void changed(long changes) {
    stats.changes += changes;
  }

  private long locate(byte[] key, int offset, int length, int keySlot) {
    hidden = 0;
    slot = keySlot >>> slotShift;
    tag = tagOf(key, offset, length);
    return tables.find(slot, tag, matcher.key(key, offset, length));
  }

  /**
   * Looks a key up without counting or touching: for writes and for introspection. A snapshot that
   * has not reached the entry keeps it as it is.
   */
  public long find(byte[] key, int offset, int length, int keySlot) {
    long ref = findLive(key, offset, length, keySlot);
    if (ref != 0) {
      keep(ref);
    }
    return ref;
  }

  private long findLive(byte[] key, int offset, int length, int keySlot) {
    long ref = locate(key, offset, length, keySlot);
    return ref != 0 && isExpired(ref) ? expireFound(ref) : ref;
  }

  /**
   * From now on shows each entry to a keeper before it changes for the first time, and none that is
   * made from now on; null ends that.
   *
   * @param epoch 1 to 255: what marks the entries that were kept; no entry has this mark yet
   */
  public void keepEntries(@Nullable EntryKeeper by, int epoch) {
    keeper = by;
    snapshotEpoch = epoch;
  }

  /** Shows an entry to the keeper, if there is one and it has not seen it. */
  public void keep(long ref) {
    EntryKeeper by = keeper;
    if (by != null && store.markKept(ref, snapshotEpoch)) {
      by.keep(this, ref);
    }
  }

  /** Looks a key up for reading: counts a hit or a miss and renews the access clock. */
  public long read(byte[] key, int offset, int length, int keySlot) {
    long ref = readNoTouch(key, offset, length, keySlot);
    if (ref != 0) {
      touch(ref);
    }
    return ref;
  }

  /** Looks a key up for reading: counts a hit or a miss and leaves the access clock alone. */
  public long readNoTouch(byte[] key, int offset, int length, int keySlot) {
    long ref = findLive(key, offset, length, keySlot);
    if (ref == 0) {
      stats.misses++;
    } else {
      stats.hits++;
    }
    return ref;
  }

  /** Renews an entry's access clock. */
  public void touch(long ref) {
    accesses.renew(ref, nowMs);
  }

  /** When keys were used last, and whether that is noted. */
  public Accesses accesses() {
    return accesses;
  }

  private boolean isExpired(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return EntryFormat.has(page, at, EntryFormat.EXPIRES)
        && Bytes.getLong(page, at + EntryFormat.EXPIRY) < aliveFromMs;
  }

  private long expireFound(long ref) {
    if (expiryHidesOnly) {
      hidden = ref;
    } else {
      stats.expired++;
      events.expired(this, ref);
      remove(ref);
    }
    return 0;
  }

  /** The type of an entry, see {@link EntryFormat}. */
  public int type(long ref) {
    return EntryFormat.type(arena.page(ref), PageArena.offset(ref));
  }

  /** The encoding of an entry within its type. */
  public int encoding(long ref) {
    return EntryFormat.encoding(arena.page(ref), PageArena.offset(ref));
  }

  /** Whether an entry's string was edited in place since it was set. */
  public boolean isEdited(long ref) {
    return EntryFormat.has(arena.page(ref), PageArena.offset(ref), EntryFormat.EDITED);
  }

  /** Marks an entry's string as edited in place. */
  public void markEdited(long ref) {
    arena.page(ref)[PageArena.offset(ref) + EntryFormat.FLAGS] |= EntryFormat.EDITED;
  }

  /** Expiry of an entry, Unix ms, or {@link #NO_EXPIRY}. */
  public long expiry(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return EntryFormat.has(page, at, EntryFormat.EXPIRES)
        ? Bytes.getLong(page, at + EntryFormat.EXPIRY)
        : NO_EXPIRY;
  }

  /** The access clock of an entry, to be read by {@link AccessClock}. */
  public int accessClock(long ref) {
    return accesses.clock(ref);
  }

  /** Sets the access clock of an entry. */
  public void accessClock(long ref, int value) {
    accesses.clock(ref, value);
  }

  /** The array that holds an entry's key; borrowed. */
  public byte[] keyArray(long ref) {
    return store.keyArray(ref);
  }

  /** First byte of the key in {@link #keyArray}. */
  public int keyOffset(long ref) {
    return store.keyOffset(ref);
  }

  /** Length of an entry's key in bytes. */
  public int keyLength(long ref) {
    return EntryFormat.keyLength(arena.page(ref), PageArena.offset(ref));
  }

  /** An owned copy of an entry's key. */
  public byte[] keyCopy(long ref) {
    int from = keyOffset(ref);
    return Arrays.copyOfRange(keyArray(ref), from, from + keyLength(ref));
  }

  /** The array that holds an entry's value; borrowed; writing into it edits the value. */
  public byte[] valueArray(long ref) {
    return store.valueArray(ref);
  }

  /** First byte of the value in {@link #valueArray}. */
  public int valueOffset(long ref) {
    return store.valueOffset(ref);
  }

  /** Length of an entry's value in bytes. */
  public int valueLength(long ref) {
    return EntryFormat.valueLength(arena.page(ref), PageArena.offset(ref));
  }

  /**
   * Gives a key a value of the given kind and length, whose bytes the caller then writes; the key
   * is created where it does not exist. The expiry of an existing key stays.
   *
   * @param ref what {@link #find} just returned for that key
   * @return the entry's reference
   */
  public long put(
      long ref, byte[] key, int offset, int length, int type, int encoding, int valueLength) {
    int kind = EntryFormat.kind(type, encoding);
    if (ref != 0) {
      keep(ref);
      return found(ref, store.resetValue(ref, kind, valueLength));
    }
    if (!matcher.isFor(key, offset, length)) {
      throw new IllegalStateException("the key is not the one that was looked up last");
    }
    removeHidden();
    long now = store.create(key, offset, length, kind, valueLength, NO_EXPIRY);
    insert(now);
    return now;
  }

  /**
   * Gives a key a collection as its value; the key is created where it does not exist. The expiry
   * of an existing key stays, its old value is dropped.
   *
   * @param ref what {@link #find} just returned for that key
   * @param value a collection with nodes in {@link #nodes}; the keyspace owns it from now on
   * @return the entry's reference
   */
  public long putLarge(long ref, byte[] key, int offset, int length, int type, LargeValue value) {
    int kind = EntryFormat.kind(type, EntryFormat.LARGE);
    if (ref != 0) {
      keep(ref);
      return found(ref, store.resetToCollection(ref, kind, value));
    }
    if (!matcher.isFor(key, offset, length)) {
      throw new IllegalStateException("the key is not the one that was looked up last");
    }
    removeHidden();
    long now = store.createCollection(key, offset, length, kind, value, NO_EXPIRY);
    insert(now);
    return now;
  }

  /** The collection that is an entry's value, whose encoding is {@link EntryFormat#LARGE}. */
  public LargeValue large(long ref) {
    return store.collection(ref);
  }

  /** Gives the nodes of a collection that nobody reaches any more back, a few at a time. */
  public void drop(LargeValue value) {
    dropped.add(value);
  }

  /** Where collections of this keyspace keep their elements. */
  public NodeStore nodes() {
    return nodes;
  }

  /** The hash by which collections find their elements. */
  public KeyHash hash() {
    return hash;
  }

  private void removeHidden() {
    if (hidden != 0) {
      remove(hidden);
      hidden = 0;
    }
  }

  private void insert(long ref) {
    accesses.begin(ref, nowMs);
    if (keeper != null) {
      var _ = store.markKept(ref, snapshotEpoch);
    }
    tables.insert(slot, tag, ref);
    size++;
    events.created(this, ref);
  }

  /**
   * Sets the length of a value of bytes; what it has stays, new bytes are zeros.
   *
   * @param ref what {@link #find} just returned
   * @return the entry's reference
   */
  public long resize(long ref, int valueLength) {
    keep(ref);
    return found(ref, store.resizeValue(ref, valueLength));
  }

  private long found(long before, long now) {
    if (now != before) {
      tables.replaceFound(before, now);
    }
    return now;
  }

  /**
   * Sets or, with {@link #NO_EXPIRY}, removes the expiry.
   *
   * @param ref what {@link #find}, {@link #read} or {@link #put} just returned
   * @return the entry's reference
   */
  public long expireAt(long ref, long expiryMs) {
    if (expiry(ref) == expiryMs) {
      return ref;
    }
    keep(ref);
    wheel.timeIfEmpty(nowMs);
    return found(ref, store.setExpiry(ref, expiryMs));
  }

  /**
   * Removes an entry.
   *
   * @param ref what {@link #find} just returned
   */
  public void remove(long ref) {
    keep(ref);
    tables.removeFound(slot, ref);
    store.destroy(ref);
    size--;
  }

  /** Removes a key; whether it was there and not expired. */
  public boolean remove(byte[] key, int offset, int length, int keySlot) {
    return removeIfAny(find(key, offset, length, keySlot));
  }

  /** As {@link #remove(byte[], int, int, int)}, but does not ask whether it is expired. */
  public boolean removeEvenExpired(byte[] key, int offset, int length, int keySlot) {
    return removeIfAny(locate(key, offset, length, keySlot));
  }

  private boolean removeIfAny(long ref) {
    if (ref != 0) {
      remove(ref);
    }
    return ref != 0;
  }

  /**
   * Makes a copy of an entry under another key, which must not exist: value, kind, expiry; the
   * access clock starts anew.
   *
   * @param from the keyspace of the entry, whose lock is held too
   * @param ref the entry in that keyspace; it stays where it is
   */
  public void copyFrom(Keyspace from, long ref, byte[] key, int offset, int length, int keySlot) {
    int kind = EntryFormat.kind(from.type(ref), from.encoding(ref));
    int valueLength = from.valueLength(ref);
    if (find(key, offset, length, keySlot) != 0) {
      throw new IllegalStateException("the target key exists");
    }
    removeHidden();
    wheel.timeIfEmpty(nowMs);
    if (from.store.isCollection(ref)) {
      LargeValue value = from.large(ref).copyTo(nodes);
      insert(store.createCollection(key, offset, length, kind, value, from.expiry(ref)));
      return;
    }
    long copy = store.create(key, offset, length, kind, valueLength, from.expiry(ref));
    System.arraycopy(
        from.valueArray(ref),
        from.valueOffset(ref),
        valueArray(copy),
        valueOffset(copy),
        valueLength);
    if (from.isEdited(ref)) {
      markEdited(copy);
    }
    insert(copy);
  }

  /**
   * Moves an entry here under another or the same key, which must not exist: value, kind, expiry
   * and access clock go with it, and a large value is not copied.
   *
   * @param from the keyspace of the entry, whose lock is held too; it may be this one
   * @param ref the entry in that keyspace; it is gone afterwards
   */
  public void moveFrom(Keyspace from, long ref, byte[] key, int offset, int length, int keySlot) {
    if (find(key, offset, length, keySlot) != 0) {
      throw new IllegalStateException("the target key exists");
    }
    removeHidden();
    from.keep(ref);
    wheel.timeIfEmpty(nowMs);
    long moved = store.createFrom(from.store, ref, key, offset, length);
    if (from.isEdited(ref)) {
      markEdited(moved);
    }
    insert(moved);
    accessClock(moved, from.accessClock(ref));
    from.locateBlock(ref);
    from.remove(ref);
  }

  @Override
  public long draw(long bound) {
    return random.nextLong(bound);
  }

  /** A uniformly drawn entry; it may be expired. 0 where there is none. */
  public long randomEntry() {
    if (size == 0) {
      return 0;
    }
    return tables.random(tables.slotOfRank(random.nextLong(size)), random);
  }

  /** Whether an entry's time has come; such an entry is hidden from look-ups. */
  public boolean isGone(long ref) {
    return isExpired(ref);
  }

  /**
   * Removes entries whose time has come.
   *
   * @param stepsMax how many entries and time buckets to look at
   * @return whether everything due is gone, or nothing may be removed now
   */
  public boolean removeExpired(int stepsMax) {
    if (expiryHidesOnly) {
      return true;
    }
    wheel.allowSteps(stepsMax);
    long ref = wheel.due(nowMs);
    while (ref > 0) {
      locateBlock(ref);
      stats.expired++;
      events.expired(this, ref);
      remove(ref);
      ref = wheel.due(nowMs);
    }
    return ref == 0;
  }

  /**
   * The time before which {@link #removeExpired} has nothing to do, once it has removed all that is
   * due, while no key is given an expiry; Unix ms.
   */
  public long nextDueMs() {
    return expiryHidesOnly && wheel.size() > 0 ? nowMs : wheel.nextDueMs();
  }

  private void locateBlock(long ref) {
    byte[] key = keyArray(ref);
    int offset = keyOffset(ref);
    int length = keyLength(ref);
    if (locate(key, offset, length, slotOf(key, offset, length)) != ref) {
      throw new IllegalStateException("an entry is not in its table");
    }
  }

  /** The slot of a key as this keyspace counts slots. */
  public int slotOf(byte[] key, int offset, int length) {
    return HashSlot.of(key, offset, length);
  }

  /** The table in which an entry is found, by its place in the shard. */
  int tableOf(long ref) {
    return slotOf(keyArray(ref), keyOffset(ref), keyLength(ref)) >>> slotShift;
  }

  /** The tag under which an entry is found. */
  long tagOf(long ref) {
    return tagOf(keyArray(ref), keyOffset(ref), keyLength(ref));
  }

  long tagOf(byte[] key, int offset, int length) {
    return hash.of(key, offset, length) >>> (Long.SIZE - SegmentFormat.TAG_BITS);
  }

  SlotTables tables() {
    return tables;
  }

  PageArena arena() {
    return arena;
  }
}
