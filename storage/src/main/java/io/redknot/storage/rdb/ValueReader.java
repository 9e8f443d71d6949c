package io.redknot.storage.rdb;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.encoding.PackCheck;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.value.SortedSetBuilder;
import io.redknot.storage.value.SortedSetLimits;
import io.redknot.storage.value.SortedSetValue;
import io.redknot.storage.value.StringValue;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads values of every type that RDB knows and gives them to keys.
 *
 * <p>A value is read whole before its key is touched, so that one that is damaged changes nothing.
 */
public final class ValueReader {
  /**
   * The key that gets the value.
   *
   * @param array holds the key's bytes; it is no page
   * @param isNew whether it was looked up last, and is not there
   */
  @SuppressWarnings("ArrayRecordComponent") // borrowed, like all arrays of keys here
  public record Target(byte[] array, int offset, int length, int slot, boolean isNew) {
    /** A key that may be there. */
    public Target(byte[] array, int offset, int length, int slot) {
      this(array, offset, length, slot, false);
    }

    private long find(Keyspace keys) {
      return isNew ? 0 : keys.find(array, offset, length, slot);
    }
  }

  /**
   * A collection that was packed stays so while its elements are few, however long they are, as in
   * Redis.
   */
  private static final long ANY = Long.MAX_VALUE;

  private static final int PAUSE_ELEMENTS = 256;

  private final RdbInput in;
  private final Keyspace keys;
  private final Target key;
  private final EncodingLimits limits;
  private final @Nullable Runnable pause;
  private int sincePause;

  private ValueReader(
      RdbInput in, Keyspace keys, Target key, EncodingLimits limits, @Nullable Runnable pause) {
    this.pause = pause;
    this.in = in;
    this.keys = keys;
    this.key = key;
    this.limits = limits;
  }

  /**
   * Reads a value and gives it to a key.
   *
   * @param in holds the value in memory
   * @return the entry's reference
   * @throws RdbException where the bytes are no value of that type; nothing was changed then
   */
  public static long store(int type, RdbInput in, Keyspace keys, Target key, EncodingLimits limits)
      throws IOException {
    return store(type, in, keys, key, limits, null);
  }

  /**
   * As {@link #store(int, RdbInput, Keyspace, Target, EncodingLimits)}, of a value that may be
   * large.
   *
   * @param pause run after every few elements; it may give the lock away for a while, if nobody
   *     changes the key meanwhile
   */
  public static long store(
      int type,
      RdbInput in,
      Keyspace keys,
      Target key,
      EncodingLimits limits,
      @Nullable Runnable pause)
      throws IOException {
    ValueReader reader = new ValueReader(in, keys, key, limits, pause);
    return switch (type) {
      case RdbFormat.STRING -> reader.string();
      case RdbFormat.LIST -> reader.list();
      case RdbFormat.LIST_ZIPLIST -> reader.listZiplist(Ziplist.toListpack(in.string()));
      case RdbFormat.LIST_QUICKLIST, RdbFormat.LIST_QUICKLIST_2 -> reader.listNodes(type);
      case RdbFormat.SET -> reader.set();
      case RdbFormat.SET_INTSET -> reader.intSet();
      case RdbFormat.SET_LISTPACK -> reader.setListpack(reader.listpack());
      case RdbFormat.HASH -> reader.hash();
      case RdbFormat.HASH_ZIPMAP ->
          reader.hashListpack(Zipmap.toListpack(in.string()), limits.hashBytes());
      case RdbFormat.HASH_ZIPLIST -> reader.hashListpack(Ziplist.toListpack(in.string()), ANY);
      case RdbFormat.HASH_LISTPACK -> reader.hashListpack(reader.listpack(), ANY);
      case RdbFormat.ZSET, RdbFormat.ZSET_2 -> reader.sortedSet(type);
      case RdbFormat.ZSET_ZIPLIST -> reader.sortedSetListpack(Ziplist.toListpack(in.string()));
      case RdbFormat.ZSET_LISTPACK -> reader.sortedSetListpack(reader.listpack());
      case RdbFormat.STREAM_LISTPACKS, RdbFormat.STREAM_LISTPACKS_2, RdbFormat.STREAM_LISTPACKS_3 ->
          reader.putLarge(EntryFormat.TYPE_STREAM, StreamCodec.read(type, in, keys));
      case RdbFormat.MODULE_2 -> throw ModuleNames.unknownType(in.length());
      case RdbFormat.MODULE_PRE_GA ->
          throw new RdbException("Pre-release module format not supported");
      default -> throw new RdbException("Unknown RDB encoding type " + type);
    };
  }

  /** Another element is read. */
  private void element() {
    Runnable often = pause;
    if (often != null && ++sincePause >= PAUSE_ELEMENTS) {
      sincePause = 0;
      often.run();
    }
  }

