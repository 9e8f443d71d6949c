package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import java.util.Arrays;

/**
 * The blocks of entries: written, changed in place where they fit, moved where they do not.
 *
 * <p>It knows nothing of tables: a verb that may move an entry returns where it is now.
 */
final class EntryStore {
  /** A value of more bytes is a large object. */
  static final int VALUE_INLINE_MAX = 128 * 1024;

  /** Values up to this length get no room to grow beyond what their block happens to have. */
  private static final int SPARELESS_MAX = 4096;

  /** A key of more bytes is a large object. */
  static final int KEY_INLINE_MAX = 64 * 1024;

  /** A block is kept for a smaller value unless more than this part of it would be unused. */
  private static final int SLACK_SHIFT = 2;

  private static final long LARGE_BYTES_MAX = Integer.MAX_VALUE - 64;

  final PageArena arena;
  final LargeObjects large;
  final ExpiryWheel wheel;
  private final NodeStore nodes;
  private final Dropped dropped;

  EntryStore(
      PageArena arena, LargeObjects large, ExpiryWheel wheel, NodeStore nodes, Dropped dropped) {
    this.nodes = nodes;
    this.arena = arena;
    this.large = large;
    this.wheel = wheel;
    this.dropped = dropped;
  }

  private static int layoutBytes(boolean expires, int keyBytes, int valueBytes) {
    return EntryFormat.HEADER_BYTES
        + (expires ? EntryFormat.EXPIRY_BYTES : 0)
        + keyBytes
        + valueBytes;
  }

  private static int keyBytes(int keyLength) {
    return keyLength > KEY_INLINE_MAX ? EntryFormat.HANDLE_BYTES : keyLength;
  }

  private static int valueBytes(int valueLength) {
    return valueLength > VALUE_INLINE_MAX ? EntryFormat.HANDLE_BYTES : valueLength;
  }

