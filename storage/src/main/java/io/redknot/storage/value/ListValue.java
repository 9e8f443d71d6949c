package io.redknot.storage.value;

import io.redknot.storage.encoding.ListCursor;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.ListpackRuns;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.LargeValue;
import org.jspecify.annotations.Nullable;

/**
 * Lists: a listpack in the entry, or nodes of listpacks.
 *
 * <p>The verbs take the reference that {@link Keyspace#find} just returned; those that may move the
 * entry return its reference. Texts must not lie in pages. All of them keep an existing expiry.
 *
 * <p>A list changes its form only in {@link #grow}, before elements are added, and {@link #shrink},
 * after some were removed, so that it does so exactly where Redis does. A list that has become
 * empty is to be removed by the caller instead.
 */
public final class ListValue {
  private static final byte[] NOTHING = {};
  private static final ListCursor NOWHERE = new ListCursor(NOTHING, 0, Listpack.NONE);

  private ListValue() {}

  private static boolean isSmall(Keyspace keys, long ref) {
    return keys.encoding(ref) == EntryFormat.LISTPACK;
  }

  private static NodeList large(Keyspace keys, long ref) {
    return (NodeList) keys.large(ref);
  }

  /** Number of nodes of a list in its large form; 0 where it is a listpack in the entry. */
  public static int nodes(Keyspace keys, long ref) {
    return isSmall(keys, ref) ? 0 : large(keys, ref).nodes();
  }

  /** The listpack of a list that is one, for those who look behind the scenes; null: nodes. */
  public static @Nullable ListCursor listpack(Keyspace keys, long ref) {
    return isSmall(keys, ref) ? small(keys, ref, 0) : null;
  }

  /** Makes a key, which must not exist, with an empty list. */
  public static long create(Keyspace keys, byte[] key, int offset, int length) {
    return put(keys, 0, key, offset, length);
  }

  /**
   * Gives a key an empty list as its value; the expiry of an existing key stays.
   *
   * @param found what {@link Keyspace#find} just returned for that key; 0: it is created
   * @return the entry's reference
   */
  public static long put(Keyspace keys, long found, byte[] key, int offset, int length) {
    long ref =
        keys.put(
            found,
            key,
            offset,
            length,
            EntryFormat.TYPE_LIST,
            EntryFormat.LISTPACK,
            Listpack.EMPTY_BYTES);
    Listpack.clear(keys.valueArray(ref), keys.valueOffset(ref));
    return ref;
  }

  /** Number of elements. */
  public static long count(Keyspace keys, long ref) {
    return isSmall(keys, ref)
        ? Listpack.count(keys.valueArray(ref), keys.valueOffset(ref))
        : large(keys, ref).count();
  }

  /**
   * To be called before elements are added: the list takes its large form where with them it would
   * exceed the limits.
   *
   * @param bytes of the elements' texts
   * @param elements how many
   */
  public static long grow(Keyspace keys, long ref, long bytes, long elements, ListLimits limits) {
    if (!isSmall(keys, ref)) {
      return ref;
    }
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    if (limits.allow(Listpack.bytes(lp, at) + bytes, Listpack.count(lp, at) + elements)) {
      return ref;
    }
    return toLarge(keys, ref, NodeList.of(keys.nodes(), lp, at));
  }

  private static long toLarge(Keyspace keys, long ref, NodeList list) {
    return keys.putLarge(ref, NOTHING, 0, 0, EntryFormat.TYPE_LIST, list);
  }

  /**
   * To be called after elements were removed: the list becomes a listpack where it is short, and
   * what it does not need any more is given back.
   */
  public static long shrink(Keyspace keys, long ref, ListLimits limits) {
    if (isSmall(keys, ref)) {
      int needed = Listpack.bytes(keys.valueArray(ref), keys.valueOffset(ref));
      return needed == keys.valueLength(ref) ? ref : keys.resize(ref, needed);
    }
    NodeList list = large(keys, ref);
    if (list.nodes() != 1) {
      return ref;
    }
    int bytes = Listpack.bytes(list.array(0), list.offset(0));
    if (!limits.allowTwice(bytes, list.count())) {
      return ref;
    }
    byte[] copy = new byte[bytes];
    System.arraycopy(list.array(0), list.offset(0), copy, 0, bytes);
    // The entry has its key: none is needed to give it another value.
    long now =
        keys.put(ref, NOTHING, 0, 0, EntryFormat.TYPE_LIST, EntryFormat.LISTPACK, copy.length);
    System.arraycopy(copy, 0, keys.valueArray(now), keys.valueOffset(now), bytes);
    return now;
  }

  /** Adds an element before all others. */
  public static long addFirst(
      Keyspace keys, long ref, byte[] text, int offset, int length, ListLimits limits) {
    if (isSmall(keys, ref)) {
      return insertSmall(keys, ref, Listpack.HEADER_BYTES, text, offset, length);
    }
    large(keys, ref).addFirst(text, offset, length, limits);
    return ref;
  }

