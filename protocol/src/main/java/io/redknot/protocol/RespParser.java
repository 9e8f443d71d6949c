package io.redknot.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request after the other from a connection's bytes: RESP arrays of bulk strings, and
 * inline requests.
 *
 * <pre>
 *   request = "*" count CR LF, count times: "$" length CR LF, length bytes, 2 bytes ignored
 *           | words separated by blanks, LF          (inline; quotes as in redis-cli)
 * </pre>
 *
 * <p>The parser keeps its place between calls, so that a request of many reads is scanned once.
 * Offsets count from the first byte of the request; the caller may move those bytes between calls
 * and says where they are now. Nothing is allocated per request in steady state.
 */
public final class RespParser {
  /** What a call to {@link #parse} found. */
  public enum Outcome {
    /** The request is not complete; call again with more bytes, from the same first byte. */
    NEED_MORE,
    /** The arguments are filled; {@link #consumed()} bytes belonged to the request. */
    COMMAND,
    /** An empty request, to be skipped without a reply; {@link #consumed()} bytes long. */
    EMPTY,
    /** The grammar is violated: answer {@link #error()} and close the connection. */
    ERROR
  }

  private static final long NOT_A_NUMBER = Long.MIN_VALUE;

  private final Args args;
  private final InlineSplitter inline = new InlineSplitter();
  private long bulkBytesMax = 512L * 1024 * 1024;
  private boolean authenticated = true;

  // Progress within the current request, relative to its first byte.
  private int position;
  private int remaining = -1;
  private int bulkLength = -1;
  private int consumed;
  private @Nullable String error;

  public RespParser(Args args) {
    this.args = args;
  }

  /** Sets {@code proto-max-bulk-len}, in bytes. */
  public void limitBulkBytes(long bytes) {
    bulkBytesMax = bytes;
  }

  /** Before authentication much smaller limits hold, see {@link RespLimits}. */
  public void authenticated(boolean value) {
    authenticated = value;
  }

  /** Bytes of the request just found. */
  public int consumed() {
    return consumed;
  }

  /** The protocol error's text without the leading {@code -}. */
  public String error() {
    return error == null ? "" : error;
  }

  /** Bytes that the request lacks as far as it is known: a hint for sizing the buffer. */
  public int missingHint(int available) {
    return bulkLength < 0 ? 0 : Math.max(0, position + bulkLength + 2 - available);
  }

  /** Bytes of the request that is incomplete, as far as they are parsed. */
  public int parsedBytes() {
    return remaining < 0 ? 0 : position;
  }

  /**
   * Parses one request whose first byte is at {@code from}; {@code to} is the end of what was read.
   */
  public Outcome parse(byte[] buffer, int from, int to) {
    if (remaining < 0) {
      if (from == to) {
        return Outcome.NEED_MORE;
      }
      if (buffer[from] != '*') {
        return parseInline(buffer, from, to);
      }
      Outcome header = parseHeader(buffer, from, to);
      if (header != Outcome.COMMAND) {
        return header;
      }
    }
    return parseBulks(buffer, from, to);
  }

  private Outcome parseHeader(byte[] buffer, int from, int to) {
    int end = lineEnd(buffer, from + position, to);
    if (end < 0) {
      return to - from > RespLimits.LINE_BYTES_MAX
          ? fail("too big mbulk count string")
          : Outcome.NEED_MORE;
    }
    long count = number(buffer, from + 1, end);
    if (count == NOT_A_NUMBER || count > RespLimits.ARGUMENTS_MAX) {
      return fail("invalid multibulk length");
    }
    if (!authenticated && count > RespLimits.UNAUTHENTICATED_ARGUMENTS_MAX) {
      return fail("unauthenticated multibulk length");
    }
    position = end + 2 - from;
    if (count <= 0) {
      return finish(Outcome.EMPTY);
    }
    args.clear();
    remaining = (int) count;
    return Outcome.COMMAND;
  }

