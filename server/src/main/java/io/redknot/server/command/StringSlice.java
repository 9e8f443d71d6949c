package io.redknot.server.command;

import io.redknot.protocol.AsciiNumbers;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;

/**
 * A string's bytes as clients see them: borrowed from the keyspace until its next write, or the
 * digits of a string that is stored as an integer.
 */
final class StringSlice {
  static final StringSlice EMPTY = new StringSlice(new byte[0], 0, 0);

  private final byte[] array;
  private final int offset;
  private final int length;

  private StringSlice(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** The bytes of an entry; nothing where the reference is 0. */
  static StringSlice of(Keyspace keys, long ref) {
    if (ref == 0) {
      return EMPTY;
    }
    if (StringValue.isInteger(keys, ref)) {
      byte[] digits = digits(StringValue.integer(keys, ref));
      return new StringSlice(digits, 0, digits.length);
    }
    return new StringSlice(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
  }

  /** Bytes of an array. */
  static StringSlice of(byte[] array, int offset, int length) {
    return new StringSlice(array, offset, length);
  }

  /** The decimal text of an integer. */
  static byte[] digits(long value) {
    byte[] digits = new byte[AsciiNumbers.textLength(value)];
    AsciiNumbers.write(value, digits, 0);
    return digits;
  }

  /** Where the bytes are. */
  byte[] array() {
    return array;
  }

  /** The first of them in {@link #array()}. */
  int offset() {
    return offset;
  }

  /** How many they are. */
  int length() {
    return length;
  }

  /** The byte at a position from 0. */
  byte at(int position) {
    return array[offset + position];
  }
}
