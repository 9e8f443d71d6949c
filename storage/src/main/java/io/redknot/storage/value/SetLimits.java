package io.redknot.storage.value;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.keyspace.EntryFormat;

/**
 * Up to what size sets are kept small.
 *
 * @param intsetEntries a set of more integers is no intset
 * @param listpackEntries a set of more members is no listpack
 * @param listpackBytes nor is one with a longer member
 */
public record SetLimits(long intsetEntries, long listpackEntries, long listpackBytes) {
  /** The encoding of a set to which a number of members is about to be added, this one first. */
  int encodingFor(byte[] member, int offset, int length, int members) {
    if (members <= intsetEntries && DecimalText.isLong(member, offset, length)) {
      return EntryFormat.INTSET;
    }
    return members <= listpackEntries ? EntryFormat.LISTPACK : EntryFormat.LARGE;
  }

  /** Whether a listpack of so many members takes another one of that length. */
  boolean listpackTakes(int members, int length) {
    return members < listpackEntries && length <= listpackBytes;
  }

  /** Whether a set of that encoding may stay so when a number of members is about to be added. */
  boolean allows(int encoding, int members) {
    return switch (encoding) {
      case EntryFormat.INTSET -> members <= intsetEntries;
      case EntryFormat.LISTPACK -> members <= listpackEntries;
      default -> true;
    };
  }
}
