package io.redknot.storage.rdb;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.IntSet;
import io.redknot.storage.keyspace.Keyspace;
import java.util.Arrays;

/** Collects the members of a set that is read: in an intset while it can be one. */
final class SetBuilder {
  private static final byte[] NOTHING = {};

  private final long integersMax;
  private final ElementsBuilder members;
  private byte[] integers = new byte[IntSet.HEADER_BYTES];
  private boolean onlyIntegers = true;

  /**
   * Begins.
   *
   * @param bytesMax a longer member makes a table
   */
  SetBuilder(Keyspace keys, EncodingLimits limits, long bytesMax) {
    this.integersMax = limits.setIntegers();
    this.members = new ElementsBuilder(keys, 1, limits.setEntries(), bytesMax);
    IntSet.clear(integers, 0);
  }

  /** Whether all members are integers, and few enough. */
  boolean isIntSet() {
    return onlyIntegers;
  }

  /** The intset; as many of its bytes count as it says itself. */
  byte[] integers() {
    return integers;
  }

  /** The members of a set that is no intset. */
  ElementsBuilder members() {
    return members;
  }

  /**
   * Adds a member.
   *
   * @param expected how many there will be in all
   * @throws RdbException where it is there
   */
  void add(byte[] member, long expected) throws RdbException {
    if (onlyIntegers && expected <= integersMax && DecimalText.isLong(member, 0, member.length)) {
      add(DecimalText.toLong(member, 0, member.length));
      return;
    }
    if (onlyIntegers) {
      onlyIntegers = false;
      addAllIntegers(expected);
    }
    members.add(member, NOTHING, expected);
  }

  private void add(long value) throws RdbException {
    int index = IntSet.find(integers, 0, value);
    if (index >= 0) {
      throw new RdbException("an element is there twice");
    }
    int needed = IntSet.bytesWith(integers, 0, value);
    if (needed > integers.length) {
      integers = Arrays.copyOf(integers, 2 * needed);
    }
    IntSet.insert(integers, 0, ~index, value);
  }

  private void addAllIntegers(long expected) throws RdbException {
    for (int i = 0; i < IntSet.count(integers, 0); i++) {
      long value = IntSet.get(integers, 0, i);
      byte[] text = new byte[DecimalText.length(value)];
      DecimalText.write(value, text, 0);
      members.add(text, NOTHING, expected);
    }
  }

  /** Takes over an intset, which is valid. */
  void addAll(byte[] intSet) throws RdbException {
    integers = intSet;
    long count = IntSet.count(intSet, 0);
    if (count > integersMax) {
      onlyIntegers = false;
      addAllIntegers(count);
    }
  }
}
