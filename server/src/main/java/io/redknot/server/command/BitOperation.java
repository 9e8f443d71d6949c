package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.storage.memory.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What BITOP does to bits; strings are as long as the longest, with zeros behind their ends. */
enum BitOperation {
  AND {
    @Override
    long combine(long a, long b) {
      return a & b;
    }
  },
  OR {
    @Override
    long combine(long a, long b) {
      return a | b;
    }
  },
  XOR {
    @Override
    long combine(long a, long b) {
      return a ^ b;
    }
  },
  NOT {
    @Override
    long combine(long a, long b) {
      return ~b;
    }
  };

  /** Of two words; NOT has only the second. */
  abstract long combine(long a, long b);

  /** The operation that an argument names in any case; null where there is none. */
  static @Nullable BitOperation named(Args args, int index) {
    return args.is(index, "and")
        ? AND
        : args.is(index, "or")
            ? OR
            : args.is(index, "xor") ? XOR : args.is(index, "not") ? NOT : null;
  }

  /**
   * Combines what was computed so far with a further string.
   *
   * @return the result, which may be the first array
   */
  byte[] with(byte[] soFar, StringSlice string) {
    byte[] result = string.length() > soFar.length ? Arrays.copyOf(soFar, string.length()) : soFar;
    byte[] array = string.array();
    int offset = string.offset();
    int at = 0;
    for (; at <= string.length() - Long.BYTES; at += Long.BYTES) {
      long word = combine(Bytes.getLong(result, at), Bytes.getLong(array, offset + at));
      Bytes.putLong(result, at, word);
    }
    for (; at < string.length(); at++) {
      result[at] = (byte) combine(result[at], array[offset + at]);
    }
    if (this == AND) {
      Arrays.fill(result, at, result.length, (byte) 0);
    }
    return result;
  }
}
