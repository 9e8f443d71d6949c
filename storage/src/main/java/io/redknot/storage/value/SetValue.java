package io.redknot.storage.value;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;

/**
 * Sets: an intset while all members are integers and not too many, a listpack while members are few
 * and short, a {@link HashTable} whose values are empty from then on.
 *
 * <p>The verbs take the reference that {@link Keyspace#find} just returned; those that write return
 * the entry's reference. A set that has become empty is for the caller to remove.
 */
public final class SetValue {
  /** A listpack does not grow beyond this. */
  private static final int LISTPACK_BYTES_MAX = 1 << 30;

  private static final byte[] NOTHING = {};

  private SetValue() {}

  /**
   * Makes an empty set under a key that must not exist.
   *
   * @param encoding the one to begin with
   */
  private static long create(Keyspace keys, byte[] key, int offset, int length, int encoding) {
    if (encoding == EntryFormat.LARGE) {
      HashTable table = new HashTable(keys.nodes(), keys.hash());
      return keys.putLarge(0, key, offset, length, EntryFormat.TYPE_SET, table);
    }
    boolean integers = encoding == EntryFormat.INTSET;
    int bytes = integers ? IntSet.HEADER_BYTES : Listpack.EMPTY_BYTES;
    long ref = keys.put(0, key, offset, length, EntryFormat.TYPE_SET, encoding, bytes);
    if (integers) {
      IntSet.clear(keys.valueArray(ref), keys.valueOffset(ref));
    } else {
      Listpack.clear(keys.valueArray(ref), keys.valueOffset(ref));
    }
    return ref;
  }

  /**
   * Makes an empty set under a key that must not exist.
   *
   * @param args holds the key and the first member that will be added
   * @param members how many members are about to be added
   */
  public static long create(
      Keyspace keys,
      byte[] args,
      int key,
      int keyLength,
      int member,
      int memberLength,
      int members,
      SetLimits limits) {
    int encoding = limits.encodingFor(args, member, memberLength, members);
    return create(keys, args, key, keyLength, encoding);
  }

  /** Makes a set large where so many members, about to be added, would be too many otherwise. */
  public static long prepare(Keyspace keys, long ref, int members, SetLimits limits) {
    return limits.allows(keys.encoding(ref), members) ? ref : enlarge(keys, ref);
  }

  /** Whether a set is not a table. */
  public static boolean isSmall(Keyspace keys, long ref) {
    return keys.encoding(ref) != EntryFormat.LARGE;
  }

  /** The table of a set that is not small. */
  public static HashTable table(Keyspace keys, long ref) {
    return (HashTable) keys.large(ref);
  }

  /** Number of members. */
  public static int count(Keyspace keys, long ref) {
    return switch (keys.encoding(ref)) {
      case EntryFormat.LARGE -> table(keys, ref).count();
      case EntryFormat.INTSET -> IntSet.count(keys.valueArray(ref), keys.valueOffset(ref));
      default -> Listpack.count(keys.valueArray(ref), keys.valueOffset(ref));
    };
  }

  /** Whether bytes are a member. */
  public static boolean contains(Keyspace keys, long ref, byte[] member, int offset, int length) {
    return switch (keys.encoding(ref)) {
      case EntryFormat.LARGE -> table(keys, ref).find(member, offset, length);
      case EntryFormat.INTSET -> indexOf(keys, ref, member, offset, length) >= 0;
      default -> position(keys, ref, member, offset, length) != Listpack.NONE;
    };
  }

  /** The index in an intset; negative where it is not there. */
  private static int indexOf(Keyspace keys, long ref, byte[] member, int offset, int length) {
    if (!DecimalText.isLong(member, offset, length)) {
      return -1;
    }
    long value = DecimalText.toLong(member, offset, length);
    return IntSet.find(keys.valueArray(ref), keys.valueOffset(ref), value);
  }

  /** The position in a listpack. */
  private static int position(Keyspace keys, long ref, byte[] member, int offset, int length) {
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    return Listpack.find(lp, at, Listpack.first(lp, at), member, offset, length, 0);
  }