  /**
   * Writes a new entry without a value; the caller fills the value's bytes.
   *
   * @param valueLength room for the value in bytes; where it exceeds {@link #VALUE_INLINE_MAX} a
   *     large object
   * @param expiryMs Unix time, or {@link Keyspace#NO_EXPIRY}
   */
  long create(byte[] key, int offset, int length, int kind, int valueLength, long expiryMs) {
    boolean expires = expiryMs != Keyspace.NO_EXPIRY;
    int sizeClass =
        PageArena.classOf(layoutBytes(expires, keyBytes(length), valueBytes(valueLength)));
    long ref = arena.allocate(sizeClass);
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    Bytes.putLong(page, at, (kind & 0xff) | (long) sizeClass << 24);
    Bytes.putInt(page, at + EntryFormat.KEY_LENGTH, length);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, valueLength);
    if (expires) {
      page[at + EntryFormat.FLAGS] |= EntryFormat.EXPIRES;
      Bytes.putLong(page, at + EntryFormat.EXPIRY, expiryMs);
      wheel.add(ref);
    }
    int keyAt = EntryFormat.keyAt(page, at);
    if (length > KEY_INLINE_MAX) {
      page[at + EntryFormat.FLAGS] |= EntryFormat.LARGE_KEY;
      byte[] copy = Arrays.copyOfRange(key, offset, offset + length);
      Bytes.putInt(page, keyAt, large.add(copy));
    } else {
      System.arraycopy(key, offset, page, keyAt, length);
    }
    if (valueLength > VALUE_INLINE_MAX) {
      page[at + EntryFormat.FLAGS] |= EntryFormat.LARGE_VALUE;
      Bytes.putInt(page, EntryFormat.valueAt(page, at), large.add(new byte[valueLength]));
    }
    return ref;
  }

  /** Gives an entry's block back, and what it owns. */
  void destroy(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    if (EntryFormat.has(page, at, EntryFormat.EXPIRES)) {
      wheel.remove(ref);
    }
    if (EntryFormat.has(page, at, EntryFormat.LARGE_KEY)) {
      large.remove(Bytes.getInt(page, EntryFormat.keyAt(page, at)));
    }
    dropLargeValue(page, at);
    arena.free(ref, EntryFormat.sizeClass(page, at));
  }

  private void dropLargeValue(byte[] page, int at) {
    if (EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)) {
      int handle = Bytes.getInt(page, EntryFormat.valueAt(page, at));
      if (large.isValue(handle)) {
        dropped.add(large.value(handle));
      }
      detachLarge(page, at);
    }
  }

  /** Forgets a large value, which somebody else keeps. */
  private void detachLarge(byte[] page, int at) {
    large.remove(Bytes.getInt(page, EntryFormat.valueAt(page, at)));
    page[at + EntryFormat.FLAGS] &= ~EntryFormat.LARGE_VALUE;
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, 0);
  }

  /**
   * Gives the entry another value of the given kind and length; the old one is lost and the new
   * one's bytes are undefined. Key, expiry and access clock stay.
   *
   * @return where the entry is now
   */
  long resetValue(long ref, int kind, int valueLength) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    page[at + EntryFormat.KIND] = (byte) kind;
    page[at + EntryFormat.FLAGS] &= ~EntryFormat.EDITED;
    if (valueLength > VALUE_INLINE_MAX) {
      return resetLarge(ref, valueLength);
    }
    dropLargeValue(page, at);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, 0);
    long now = fit(ref, valueLength);
    Bytes.putInt(arena.page(now), PageArena.offset(now) + EntryFormat.VALUE_LENGTH, valueLength);
    return now;
  }

  private long resetLarge(long ref, int valueLength) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    if (!EntryFormat.has(page, at, EntryFormat.LARGE_VALUE) || isCollection(page, at)) {
      dropLargeValue(page, at);
      return becomeLarge(ref, 0, valueLength);
    }
    int handle = Bytes.getInt(page, EntryFormat.valueAt(page, at));
    int held = large.bytes(handle).length;
    if (held < valueLength || held - valueLength > held >> SLACK_SHIFT) {
      large.replace(handle, new byte[valueLength]);
    }
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, valueLength);
    return ref;
  }

  /**
   * Lengthens or shortens a value of bytes, keeping what it has; new bytes are zeros. Where a value
   * grows out of its block, room to grow further is left; where less than half of a block is needed
   * any more, the entry moves to a smaller one.
   *
   * @return where the entry is now
   */
  long resizeValue(long ref, int valueLength) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    int old = EntryFormat.valueLength(page, at);
    if (EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)) {
      return valueLength > VALUE_INLINE_MAX / 2
          ? resizeLarge(ref, valueLength)
          : becomeInline(ref, valueLength);
    }
    if (valueLength > VALUE_INLINE_MAX) {
      return becomeLarge(ref, old, valueLength);
    }
    int kept = Math.min(old, valueLength);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, kept);
    long now = fits(page, at, valueLength) ? ref : fit(ref, valueLength + spare(old, valueLength));
    page = arena.page(now);
    at = PageArena.offset(now);
    int valueAt = EntryFormat.valueAt(page, at);
    Arrays.fill(page, valueAt + kept, valueAt + valueLength, (byte) 0);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, valueLength);
    return now;
  }

  private static boolean fits(byte[] page, int at, int valueLength) {
    int needed = EntryFormat.valueAt(page, at) - at + valueLength;
    int held = PageArena.classBytes(EntryFormat.sizeClass(page, at));
    return needed <= held && PageArena.classBytes(PageArena.classOf(needed)) >= held / 2;
  }

  /** Block sizes lie an eighth apart or less, which is room enough where copying costs little. */
  private static int spare(int oldLength, int valueLength) {
    return valueLength > oldLength && valueLength > SPARELESS_MAX
        ? Math.min(valueLength / 8, VALUE_INLINE_MAX - valueLength)
        : 0;
  }

  private long resizeLarge(long ref, int valueLength) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    int handle = Bytes.getInt(page, EntryFormat.valueAt(page, at));
    byte[] bytes = large.bytes(handle);
    int old = EntryFormat.valueLength(page, at);
    if (valueLength > bytes.length) {
      long grown = Math.min(valueLength + (long) valueLength / 2, LARGE_BYTES_MAX);
      bytes = Arrays.copyOf(bytes, (int) Math.max(grown, valueLength));
      large.replace(handle, bytes);
    } else if (valueLength < bytes.length / 2) {
      bytes = Arrays.copyOf(bytes, valueLength);
      large.replace(handle, bytes);
    }
    if (valueLength > old) {
      Arrays.fill(bytes, old, valueLength, (byte) 0);
    }
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, valueLength);
    return ref;
  }

  private long becomeLarge(long ref, int keptLength, int valueLength) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    byte[] bytes = new byte[valueLength];
    System.arraycopy(page, EntryFormat.valueAt(page, at), bytes, 0, keptLength);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, 0);
    return attach(ref, large.add(bytes), valueLength);
  }

  /**
   * Writes a new entry with the value of another one, whose large object it takes over: that entry
   * is left with an empty value where it had one, and is to be destroyed.
   *
   * @return where the new entry is
   */
  long createFrom(EntryStore from, long source, byte[] key, int offset, int length) {
    byte[] page = from.arena.page(source);
    int at = PageArena.offset(source);
    int kind = page[at + EntryFormat.KIND] & 0xff;
    int valueLength = EntryFormat.valueLength(page, at);
    long expiryMs =
        EntryFormat.has(page, at, EntryFormat.EXPIRES)
            ? Bytes.getLong(page, at + EntryFormat.EXPIRY)
            : Keyspace.NO_EXPIRY;
    if (from.isCollection(source)) {
      LargeValue value = from.collection(source);
      if (from == this) {
        detachLarge(page, at);
      } else {
        // The source stays an entry with a value that is dropped together with it.
        value = value.copyTo(nodes);
      }
      return attach(create(key, offset, length, kind, 0, expiryMs), large.add(value), 0);
    }
    if (EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)) {
      byte[] bytes = from.valueArray(source);
      from.detachLarge(page, at);
      long now = create(key, offset, length, kind, 0, expiryMs);
      return attach(now, large.add(bytes), valueLength);
    }
    long ref = create(key, offset, length, kind, valueLength, expiryMs);
    int valueAt = EntryFormat.valueAt(page, at);
    System.arraycopy(page, valueAt, valueArray(ref), valueOffset(ref), valueLength);
    return ref;
  }

  /** Gives an entry with an empty value a large object; a collection's length counts as 0. */
  private long attach(long ref, int handle, int valueLength) {
    long now = fit(ref, EntryFormat.HANDLE_BYTES);
    byte[] page = arena.page(now);
    int at = PageArena.offset(now);
    page[at + EntryFormat.FLAGS] |= EntryFormat.LARGE_VALUE;
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, valueLength);
    Bytes.putInt(page, EntryFormat.valueAt(page, at), handle);
    return now;
  }

  /** Writes a new entry whose value is a collection. */
  long createCollection(
      byte[] key, int offset, int length, int kind, LargeValue value, long expiryMs) {
    return attach(create(key, offset, length, kind, 0, expiryMs), large.add(value), 0);
  }

  /**
   * Gives the entry a collection as its value; the old one is lost. Key, expiry and access clock
   * stay.
   *
   * @return where the entry is now
   */
  long resetToCollection(long ref, int kind, LargeValue value) {
    return attach(resetValue(ref, kind, 0), large.add(value), 0);
  }

  /** Marks an entry as kept by the snapshot of an epoch; false where it was already. */
  boolean markKept(long ref, int epoch) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref) + EntryFormat.SNAPSHOT_EPOCH;
    if (page[at] == (byte) epoch) {
      return false;
    }
    page[at] = (byte) epoch;
    return true;
  }

  /** Whether an entry's value is a collection outside it. */
  boolean isCollection(long ref) {
    return isCollection(arena.page(ref), PageArena.offset(ref));
  }

  private boolean isCollection(byte[] page, int at) {
    return EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)
        && large.isValue(Bytes.getInt(page, EntryFormat.valueAt(page, at)));
  }

  /** The collection that is an entry's value. */
  LargeValue collection(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return large.value(Bytes.getInt(page, EntryFormat.valueAt(page, at)));
  }

  private long becomeInline(long ref, int valueLength) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    byte[] bytes = large.bytes(Bytes.getInt(page, EntryFormat.valueAt(page, at)));
    dropLargeValue(page, at);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, 0);
    long now = fit(ref, valueLength);
    page = arena.page(now);
    at = PageArena.offset(now);
    System.arraycopy(bytes, 0, page, EntryFormat.valueAt(page, at), valueLength);
    Bytes.putInt(page, at + EntryFormat.VALUE_LENGTH, valueLength);
    return now;
  }

  /** Moves an entry with an inline value to a block that fits a value of so many bytes. */
  private long fit(long ref, int valueBytes) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    int head = EntryFormat.valueAt(page, at) - at;
    int held = EntryFormat.sizeClass(page, at);
    int needed = PageArena.classOf(head + valueBytes);
    int heldBytes = PageArena.classBytes(held);
    if (needed <= held && heldBytes - PageArena.classBytes(needed) <= heldBytes >> SLACK_SHIFT) {
      return ref;
    }
    return move(ref, needed, head + EntryFormat.valueLength(page, at));
  }

  /** Copies an entry's first bytes into a block of another class and frees the old one. */
  private long move(long ref, int sizeClass, int bytes) {
    long target = arena.allocate(sizeClass);
    byte[] from = arena.page(ref);
    byte[] to = arena.page(target);
    int at = PageArena.offset(target);
    System.arraycopy(from, PageArena.offset(ref), to, at, bytes);
    int oldClass = EntryFormat.sizeClass(to, at);
    to[at + EntryFormat.SIZE_CLASS] = (byte) sizeClass;
    if (EntryFormat.has(to, at, EntryFormat.EXPIRES)) {
      wheel.moved(target);
    }
    arena.free(ref, oldClass);
    return target;
  }

  /** Moves an entry to another block of its class: compaction. */
  long relocate(long ref) {
    byte[] page = arena.page(ref);
    int sizeClass = EntryFormat.sizeClass(page, PageArena.offset(ref));
    return move(ref, sizeClass, PageArena.classBytes(sizeClass));
  }

  /**
   * Sets, changes or removes ({@link Keyspace#NO_EXPIRY}) the expiry.
   *
   * @return where the entry is now
   */
  long setExpiry(long ref, long expiryMs) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    boolean had = EntryFormat.has(page, at, EntryFormat.EXPIRES);
    boolean wants = expiryMs != Keyspace.NO_EXPIRY;
    if (had) {
      wheel.remove(ref);
    }
    long now = ref;
    if (had != wants) {
      now = shiftForExpiry(ref, wants);
      page = arena.page(now);
      at = PageArena.offset(now);
    }
    if (wants) {
      Bytes.putLong(page, at + EntryFormat.EXPIRY, expiryMs);
      wheel.add(now);
    }
    return now;
  }

  /** Makes or closes the gap between header and key; the entry is not in the wheel. */
  private long shiftForExpiry(long ref, boolean wants) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    int keyAt = EntryFormat.keyAt(page, at);
    int inline =
        EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)
            ? EntryFormat.HANDLE_BYTES
            : EntryFormat.valueLength(page, at);
    int body = EntryFormat.valueAt(page, at) + inline - keyAt;
    int needed = layoutBytes(wants, body, 0);
    page[at + EntryFormat.FLAGS] &= ~EntryFormat.EXPIRES;
    long now = ref;
    if (needed > PageArena.classBytes(EntryFormat.sizeClass(page, at))) {
      now = move(ref, PageArena.classOf(needed), keyAt - at + body);
    }
    page = arena.page(now);
    at = PageArena.offset(now);
    int from = at + keyAt - PageArena.offset(ref);
    int to = at + EntryFormat.HEADER_BYTES + (wants ? EntryFormat.EXPIRY_BYTES : 0);
    System.arraycopy(page, from, page, to, body);
    if (wants) {
      page[at + EntryFormat.FLAGS] |= EntryFormat.EXPIRES;
    }
    return now;
  }

  /** Where a value's bytes are: its page or the array of a large object. */
  byte[] valueArray(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return EntryFormat.has(page, at, EntryFormat.LARGE_VALUE)
        ? large.bytes(Bytes.getInt(page, EntryFormat.valueAt(page, at)))
        : page;
  }

  /** First byte of a value in {@link #valueArray}. */
  int valueOffset(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return EntryFormat.has(page, at, EntryFormat.LARGE_VALUE) ? 0 : EntryFormat.valueAt(page, at);
  }

  /** Where a key's bytes are. */
  byte[] keyArray(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return EntryFormat.has(page, at, EntryFormat.LARGE_KEY)
        ? large.bytes(Bytes.getInt(page, EntryFormat.keyAt(page, at)))
        : page;
  }

  /** First byte of a key in {@link #keyArray}. */
  int keyOffset(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    return EntryFormat.has(page, at, EntryFormat.LARGE_KEY) ? 0 : EntryFormat.keyAt(page, at);
  }
}
