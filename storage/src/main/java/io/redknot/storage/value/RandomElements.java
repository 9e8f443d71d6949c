package io.redknot.storage.value;

import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.RandomSource;

/** Uniform picks from hashes and sets. They must not be empty. */
public final class RandomElements {
  /** One of so many elements or more is wanted: drawing beats looking at all of them. */
  private static final int SPARSE = 4;

  /** From so many picks on the positions of a listpack's elements are collected first. */
  private static final int INDEXED_PICKS = 4;

  private RandomElements() {}

  private static int stride(Keyspace keys, long ref) {
    return keys.type(ref) == EntryFormat.TYPE_SET ? 1 : 2;
  }

  /** Visits elements that are drawn independently, so that one may come several times. */
  public static void repeated(Keyspace keys, long ref, long picks, ElementVisitor visitor) {
    switch (keys.encoding(ref)) {
      case EntryFormat.LARGE -> repeated((HashTable) keys.large(ref), keys, picks, visitor);
      case EntryFormat.INTSET -> repeatedIntegers(keys, ref, picks, visitor);
      default -> repeatedSmall(keys, ref, picks, visitor);
    }
  }

  private static void repeated(
      HashTable table, RandomSource random, long picks, ElementVisitor visitor) {
    for (long i = 0; i < picks; i++) {
      table.random(random);
      visitCurrent(table, visitor);
    }
  }

  private static void visitCurrent(HashTable table, ElementVisitor visitor) {
    visitor.element(
        table.keyArray(),
        table.keyOffset(),
        table.keyLength(),
        table.valueArray(),
        table.valueOffset(),
        table.valueLength());
  }

  private static void repeatedIntegers(
      Keyspace keys, long ref, long picks, ElementVisitor visitor) {
    byte[] set = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int count = IntSet.count(set, at);
    SmallElements elements = new SmallElements(visitor);
    for (long i = 0; i < picks; i++) {
      elements.show(IntSet.get(set, at, (int) keys.draw(count)));
    }
  }

  private static void repeatedSmall(Keyspace keys, long ref, long picks, ElementVisitor visitor) {
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int stride = stride(keys, ref);
    int count = Listpack.count(lp, at) / stride;
    SmallElements elements = new SmallElements(visitor);
    if (picks < INDEXED_PICKS) {
      for (long i = 0; i < picks; i++) {
        elements.show(lp, at, Listpack.seek(lp, at, (int) keys.draw(count) * stride), stride);
      }
      return;
    }
    int[] positions = new int[count];
    int p = Listpack.first(lp, at);
    for (int i = 0; i < count; i++) {
      positions[i] = p;
      p = SmallElements.skip(lp, at, p, stride);
    }
    for (long i = 0; i < picks; i++) {
      elements.show(lp, at, positions[(int) keys.draw(count)], stride);
    }
  }

  /**
   * Visits different elements: a subset of that size, each as likely as the others.
   *
   * @param picks at least 0, at most the number of elements
   */
  public static void distinct(Keyspace keys, long ref, int picks, ElementVisitor visitor) {
    switch (keys.encoding(ref)) {
      case EntryFormat.LARGE -> distinct((HashTable) keys.large(ref), keys, picks, visitor);
      case EntryFormat.INTSET -> distinctIntegers(keys, ref, picks, visitor);
      default -> distinctSmall(keys, ref, picks, visitor);
    }
  }

  private static void distinct(
      HashTable table, RandomSource random, int picks, ElementVisitor visitor) {
    if (picks > table.count() / SPARSE) {
      Selection selection = new Selection(random, picks, table.count());
      table.forEach(
          (key, keyAt, keyLength, value, valueAt, valueLength) -> {
            if (selection.takesNext()) {
              visitor.element(key, keyAt, keyLength, value, valueAt, valueLength);
            }
          });
      return;
    }
    DrawnPlaces drawn = new DrawnPlaces(picks);
    while (drawn.count() < picks) {
      if (drawn.add(table.random(random))) {
        visitCurrent(table, visitor);
      }
    }
  }

  private static void distinctIntegers(Keyspace keys, long ref, int picks, ElementVisitor visitor) {
    byte[] set = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int count = IntSet.count(set, at);
    SmallElements elements = new SmallElements(visitor);
    Selection selection = new Selection(keys, picks, count);
    for (int i = 0; i < count; i++) {
      if (selection.takesNext()) {
        elements.show(IntSet.get(set, at, i));
      }
    }
  }

  private static void distinctSmall(Keyspace keys, long ref, int picks, ElementVisitor visitor) {
    byte[] lp = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    int stride = stride(keys, ref);
    int count = Listpack.count(lp, at) / stride;
    SmallElements elements = new SmallElements(visitor);
    Selection selection = new Selection(keys, picks, count);
    int p = Listpack.first(lp, at);
    for (int i = 0; i < count; i++) {
      if (selection.takesNext()) {
        elements.show(lp, at, p, stride);
      }
      p = SmallElements.skip(lp, at, p, stride);
    }
  }
}