  private long string() throws IOException {
    byte[] text = in.string();
    long ref = key.find(keys);
    byte[] array = key.array();
    return DecimalText.isLong(text, 0, text.length)
        ? StringValue.set(
            keys, ref, array, key.offset(), key.length(), DecimalText.toLong(text, 0, text.length))
        : StringValue.set(keys, ref, array, key.offset(), key.length(), text, 0, text.length);
  }

  /** Gives the key bytes as its value. */
  private long putBytes(int type, int encoding, byte[] bytes, int length) {
    long ref =
        keys.put(key.find(keys), key.array(), key.offset(), key.length(), type, encoding, length);
    System.arraycopy(bytes, 0, keys.valueArray(ref), keys.valueOffset(ref), length);
    return ref;
  }

  private long putLarge(int type, LargeValue value) {
    return keys.putLarge(key.find(keys), key.array(), key.offset(), key.length(), type, value);
  }

  private long putPack(int type, ListpackBuilder pack) {
    return putBytes(type, EntryFormat.LISTPACK, pack.bytes(), pack.length());
  }

  private int elements() throws IOException {
    int count = in.count();
    if (count == 0) {
      throw new EmptyValueException();
    }
    return count;
  }

  private byte[] listpack() throws IOException {
    byte[] lp = in.string();
    if (!Listpack.isValid(lp, 0, lp.length)) {
      throw new RdbException("a listpack is damaged");
    }
    return lp;
  }

  /** The number of elements of a listpack that has at least one group of them, and no part. */
  private static int elements(byte[] lp, int group) throws RdbException {
    int count = Listpack.count(lp, 0);
    if (count == 0) {
      throw new EmptyValueException();
    }
    if (count % group != 0) {
      throw new RdbException("the last of a listpack's pairs lacks its second half");
    }
    return count;
  }

  private long hash() throws IOException {
    int count = elements();
    ElementsBuilder fields = hashBuilder(limits.hashBytes());
    return put(
        EntryFormat.TYPE_HASH,
        fields,
        () -> {
          for (int i = 0; i < count; i++) {
            byte[] field = in.string();
            fields.add(field, in.string(), count);
            element();
          }
        });
  }

  private ElementsBuilder hashBuilder(long bytesMax) {
    return new ElementsBuilder(keys, 2, limits.hashEntries(), bytesMax);
  }

  private long hashListpack(byte[] lp, long bytesMax) throws IOException {
    int count = elements(lp, 2);
    if (bytesMax == ANY && count / 2 <= limits.hashEntries() && PackCheck.hasDistinctKeys(lp, 2)) {
      return putBytes(EntryFormat.TYPE_HASH, EntryFormat.LISTPACK, lp, lp.length);
    }
    ElementsBuilder fields = hashBuilder(bytesMax);
    return put(EntryFormat.TYPE_HASH, fields, () -> fields.addAll(lp));
  }

  /** Collects the elements of a set or a hash and gives them to the key. */
  private long put(int type, ElementsBuilder elements, Collecting collecting) throws IOException {
    try {
      collecting.run();
    } catch (IOException damaged) {
      elements.discard();
      throw damaged;
    }
    HashTable table = elements.table();
    return table == null ? putPack(type, elements.pack()) : putLarge(type, table);
  }

  /** Reads elements. */
  @FunctionalInterface
  private interface Collecting {
    void run() throws IOException;
  }

  private long set() throws IOException {
    int count = elements();
    return putSet(
        limits.setBytes(),
        set -> {
          for (int i = 0; i < count; i++) {
            set.add(in.string(), count);
            element();
          }
        });
  }

  private long setListpack(byte[] lp) throws IOException {
    long count = elements(lp, 1);
    return putSet(
        ANY,
        set -> {
          for (int p = Listpack.first(lp, 0); p != Listpack.NONE; p = Listpack.next(lp, 0, p)) {
            set.add(ElementsBuilder.text(lp, p), count);
          }
        });
  }

  private long intSet() throws IOException {
    byte[] integers = in.string();
    if (!IntSet.isValid(integers, 0, integers.length) || IntSet.count(integers, 0) == 0) {
      throw new RdbException("an intset is damaged");
    }
    return putSet(limits.setBytes(), set -> set.addAll(integers));
  }

  /** Fills a set. */
  @FunctionalInterface
  private interface Filling {
    void fill(SetBuilder set) throws IOException;
  }

  private long putSet(long bytesMax, Filling filling) throws IOException {
    SetBuilder set = new SetBuilder(keys, limits, bytesMax);
    try {
      filling.fill(set);
    } catch (IOException damaged) {
      set.members().discard();
      throw damaged;
    }
    if (set.isIntSet()) {
      int length = IntSet.bytes(set.integers(), 0);
      return putBytes(EntryFormat.TYPE_SET, EntryFormat.INTSET, set.integers(), length);
    }
    HashTable table = set.members().table();
    return table == null
        ? putPack(EntryFormat.TYPE_SET, set.members().pack())
        : putLarge(EntryFormat.TYPE_SET, table);
  }

