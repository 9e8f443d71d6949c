package io.redknot.storage.rdb;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.LargeValue;
import io.redknot.storage.value.SortedSetBuilder;
import io.redknot.storage.value.SortedSetLimits;
import io.redknot.storage.value.StringValue;
import java.io.IOException;
import java.util.Arrays;

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
   */
  @SuppressWarnings("ArrayRecordComponent") // borrowed, like all arrays of keys here
  public record Target(byte[] array, int offset, int length, int slot) {
    private long find(Keyspace keys) {
      return keys.find(array, offset, length, slot);
    }
  }

  private final RdbInput in;
  private final Keyspace keys;
  private final Target key;
  private final EncodingLimits limits;

  private ValueReader(RdbInput in, Keyspace keys, Target key, EncodingLimits limits) {
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
    ValueReader reader = new ValueReader(in, keys, key, limits);
    return switch (type) {
      case RdbFormat.STRING -> reader.string();
      case RdbFormat.LIST -> reader.list();
      case RdbFormat.LIST_QUICKLIST_2 -> reader.listNodes();
      case RdbFormat.SET -> reader.set();
      case RdbFormat.SET_INTSET -> reader.intSet();
      case RdbFormat.SET_LISTPACK -> reader.setListpack(reader.listpack(1));
      case RdbFormat.HASH -> reader.hash();
      case RdbFormat.HASH_LISTPACK -> reader.hashListpack(reader.listpack(2));
      case RdbFormat.ZSET, RdbFormat.ZSET_2 -> reader.sortedSet(type);
      case RdbFormat.ZSET_LISTPACK -> reader.sortedSetListpack(reader.listpack(2));
      case RdbFormat.STREAM_LISTPACKS, RdbFormat.STREAM_LISTPACKS_2, RdbFormat.STREAM_LISTPACKS_3 ->
          reader.putLarge(EntryFormat.TYPE_STREAM, StreamCodec.read(type, in, keys));
      default -> throw new RdbException("no value is of type " + type);
    };
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
      throw new RdbException("a collection without elements");
    }
    return count;
  }

  /** A listpack with at least one group of so many elements, and no part of one. */
  private byte[] listpack(int group) throws IOException {
    byte[] lp = in.string();
    if (!Listpack.isValid(lp, 0, lp.length)
        || Listpack.count(lp, 0) == 0
        || Listpack.count(lp, 0) % group != 0) {
      throw new RdbException("a listpack is damaged");
    }
    return lp;
  }

  private long hash() throws IOException {
    int count = elements();
    ElementsBuilder fields = hashBuilder();
    return put(
        EntryFormat.TYPE_HASH,
        fields,
        () -> {
          for (int i = 0; i < count; i++) {
            byte[] field = in.string();
            fields.add(field, in.string(), count);
          }
        });
  }

  private ElementsBuilder hashBuilder() {
    return new ElementsBuilder(keys, 2, limits.hashEntries(), limits.hashBytes());
  }

  private long hashListpack(byte[] lp) throws IOException {
    ElementsBuilder fields = hashBuilder();
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
        set -> {
          for (int i = 0; i < count; i++) {
            set.add(in.string(), count);
          }
        });
  }

  private long setListpack(byte[] lp) throws IOException {
    long count = Listpack.count(lp, 0);
    return putSet(
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
    return putSet(set -> set.addAll(integers));
  }

  /** Fills a set. */
  @FunctionalInterface
  private interface Filling {
    void fill(SetBuilder set) throws IOException;
  }

  private long putSet(Filling filling) throws IOException {
    SetBuilder set = new SetBuilder(keys, limits);
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
          }
        });
  }

  /** Nodes as they are: a listpack each, or one element. */
  private long listNodes() throws IOException {
    int count = elements();
    return putList(
        list -> {
          for (int i = 0; i < count; i++) {
            long container = in.length();
            if (container == RdbFormat.NODE_PACKED) {
              list.addListpack(listpack(1), 0);
            } else if (container == RdbFormat.NODE_PLAIN) {
              byte[] element = in.string();
              list.addLast(element, 0, element.length, limits.list());
            } else {
              throw new RdbException("no node of a list is of kind " + container);
            }
          }
        });
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
        set -> {
          for (int i = 0; i < count; i++) {
            byte[] member = in.string();
            double score =
                type == RdbFormat.ZSET_2 ? Double.longBitsToDouble(in.i64()) : in.doubleText();
            add(set, member, score);
          }
        });
  }

  private long sortedSetListpack(byte[] lp) throws IOException {
    return putSortedSet(
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

  private long putSortedSet(SortedSetFilling filling) throws IOException {
    SortedSetBuilder set = new SortedSetBuilder(keys);
    try {
      filling.fill(set);
    } catch (IOException damaged) {
      set.discard();
      throw damaged;
    }
    SortedSetLimits small = new SortedSetLimits(limits.zsetEntries(), limits.zsetBytes());
    return set.store(key.find(keys), key.array(), key.offset(), key.length(), small);
  }
}