  private Outcome parseBulks(byte[] buffer, int from, int to) {
    while (remaining > 0) {
      if (bulkLength < 0) {
        Outcome header = parseBulkHeader(buffer, from, to);
        if (header != Outcome.COMMAND) {
          return header;
        }
      }
      if ((long) to - from - position < (long) bulkLength + 2) {
        return Outcome.NEED_MORE;
      }
      args.add(position, bulkLength);
      position += bulkLength + 2;
      bulkLength = -1;
      remaining--;
    }
    args.rebase(buffer, from);
    return finish(Outcome.COMMAND);
  }

  private Outcome parseBulkHeader(byte[] buffer, int from, int to) {
    int start = from + position;
    // One and two digit lengths are nearly all there is.
    if (to - start >= 5 && buffer[start] == '$') {
      int first = buffer[start + 1] - '0';
      if (first >= 0 && first <= 9 && buffer[start + 2] == '\r') {
        bulkLength = first;
        position += 4;
        return Outcome.COMMAND;
      }
      int second = buffer[start + 2] - '0';
      if (first > 0 && first <= 9 && second >= 0 && second <= 9 && buffer[start + 3] == '\r') {
        bulkLength = first * 10 + second;
        position += 5;
        return Outcome.COMMAND;
      }
    }
    int end = lineEnd(buffer, start, to);
    if (end < 0) {
      return to - start > RespLimits.LINE_BYTES_MAX
          ? fail("too big bulk count string")
          : Outcome.NEED_MORE;
    }
    if (buffer[start] != '$') {
      return fail("expected '$', got '" + (char) (buffer[start] & 0xff) + "'");
    }
    long length = number(buffer, start + 1, end);
    if (length == NOT_A_NUMBER || length < 0 || length > bulkBytesMax) {
      return fail("invalid bulk length");
    }
    if (!authenticated && length > RespLimits.UNAUTHENTICATED_BULK_BYTES_MAX) {
      return fail("unauthenticated bulk length");
    }
    if (length > Integer.MAX_VALUE - 64 - (long) end) {
      return fail("invalid bulk length");
    }
    bulkLength = (int) length;
    position = end + 2 - from;
    return Outcome.COMMAND;
  }

  /** Index of the CR that ends a line and has its next byte present; -1 where there is none. */
  private static int lineEnd(byte[] buffer, int from, int to) {
    for (int i = from; i < to - 1; i++) {
      if (buffer[i] == '\r') {
        return i;
      }
    }
    return -1;
  }

  private static long number(byte[] buffer, int from, int to) {
    return AsciiNumbers.isLong(buffer, from, to - from)
        ? AsciiNumbers.toLong(buffer, from, to - from)
        : NOT_A_NUMBER;
  }

  private Outcome parseInline(byte[] buffer, int from, int to) {
    int end = from + position;
    while (end < to && buffer[end] != '\n') {
      end++;
    }
    if (end == to) {
      if (to - from > RespLimits.LINE_BYTES_MAX) {
        return fail("too big inline request");
      }
      position = to - from;
      return Outcome.NEED_MORE;
    }
    position = end + 1 - from;
    int lineEnd = end > from && buffer[end - 1] == '\r' ? end - 1 : end;
    args.clear();
    if (!inline.split(buffer, from, lineEnd, args)) {
      return fail("unbalanced quotes in request");
    }
    return finish(args.count() == 0 ? Outcome.EMPTY : Outcome.COMMAND);
  }

  private Outcome finish(Outcome outcome) {
    consumed = position;
    position = 0;
    remaining = -1;
    return outcome;
  }

  private Outcome fail(String reason) {
    error = "ERR Protocol error: " + reason;
    return Outcome.ERROR;
  }

  /** Splits a line into arguments; also what a test or a tool uses for a typed command. */
  public static @Nullable Args splitLine(String line) {
    Args args = new Args();
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    return new InlineSplitter().split(bytes, 0, bytes.length, args) ? args : null;
  }
}
