package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * Ids of stream entries as clients write them: {@code ms-seq} or {@code ms}, each unsigned and read
 * as C's {@code strtoull} does; for ranges also {@code -}, {@code +} and {@code (id}.
 */
final class StreamIds {
  static final CommandError INVALID =
      CommandError.of("ERR Invalid stream ID specified as stream command argument");
  private static final CommandError INVALID_START =
      CommandError.of("ERR invalid start ID for the interval");
  private static final CommandError INVALID_END =
      CommandError.of("ERR invalid end ID for the interval");

  private static final int TEXT_BYTES_MAX = 127;
  private static final long UNSIGNED_MAX_TENTH = Long.divideUnsigned(-1L, 10);
  private static final int UNSIGNED_MAX_DIGIT = 5;

  private StreamIds() {}

  /**
   * The id that an argument is; its second half is 0 where it is not there.
   *
   * @throws CommandError where it is none
   */
  static StreamId of(Args args, int index) {
    return orInvalid(find(args, index));
  }

  /** As {@link #of}, but null where the argument is no id. */
  static @Nullable StreamId find(Args args, int index) {
    int from = args.offset(index);
    return isEnd(args, index) ? null : parse(args.array(), from, args.length(index), 0);
  }

  /** As {@link #of}, or {@code -} for the least id and {@code +} for the greatest. */
  static StreamId orEnd(Args args, int index) {
    return orEnd(args, index, 0);
  }

  private static StreamId orEnd(Args args, int index, long missingSeq) {
    if (isEnd(args, index)) {
      return args.array()[args.offset(index)] == '-' ? StreamId.ZERO : StreamId.MAX;
    }
    int from = args.offset(index);
    return orInvalid(parse(args.array(), from, args.length(index), missingSeq));
  }

  private static StreamId orInvalid(@Nullable StreamId id) {
    if (id == null) {
      throw INVALID;
    }
    return id;
  }

  private static boolean isEnd(Args args, int index) {
    int from = args.offset(index);
    byte[] bytes = args.array();
    return textLength(bytes, from, args.length(index)) == 1
        && (bytes[from] == '-' || bytes[from] == '+');
  }

  private static boolean isExclusive(Args args, int index) {
    return args.length(index) > 1 && args.array()[args.offset(index)] == '(';
  }

  /** The first id of a range that an argument begins. */
  static StreamId rangeStart(Args args, int index) {
    if (!isExclusive(args, index)) {
      return orEnd(args, index, 0);
    }
    StreamId excluded = behindParenthesis(args, index, 0);
    if (excluded.isMax()) {
      throw INVALID_START;
    }
    return excluded.next();
  }

  /** The last id of a range that an argument ends. */
  static StreamId rangeEnd(Args args, int index) {
    if (!isExclusive(args, index)) {
      return orEnd(args, index, -1);
    }
    StreamId excluded = behindParenthesis(args, index, -1);
    if (excluded.isZero()) {
      throw INVALID_END;
    }
    return excluded.previous();
  }

  private static StreamId behindParenthesis(Args args, int index, long missingSeq) {
    int from = args.offset(index) + 1;
    return orInvalid(parse(args.array(), from, args.length(index) - 1, missingSeq));
  }

  /**
   * The first half of an id {@code ms-*}, as an id.
   *
   * @return null where the argument is not of that form
   */
  static @Nullable StreamId withoutSeq(Args args, int index) {
    byte[] bytes = args.array();
    int from = args.offset(index);
    int length = textLength(bytes, from, args.length(index));
    int dash = dash(bytes, from, length);
    if (dash < 0 || dash != length - 2 || bytes[from + length - 1] != '*') {
      return null;
    }
    return parse(bytes, from, dash, 0);
  }

  /** An argument as errors show it: up to a NUL. */
  static String shown(Args args, int index) {
    return args.text(index)
        .substring(0, textLength(args.array(), args.offset(index), args.length(index)));
  }

  /** Bytes up to a NUL, behind which Redis does not look. */
  private static int textLength(byte[] bytes, int from, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[from + i] == 0) {
        return i;
      }
    }
    return length;
  }

  private static int dash(byte[] bytes, int from, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[from + i] == '-') {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable StreamId parse(byte[] bytes, int from, int size, long missingSeq) {
    if (size > TEXT_BYTES_MAX) {
      return null;
    }
    int length = textLength(bytes, from, size);
    int dash = dash(bytes, from, length);
    int msLength = dash < 0 ? length : dash;
    if (!isUnsigned(bytes, from, msLength)) {
      return null;
    }
    long ms = unsigned(bytes, from, msLength);
    if (dash < 0) {
      return new StreamId(ms, missingSeq);
    }
    int seqFrom = from + dash + 1;
    int seqLength = length - dash - 1;
    return isUnsigned(bytes, seqFrom, seqLength)
        ? new StreamId(ms, unsigned(bytes, seqFrom, seqLength))
        : null;
  }

  private static int skipBlanks(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r'))) {
      at++;
    }
    return at;
  }

  private static boolean isUnsigned(byte[] bytes, int from, int length) {
    if (AsciiNumbers.isLong(bytes, from, length)) {
      return bytes[from] != '-';
    }
    int end = from + length;
    int at = skipBlanks(bytes, from, end);
    if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
      at++;
    }
    if (at == end) {
      return false;
    }
    long value = 0;
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9 || exceeds(value, digit)) {
        return false;
      }
      value = value * 10 + digit;
    }
    return true;
  }

  private static boolean exceeds(long value, int digit) {
    int order = Long.compareUnsigned(value, UNSIGNED_MAX_TENTH);
    return order > 0 || (order == 0 && digit > UNSIGNED_MAX_DIGIT);
  }

  /** The value of bytes for which {@link #isUnsigned} holds. */
  private static long unsigned(byte[] bytes, int from, int length) {
    int end = from + length;
    int at = skipBlanks(bytes, from, end);
    boolean negative = bytes[at] == '-';
    if (negative || bytes[at] == '+') {
      at++;
    }
    long value = 0;
    for (; at < end; at++) {
      value = value * 10 + (bytes[at] - '0');
    }
    return negative ? -value : value;
  }
}
