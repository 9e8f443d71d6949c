package io.redknot.server.replication;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What one command, or one transaction, has done: commands that do the same elsewhere, encoded as
 * RESP arrays of bulk strings one behind the other.
 *
 * <p>A command is begun with its name, then gets its words one by one. Its header, which tells the
 * number of words, is put before it at the end, into room that was left for it:
 *
 * <pre>
 *   room | *3 CR LF | $4 CR LF SREM CR LF | $1 CR LF k CR LF | $1 CR LF m CR LF | room | ...
 * </pre>
 *
 * <p>Used again and again; allocates nothing in steady state.
 */
public final class Effects {
  /** {@code *}, ten digits, CR LF. */
  private static final int HEADER_BYTES_MAX = 13;

  private static final int LONG_DIGITS_MAX = 20;
  private static final int INITIAL_BYTES = 256;
  private static final int INITIAL_COMMANDS = 4;

  /** Room beyond this is given back when the effects are published. */
  private static final int KEPT_BYTES_MAX = 64 * 1024;

  private static final int KEPT_COMMANDS_MAX = 1024;

  private byte[] bytes = {};
  private int size;
  private int[] starts = {};
  private int[] ends = {};
  private int[] databases = {};
  private int count;
  private int words;
  private boolean open;
  private final byte[] digits = new byte[LONG_DIGITS_MAX];

  /** Whether there is none. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** Number of commands. */
  public int count() {
    return count;
  }

  /** Forgets all, and gives unusually large room back. */
  public void clear() {
    size = 0;
    count = 0;
    open = false;
    if (bytes.length > KEPT_BYTES_MAX) {
      bytes = new byte[INITIAL_BYTES];
    }
    if (starts.length > KEPT_COMMANDS_MAX) {
      starts = new int[INITIAL_COMMANDS];
      ends = new int[INITIAL_COMMANDS];
      databases = new int[INITIAL_COMMANDS];
    }
  }

  /** Begins a command for a database; its words follow. */
  public Effects begin(int db, String name) {
    begin(db);
    return word(name);
  }

  private void begin(int db) {
    finish();
    if (count == starts.length) {
      int capacity = Math.max(INITIAL_COMMANDS, 2 * count);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
      databases = Arrays.copyOf(databases, capacity);
    }
    reserve(HEADER_BYTES_MAX);
    size += HEADER_BYTES_MAX;
    starts[count] = size;
    databases[count] = db;
    count++;
    words = 0;
    open = true;
  }

  /** Adds a command with all its words as a client gave them. */
  public void verbatim(int db, Args args) {
    begin(db);
    words(args, 0, args.count());
  }

  /** Adds an ASCII word. */
  public Effects word(String ascii) {
    int length = ascii.length();
    beginWord(length);
    for (int i = 0; i < length; i++) {
      bytes[size++] = (byte) ascii.charAt(i);
    }
    return endWord();
  }

  /** Adds an argument of the client's. */
  public Effects word(Args args, int index) {
    return word(args.array(), args.offset(index), args.length(index));
  }

  /** Adds arguments of the client's; the last is excluded. */
  public Effects words(Args args, int from, int to) {
    for (int i = from; i < to; i++) {
      word(args, i);
    }
    return this;
  }

  /** Adds a word of bytes. */
  public Effects word(byte[] array, int offset, int length) {
    beginWord(length);
    System.arraycopy(array, offset, bytes, size, length);
    size += length;
    return endWord();
  }

  /** Adds a decimal number. */
  public Effects word(long number) {
    int length = AsciiNumbers.write(number, digits, 0);
    return word(digits, 0, length);
  }

  private void beginWord(int length) {
    if (!open) {
      throw new IllegalStateException("a word without a command");
    }
    reserve(HEADER_BYTES_MAX + length + 2);
    header('$', length);
    words++;
  }

  private Effects endWord() {
    bytes[size++] = '\r';
    bytes[size++] = '\n';
    return this;
  }

  private void header(char type, int number) {
    bytes[size++] = (byte) type;
    size += AsciiNumbers.write(number, bytes, size);
    bytes[size++] = '\r';
    bytes[size++] = '\n';
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      long wanted = Math.max(INITIAL_BYTES, Math.max(2L * bytes.length, (long) size + more));
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
  }

  /** Completes the last command. */
  private void finish() {
    if (!open) {
      return;
    }
    open = false;
    int end = size;
    int last = count - 1;
    int length = AsciiNumbers.write(words, digits, 0);
    size = starts[last] - length - 3;
    starts[last] = size;
    header('*', words);
    size = end;
    ends[last] = end;
  }

  /** Hands the commands over, in their order. */
  void appendTo(Propagator.Sink sink) {
    finish();
    for (int i = 0; i < count; i++) {
      sink.append(databases[i], bytes, starts[i], ends[i] - starts[i]);
    }
  }

  /** The database of the first command. */
  int firstDatabase() {
    return databases[0];
  }

  /** The database of the last command. */
  int lastDatabase() {
    return databases[count - 1];
  }

  @Override
  public String toString() {
    finish();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int length = ends[i] - starts[i];
      text.append(new String(bytes, starts[i], length, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }
}
