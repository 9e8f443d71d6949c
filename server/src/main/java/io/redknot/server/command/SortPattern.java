package io.redknot.server.command;

import io.redknot.server.dispatch.CommandContext;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.HashValue;
import io.redknot.storage.value.StringValue;
import io.redknot.storage.value.ValueType;

/**
 * A pattern of BY or GET: {@code #} is the element; otherwise the first {@code *} is the place of
 * the element in a key's name, and what follows {@code ->} behind it is a field of the hash there.
 */
final class SortPattern {
  /** Gets what a pattern leads to; the bytes are borrowed. */
  interface Sink {
    void text(byte[] array, int offset, int length);

    void integer(long value);

    void nothing();
  }

  private static final int NONE = -1;

  private final byte[] pattern;
  private final int place;
  private final int keyEnd;
  private byte[] key;

  SortPattern(byte[] pattern) {
    this.pattern = pattern;
    this.place = indexOf(pattern, '*', 0);
    this.keyEnd = arrow();
    this.key = new byte[pattern.length];
  }

  private static int indexOf(byte[] bytes, int wanted, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return NONE;
  }

  /** Where the key's name ends: at an arrow with a field behind it, or with the pattern. */
  private int arrow() {
    if (place != NONE) {
      for (int i = place + 1; i < pattern.length - 2; i++) {
        if (pattern[i] == '-' && pattern[i + 1] == '>') {
          return i;
        }
      }
    }
    return pattern.length;
  }

  /** Whether the pattern has a place for the element. */
  boolean hasPlace() {
    return place != NONE;
  }

  private boolean isElement() {
    return pattern.length == 1 && pattern[0] == '#';
  }

  /** Looks up what the pattern leads to for an element. */
  void find(CommandContext ctx, SortElements elements, int index, Sink sink) {
    if (isElement()) {
      sink.text(elements.array(), elements.offset(index), elements.length(index));
      return;
    }
    long ref = place == NONE ? 0 : read(ctx, elements, index);
    if (ref == 0) {
      sink.nothing();
    } else if (keyEnd < pattern.length) {
      field(ctx.keyspace(), ref, sink);
    } else {
      string(ctx.keyspace(), ref, sink);
    }
  }

  private long read(CommandContext ctx, SortElements elements, int index) {
    int inserted = elements.length(index);
    int length = keyEnd - 1 + inserted;
    if (length > key.length) {
      key = new byte[Math.max(length, 2 * key.length)];
    }
    System.arraycopy(pattern, 0, key, 0, place);
    System.arraycopy(elements.array(), elements.offset(index), key, place, inserted);
    System.arraycopy(pattern, place + 1, key, place + inserted, keyEnd - place - 1);
    Keyspace keys = ctx.keyspace();
    int slot = keys.slotOf(key, 0, length);
    long ref = keys.read(key, 0, length, slot);
    if (ref == 0) {
      Keys.missed(ctx, key, 0, length);
    }
    return ref;
  }

  private static void string(Keyspace keys, long ref, Sink sink) {
    if (!StringValue.isString(keys, ref)) {
      sink.nothing();
    } else if (StringValue.isInteger(keys, ref)) {
      sink.integer(StringValue.integer(keys, ref));
    } else {
      sink.text(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
    }
  }

  private void field(Keyspace keys, long ref, Sink sink) {
    int from = keyEnd + 2;
    int found =
        ValueType.HASH.is(keys, ref)
            ? HashValue.find(keys, ref, pattern, from, pattern.length - from)
            : HashValue.NONE;
    if (found == HashValue.NONE) {
      sink.nothing();
    } else if (HashValue.isInteger(keys, ref, found)) {
      sink.integer(HashValue.integer(keys, ref, found));
    } else {
      sink.text(
          HashValue.textArray(keys, ref),
          HashValue.textOffset(keys, ref, found),
          HashValue.textLength(keys, ref, found));
    }
  }
}