  /** Adds a member, which may be there already. */
  public static long add(
      Keyspace keys, long ref, byte[] member, int offset, int length, SetLimits limits) {
    return switch (keys.encoding(ref)) {
      case EntryFormat.INTSET ->
          DecimalText.isLong(member, offset, length)
              ? addInteger(keys, ref, DecimalText.toLong(member, offset, length), limits)
              : addToWidened(keys, ref, member, offset, length, limits);
      case EntryFormat.LISTPACK ->
          position(keys, ref, member, offset, length) != Listpack.NONE
              ? ref
              : addToListpack(keys, ref, member, offset, length, limits);
      default -> {
        table(keys, ref).put(member, offset, length, NOTHING, 0, 0);
        yield ref;
      }
    };
  }

  private static long addInteger(Keyspace keys, long ref, long value, SetLimits limits) {
    byte[] set = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int index = IntSet.find(set, at, value);
    if (index >= 0) {
      return ref;
    }
    long now = keys.resize(ref, IntSet.bytesWith(set, at, value));
    IntSet.insert(keys.valueArray(now), keys.valueOffset(now), ~index, value);
    return count(keys, now) > limits.intsetEntries() ? enlarge(keys, now) : now;
  }

  /** Adds what is no integer to an intset, which then is none any more. */
  private static long addToWidened(
      Keyspace keys, long ref, byte[] member, int offset, int length, SetLimits limits) {
    byte[] set = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int count = IntSet.count(set, at);
    int longest = 0;
    if (count > 0) {
      int first = DecimalText.length(IntSet.get(set, at, 0));
      longest = Math.max(first, DecimalText.length(IntSet.get(set, at, count - 1)));
    }
    boolean takes = limits.listpackTakes(count, Math.max(length, longest));
    long now = takes ? toListpack(keys, ref) : enlarge(keys, ref);
    return add(keys, now, member, offset, length, limits);
  }

  private static long toListpack(Keyspace keys, long ref) {
    byte[] set = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int count = IntSet.count(set, at);
    int bytes = Listpack.EMPTY_BYTES;
    for (int i = 0; i < count; i++) {
      bytes += Listpack.encodedBytes(IntSet.get(set, at, i));
    }
    byte[] lp = new byte[bytes];
    Listpack.clear(lp, 0);
    for (int i = 0; i < count; i++) {
      Listpack.insert(lp, 0, Listpack.end(lp, 0), IntSet.get(set, at, i));
    }
    return replaceBy(keys, ref, EntryFormat.LISTPACK, lp, bytes);
  }

  private static long replaceBy(Keyspace keys, long ref, int encoding, byte[] value, int length) {
    long now = keys.put(ref, NOTHING, 0, 0, EntryFormat.TYPE_SET, encoding, length);
    System.arraycopy(value, 0, keys.valueArray(now), keys.valueOffset(now), length);
    return now;
  }

  private static long addToListpack(
      Keyspace keys, long ref, byte[] member, int offset, int length, SetLimits limits) {
    int bytes = keys.valueLength(ref);
    if (!limits.listpackTakes(count(keys, ref), length)
        || (long) bytes + length > LISTPACK_BYTES_MAX) {
      long now = enlarge(keys, ref);
      table(keys, now).put(member, offset, length, NOTHING, 0, 0);
      return now;
    }
    long now = keys.resize(ref, bytes + Listpack.encodedBytes(member, offset, length));
    byte[] lp = keys.valueArray(now);
    int at = keys.valueOffset(now);
    Listpack.insert(lp, at, Listpack.end(lp, at), member, offset, length);
    return now;
  }

  private static long enlarge(Keyspace keys, long ref) {
    HashTable table = new HashTable(keys.nodes(), keys.hash());
    forEach(keys, ref, table::put);
    return keys.putLarge(ref, NOTHING, 0, 0, EntryFormat.TYPE_SET, table);
  }

  /** Removes a member, which may be absent. */
  public static long remove(Keyspace keys, long ref, byte[] member, int offset, int length) {
    return switch (keys.encoding(ref)) {
      case EntryFormat.LARGE -> {
        table(keys, ref).remove(member, offset, length);
        yield ref;
      }
      case EntryFormat.INTSET -> {
        int index = indexOf(keys, ref, member, offset, length);
        yield index < 0 ? ref : removeIndex(keys, ref, index);
      }
      default -> {
        int p = position(keys, ref, member, offset, length);
        yield p == Listpack.NONE ? ref : removePosition(keys, ref, p);
      }
    };
  }