  private long list() throws IOException {
    int count = elements();
    return putList(
        list -> {
          for (int i = 0; i < count; i++) {
            byte[] element = in.string();
            list.addLast(element, 0, element.length, limits.list());
            element();
          }
        });
  }

  /** The elements one by one. Such a list stays one of nodes, however short. */
  private long listZiplist(byte[] lp) throws IOException {
    int _ = elements(lp, 1);
    NodeList list = new NodeList(keys.nodes());
    for (int p = Listpack.first(lp, 0); p != Listpack.NONE; p = Listpack.next(lp, 0, p)) {
      byte[] element = ElementsBuilder.text(lp, p);
      list.addLast(element, 0, element.length, limits.list());
    }
    return putLarge(EntryFormat.TYPE_LIST, list);
  }

  /** Nodes as they are: a listpack or a ziplist each, or one element; empty ones do not count. */
  private long listNodes(int type) throws IOException {
    int count = elements();
    return putList(
        list -> {
          for (int i = 0; i < count; i++) {
            if (type == RdbFormat.LIST_QUICKLIST) {
              list.addListpack(Ziplist.toListpack(in.string()), 0);
            } else {
              listNode(list);
            }
            element();
          }
        });
  }

  private void listNode(NodeList list) throws IOException {
    long container = in.length();
    if (container == RdbFormat.NODE_PACKED) {
      list.addListpack(listpack(), 0);
    } else if (container == RdbFormat.NODE_PLAIN) {
      byte[] element = in.string();
      list.addLast(element, 0, element.length, limits.list());
    } else {
      throw new RdbException("no node of a list is of kind " + container);
    }
  }

  /** Fills a list. */
  @FunctionalInterface
  private interface ListFilling {
    void fill(NodeList list) throws IOException;
  }

  private long putList(ListFilling filling) throws IOException {
    NodeList list = new NodeList(keys.nodes());
    try {
      filling.fill(list);
      if (list.count() == 0) {
        throw new EmptyValueException();
      }
    } catch (IOException damaged) {
      ElementsBuilder.discard(list);
      throw damaged;
    }
    if (list.nodes() != 1) {
      return putLarge(EntryFormat.TYPE_LIST, list);
    }
    int bytes = Listpack.bytes(list.array(0), list.offset(0));
    if (!limits.list().allow(bytes, list.count())) {
      return putLarge(EntryFormat.TYPE_LIST, list);
    }
    byte[] lp = Arrays.copyOfRange(list.array(0), list.offset(0), list.offset(0) + bytes);
    ElementsBuilder.discard(list);
    return putBytes(EntryFormat.TYPE_LIST, EntryFormat.LISTPACK, lp, bytes);
  }

  private long sortedSet(int type) throws IOException {
    int count = elements();
    return putSortedSet(
        limits.zsetBytes(),
        set -> {
          for (int i = 0; i < count; i++) {
            byte[] member = in.string();
            double score =
                type == RdbFormat.ZSET_2 ? Double.longBitsToDouble(in.i64()) : in.doubleText();
            add(set, member, score);
            element();
          }
          Runnable often = pause;
          if (often != null) {
            set.order(often);
          }
        });
  }

  private long sortedSetListpack(byte[] lp) throws IOException {
    int count = elements(lp, 2);
    if (count / 2 <= limits.zsetEntries() && SortedSetValue.isPack(lp)) {
      return putBytes(EntryFormat.TYPE_ZSET, EntryFormat.LISTPACK, lp, lp.length);
    }
    return putSortedSet(
        ANY,
        set -> {
          int p = Listpack.first(lp, 0);
          while (p != Listpack.NONE) {
            byte[] member = ElementsBuilder.text(lp, p);
            p = Listpack.next(lp, 0, p);
            byte[] score = ElementsBuilder.text(lp, p);
            p = Listpack.next(lp, 0, p);
            add(set, member, DoubleText.read(score, 0, score.length));
          }
        });
  }

  private static void add(SortedSetBuilder set, byte[] member, double score) throws RdbException {
    if (Double.isNaN(score) || !Double.isNaN(set.score(member, 0, member.length))) {
      throw new RdbException("a score is no number, or a member is there twice");
    }
    set.put(member, 0, member.length, score);
  }

  /** Fills a sorted set. */
  @FunctionalInterface
  private interface SortedSetFilling {
    void fill(SortedSetBuilder set) throws IOException;
  }

  private long putSortedSet(long bytesMax, SortedSetFilling filling) throws IOException {
    SortedSetBuilder set = new SortedSetBuilder(keys);
    try {
      filling.fill(set);
    } catch (IOException damaged) {
      set.discard();
      throw damaged;
    }
    SortedSetLimits small = new SortedSetLimits(limits.zsetEntries(), bytesMax);
    return set.store(key.find(keys), key.array(), key.offset(), key.length(), small);
  }
}
