package io.redknot.storage.rdb;

import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.LargeValue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Collects the elements of a set or a hash that is read: in a listpack while they are few and
 * short, in a table from then on.
 */
final class ElementsBuilder {
  private static final int NODES_AT_ONCE = 1024;
  private static final byte[] NOTHING = {};

  private final Keyspace keys;
  private final int group;
  private final long entriesMax;
  private final long bytesMax;
  private final ListpackBuilder pack = new ListpackBuilder();
  private @Nullable HashTable table;

  /**
   * Begins.
   *
   * @param group 1: elements are keys alone; 2: they have values
   * @param entriesMax more elements make a table
   * @param bytesMax so does a longer key or value
   */
  ElementsBuilder(Keyspace keys, int group, long entriesMax, long bytesMax) {
    this.keys = keys;
    this.group = group;
    this.entriesMax = entriesMax;
    this.bytesMax = bytesMax;
  }

  /** The table; null where it is a listpack. */
  @Nullable HashTable table() {
    return table;
  }

  ListpackBuilder pack() {
    return pack;
  }

  /**
   * Adds an element.
   *
   * @param expected how many there will be in all
   * @throws RdbException where there is one with that key
   */
  void add(byte[] key, byte[] value, long expected) throws RdbException {
    HashTable large = table;
    if (large == null
        && (expected > entriesMax || key.length > bytesMax || value.length > bytesMax)) {
      large = toTable();
    }
    boolean isNew;
    if (large != null) {
      isNew = large.put(key, 0, key.length, value, 0, value.length);
    } else {
      isNew = !pack.contains(key, group);
      pack.add(key);
      if (group > 1) {
        pack.add(value);
      }
    }
    if (!isNew) {
      throw new RdbException("an element is there twice");
    }
  }

  /** As {@link #add}, all elements of a listpack. */
  void addAll(byte[] lp) throws RdbException {
    long expected = Listpack.count(lp, 0) / group;
    int p = Listpack.first(lp, 0);
    while (p != Listpack.NONE) {
      byte[] key = text(lp, p);
      byte[] value = NOTHING;
      p = Listpack.next(lp, 0, p);
      if (group > 1) {
        value = text(lp, p);
        p = Listpack.next(lp, 0, p);
      }
      add(key, value, expected);
    }
  }

  /** An element of a listpack as text of its own. */
  static byte[] text(byte[] lp, int p) {
    byte[] text = new byte[Listpack.length(lp, 0, p)];
    Listpack.copy(lp, 0, p, text, 0);
    return text;
  }

  private HashTable toTable() throws RdbException {
    HashTable large = new HashTable(keys.nodes(), keys.hash());
    table = large;
    byte[] lp = Arrays.copyOf(pack.bytes(), pack.length());
    pack.clear();
    addAll(lp);
    return large;
  }

  /** Gives up what was collected. */
  void discard() {
    if (table != null) {
      discard(table);
    }
  }

  /** Gives the nodes of a value back that does not come to a key. */
  static void discard(LargeValue value) {
    while (value.release(NODES_AT_ONCE) == NODES_AT_ONCE) {
      // Nothing else may be done with it.
    }
  }
}
