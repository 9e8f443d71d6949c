package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;
import java.util.Arrays;

/** Says of an entry with the right tag whether it is the one with the key that is sought. */
final class EntryMatcher {
  private static final byte[] NOTHING = {};

  private final PageArena arena;
  private final LargeObjects large;
  private byte[] key = NOTHING;
  private int offset;
  private int length;

  EntryMatcher(PageArena arena, LargeObjects large) {
    this.arena = arena;
    this.large = large;
  }

  /** From now on matches the entry with that key; the bytes are borrowed. */
  EntryMatcher key(byte[] bytes, int from, int count) {
    key = bytes;
    offset = from;
    length = count;
    return this;
  }

  /** Whether that key is the one that is sought. */
  boolean isFor(byte[] bytes, int from, int count) {
    return Arrays.equals(key, offset, offset + length, bytes, from, from + count);
  }

  boolean matches(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    if (Bytes.getInt(page, at + EntryFormat.KEY_LENGTH) != length) {
      return false;
    }
    int keyAt = EntryFormat.keyAt(page, at);
    if (EntryFormat.has(page, at, EntryFormat.LARGE_KEY)) {
      byte[] stored = large.bytes(Bytes.getInt(page, keyAt));
      return Arrays.equals(stored, 0, length, key, offset, offset + length);
    }
    return Arrays.equals(page, keyAt, keyAt + length, key, offset, offset + length);
  }
}
