package io.redknot.storage.aof;

import io.redknot.storage.rdb.ByteSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the commands of a file. Lines that begin with {@code #} are passed over.
 *
 * <p>No length is trusted: the buffer grows as bytes arrive.
 */
public final class AofReader {
  /** What {@link #next} found. */
  public enum Outcome {
    /** A command. */
    COMMAND,
    /** The end of the file, behind a command. */
    END,
    /** The end of the file, within a command. */
    TRUNCATED,
    /** A line that says that what follows is of a later time than is wanted. */
    LATER
  }

  /** For {@link #until}: whatever time there is. */
  public static final long ANY_TIME = Long.MAX_VALUE;

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int BUFFER_BYTES_MAX = Integer.MAX_VALUE - 64;
  private static final int WORDS = 16;

  /** Digits that a length may have, its sign not counted. */
  private static final int DIGITS_MAX = 10;

  private static final int TRUNCATED = -2;

  /** How a line begins that tells when what follows was written, in Unix seconds. */
  private static final byte[] TIME_MARK = "#TS:".getBytes(StandardCharsets.US_ASCII);

  private static final long NO_TIME = -1;

  private final ByteSource source;
  private byte[] buffer = new byte[BUFFER_BYTES];

  /** The command that is being read begins at {@code start}; read so far up to {@code at}. */
  private int start;

  private int at;
  private int end;
  private boolean ended;

  /** Position in the file of the buffer's first byte. */
  private long before;

  private long position;
  private long untilSeconds = ANY_TIME;

  /** What the last line tells that was passed over. */
  private long lineSeconds;

  private int[] offsets = new int[WORDS];
  private int[] lengths = new int[WORDS];
  private int count;

  /**
   * Begins to read.
   *
   * @param position where in the file the source is
   */
  public AofReader(ByteSource source, long position) {
    this.source = source;
    this.before = position;
    this.position = position;
  }

  /**
   * Has reading end where a line tells a later time; lines with times are in files that were
   * written with {@code aof-timestamp-enabled}.
   *
   * @param seconds Unix time, or {@link #ANY_TIME}, with which such lines are not looked at
   */
  public AofReader until(long seconds) {
    untilSeconds = seconds;
    return this;
  }

  /**
   * Goes to the next command.
   *
   * @throws AofException where something else stands there
   */
  public Outcome next() throws IOException {
    start = at;
    while (need(1) && buffer[at] == '#') {
      long line = before + at;
      if (!skipLine()) {
        return Outcome.TRUNCATED;
      }
      start = at;
      if (lineSeconds > untilSeconds) {
        position = line;
        return Outcome.LATER;
      }
    }
    if (at == end) {
      return Outcome.END;
    }
    int words = number('*');
    if (words == TRUNCATED) {
      return Outcome.TRUNCATED;
    }
    if (words < 1) {
      throw new AofException("a command without a name");
    }
    for (count = 0; count < words; count++) {
      if (!word()) {
        return Outcome.TRUNCATED;
      }
    }
    position = before + at;
    return Outcome.COMMAND;
  }

  private boolean word() throws IOException {
    int length = number('$');
    if (length == TRUNCATED) {
      return false;
    }
    if (length > BUFFER_BYTES_MAX - 2 - (at - start)) {
      throw new AofException("a command of more than 2 GiB");
    }
    if (!need(length + 2)) {
      return false;
    }
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    offsets[count] = at - start;
    lengths[count] = length;
    at += length;
    endLine();
    return true;
  }

  /** A line of a letter and a number, not negative. */
  private int number(char letter) throws IOException {
    if (!need(1)) {
      return TRUNCATED;
    }
    if (buffer[at] != letter) {
      throw new AofException(
          "'" + letter + "' was expected at " + (before + at) + ", not byte " + buffer[at]);
    }
    at++;
    long value = 0;
    int digits = 0;
    while (true) {
      if (!need(1)) {
        return TRUNCATED;
      }
      int digit = buffer[at] - '0';
      if (digit < 0 || digit > 9) {
        break;
      }
      value = value * 10 + digit;
      digits++;
      at++;
      if (digits > DIGITS_MAX) {
        break;
      }
    }
    if (digits == 0 || value > Integer.MAX_VALUE) {
      throw new AofException("no length, or none that can be, at " + (before + at));
    }
    if (!need(2)) {
      return TRUNCATED;
    }
    endLine();
    return (int) value;
  }

  private void endLine() throws AofException {
    if (buffer[at] != '\r' || buffer[at + 1] != '\n') {
      throw new AofException("a line's end was expected at " + (before + at));
    }
    at += 2;
  }

  /** Passes over a line without keeping it; false where the file ends before the line. */
  private boolean skipLine() throws IOException {
    lineSeconds = NO_TIME;
    int marked = 0;
    while (need(1)) {
      byte next = buffer[at++];
      start = at;
      if (next == '\n') {
        return true;
      }
      if (marked == TIME_MARK.length) {
        timeDigit(next);
      } else {
        marked = marked >= 0 && next == TIME_MARK[marked] ? marked + 1 : -1;
      }
    }
    return false;
  }

  /** A character of a line's time; its last one is that before the line's end. */
  private void timeDigit(byte next) throws AofException {
    if (untilSeconds == ANY_TIME || (next == '\r' && lineSeconds != NO_TIME)) {
      return;
    }
    int digit = next - '0';
    long high = Math.max(0, lineSeconds);
    if (digit < 0 || digit > 9 || high > Integer.MAX_VALUE) {
      throw new AofException("a time that is none at " + (before + at));
    }
    lineSeconds = high * 10 + digit;
  }

  /** Whether so many bytes are there. */
  private boolean need(int bytes) throws IOException {
    return end - at >= bytes || fill(bytes);
  }

  private boolean fill(int bytes) throws IOException {
    while (end - at < bytes && !ended) {
      if (end == buffer.length) {
        makeRoom();
      }
      int read = source.read(buffer, end, buffer.length - end);
      if (read < 0) {
        ended = true;
      } else {
        end += read;
      }
    }
    return end - at >= bytes;
  }

  /** Moves the command to the beginning, of a larger buffer where it fills most of this one. */
  private void makeRoom() throws AofException {
    int kept = end - start;
    if (kept == BUFFER_BYTES_MAX) {
      throw new AofException("a command of more than 2 GiB");
    }
    byte[] target = buffer;
    if (kept > buffer.length / 2) {
      target = new byte[(int) Math.min(2L * buffer.length, BUFFER_BYTES_MAX)];
    }
    System.arraycopy(buffer, start, target, 0, kept);
    buffer = target;
    before += start;
    at -= start;
    end = kept;
    start = 0;
  }

  /** Words of the command. */
  public int count() {
    return count;
  }

  /** Holds the command's words; borrowed until the next call of {@link #next}. */
  public byte[] array() {
    return buffer;
  }

  /** First byte of a word in {@link #array}. */
  public int offset(int word) {
    return start + offsets[word];
  }

  /** Length of a word in bytes. */
  public int length(int word) {
    return lengths[word];
  }

  /** Position in the file behind the last command that is complete. */
  public long position() {
    return position;
  }
}