  private static long removeIndex(Keyspace keys, long ref, int index) {
    byte[] set = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    IntSet.remove(set, at, index);
    return keys.resize(ref, IntSet.bytes(set, at));
  }

  private static long removePosition(Keyspace keys, long ref, int p) {
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    Listpack.remove(lp, at, p, 1);
    return keys.resize(ref, Listpack.bytes(lp, at));
  }

  /** Removes a uniformly drawn member and shows it before; the set must not be empty. */
  public static long pop(Keyspace keys, long ref, ElementVisitor visitor) {
    if (!isSmall(keys, ref)) {
      popFrom(table(keys, ref), keys, visitor);
      return ref;
    }
    byte[] array = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    if (keys.encoding(ref) == EntryFormat.INTSET) {
      int index = (int) keys.draw(IntSet.count(array, at));
      new SmallElements(visitor).show(IntSet.get(array, at, index));
      return removeIndex(keys, ref, index);
    }
    int p = Listpack.seek(array, at, (int) keys.draw(Listpack.count(array, at)));
    new SmallElements(visitor).show(array, at, p, 1);
    return removePosition(keys, ref, p);
  }

  private static void popFrom(HashTable table, Keyspace keys, ElementVisitor visitor) {
    table.random(keys);
    visitor.element(
        table.keyArray(),
        table.keyOffset(),
        table.keyLength(),
        table.valueArray(),
        table.valueOffset(),
        table.valueLength());
    table.removeCurrent();
  }

  /**
   * Removes so many drawn members, fewer than there are, and shows each: every subset is as likely
   * as the others.
   */
  public static long popSeveral(Keyspace keys, long ref, int members, ElementVisitor visitor) {
    if (!isSmall(keys, ref)) {
      HashTable table = table(keys, ref);
      for (int i = 0; i < members; i++) {
        popFrom(table, keys, visitor);
      }
      return ref;
    }
    byte[] array = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    byte[] kept = new byte[keys.valueLength(ref)];
    int encoding = keys.encoding(ref);
    if (encoding == EntryFormat.INTSET) {
      keepIntegers(keys, array, at, members, visitor, kept);
      return replaceBy(keys, ref, encoding, kept, IntSet.bytes(kept, 0));
    }
    keepTexts(keys, array, at, members, visitor, kept);
    return replaceBy(keys, ref, encoding, kept, Listpack.bytes(kept, 0));
  }

  private static void keepIntegers(
      Keyspace keys, byte[] set, int at, int popped, ElementVisitor visitor, byte[] kept) {
    int count = IntSet.count(set, at);
    Selection selection = new Selection(keys, popped, count);
    SmallElements elements = new SmallElements(visitor);
    IntSet.clear(kept, 0);
    for (int i = 0; i < count; i++) {
      long value = IntSet.get(set, at, i);
      if (selection.takesNext()) {
        elements.show(value);
      } else {
        IntSet.insert(kept, 0, IntSet.count(kept, 0), value);
      }
    }
  }

  private static void keepTexts(
      Keyspace keys, byte[] lp, int at, int popped, ElementVisitor visitor, byte[] kept) {
    Selection selection = new Selection(keys, popped, Listpack.count(lp, at));
    SmallElements elements = new SmallElements(visitor);
    Listpack.clear(kept, 0);
    SmallElements keeper =
        new SmallElements(
            (member, offset, length, value, valueAt, valueLength) ->
                Listpack.insert(kept, 0, Listpack.end(kept, 0), member, offset, length));
    for (int p = Listpack.first(lp, at); p != Listpack.NONE; p = Listpack.next(lp, at, p)) {
      (selection.takesNext() ? elements : keeper).show(lp, at, p, 1);
    }
  }

  /** Visits all members, their values being empty. The visitor must not write into the set. */
  public static void forEach(Keyspace keys, long ref, ElementVisitor visitor) {
    if (!isSmall(keys, ref)) {
      table(keys, ref).forEach(visitor);
      return;
    }
    byte[] array = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    SmallElements elements = new SmallElements(visitor);
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      elements.showAll(array, at, 1);
      return;
    }
    int count = IntSet.count(array, at);
    for (int i = 0; i < count; i++) {
      elements.show(IntSet.get(array, at, i));
    }
  }
}