  /** Adds an element behind all others. */
  public static long addLast(
      Keyspace keys, long ref, byte[] text, int offset, int length, ListLimits limits) {
    if (isSmall(keys, ref)) {
      int end = Listpack.end(keys.valueArray(ref), keys.valueOffset(ref));
      return insertSmall(keys, ref, end, text, offset, length);
    }
    large(keys, ref).addLast(text, offset, length, limits);
    return ref;
  }

  private static long insertSmall(
      Keyspace keys, long ref, int p, byte[] text, int offset, int length) {
    int bytes = Listpack.encodedBytes(text, offset, length);
    long now = keys.resize(ref, keys.valueLength(ref) + bytes);
    Listpack.insert(keys.valueArray(now), keys.valueOffset(now), p, text, offset, length);
    return now;
  }

  private static ListCursor small(Keyspace keys, long ref, long index) {
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    return new ListCursor(lp, at, Listpack.seek(lp, at, (int) index));
  }

  /**
   * The place of an element.
   *
   * @param index 0 to {@link #count} - 1; negative ones count from the end, -1 is the last one
   * @return without an element where the index is out of range
   */
  public static ListCursor seek(Keyspace keys, long ref, long index) {
    long count = count(keys, ref);
    long wanted = index < 0 ? index + count : index;
    if (wanted < 0 || wanted >= count) {
      return NOWHERE;
    }
    return isSmall(keys, ref) ? small(keys, ref, wanted) : large(keys, ref).seek(wanted);
  }

  /**
   * Inserts an element before or behind that of a place.
   *
   * @param place of an element of the list; not valid any more afterwards
   */
  public static long insert(
      Keyspace keys,
      long ref,
      ListCursor place,
      boolean behind,
      byte[] text,
      int offset,
      int length,
      ListLimits limits) {
    if (!isSmall(keys, ref)) {
      large(keys, ref).insert(place, behind, text, offset, length, limits);
      return ref;
    }
    int p = place.position();
    byte[] lp = keys.valueArray(ref);
    int gap = behind ? p + Listpack.elementBytes(lp, keys.valueOffset(ref), p) : p;
    return insertSmall(keys, ref, gap, text, offset, length);
  }

  /**
   * Puts a text in the place of an element.
   *
   * @param place of an element of the list; not valid any more afterwards
   */
  public static long replace(
      Keyspace keys,
      long ref,
      ListCursor place,
      byte[] text,
      int offset,
      int length,
      ListLimits limits) {
    if (!isSmall(keys, ref)) {
      large(keys, ref).replace(place, text, offset, length, limits);
      return ref;
    }
    int p = place.position();
    int old = Listpack.elementBytes(keys.valueArray(ref), keys.valueOffset(ref), p);
    int more = Listpack.encodedBytes(text, offset, length) - old;
    long now = more > 0 ? keys.resize(ref, keys.valueLength(ref) + more) : ref;
    Listpack.replace(keys.valueArray(now), keys.valueOffset(now), p, text, offset, length);
    return now;
  }

  /** Removes elements from the front; there must be as many. To be followed by {@link #shrink}. */
  public static void removeFirst(Keyspace keys, long ref, long elements) {
    if (isSmall(keys, ref)) {
      byte[] lp = keys.valueArray(ref);
      Listpack.remove(lp, keys.valueOffset(ref), Listpack.HEADER_BYTES, (int) elements);
    } else {
      drop(keys, large(keys, ref).removeFirst(elements));
    }
  }

  /** Removes elements from the back; there must be as many. To be followed by {@link #shrink}. */
  public static void removeLast(Keyspace keys, long ref, long elements) {
    if (!isSmall(keys, ref)) {
      drop(keys, large(keys, ref).removeLast(elements));
    } else if (elements > 0) {
      byte[] lp = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      Listpack.remove(lp, at, Listpack.seek(lp, at, (int) -elements), (int) elements);
    }
  }

  private static void drop(Keyspace keys, @Nullable LargeValue rest) {
    if (rest != null) {
      keys.drop(rest);
    }
  }

  /**
   * Removes elements that are equal to a text. To be followed by {@link #shrink}.
   *
   * @param max how many at most; negative ones count from the last element on, 0 is all
   * @return how many were removed
   */
  public static long removeEqual(
      Keyspace keys, long ref, byte[] text, int offset, int length, long max, ListLimits limits) {
    boolean fromLast = max < 0;
    long most = max == 0 || max == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(max);
    if (!isSmall(keys, ref)) {
      return large(keys, ref).removeEqual(text, offset, length, most, fromLast, limits);
    }
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    return fromLast
        ? ListpackRuns.removeLastEqual(lp, at, text, offset, length, most)
        : ListpackRuns.removeEqual(lp, at, text, offset, length, 0, most);
  }
}
