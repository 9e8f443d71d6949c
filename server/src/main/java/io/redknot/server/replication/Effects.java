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
 * <p>What does not fit loses all that is collected, as nothing half may be told; whoever takes the
 * stream then begins anew with the whole data set.
 *
 * <p>Used again and again; allocates nothing in steady state.
 */
public final class Effects {
  /** {@code *}, ten digits, CR LF. */
  private static final int HEADER_BYTES_MAX = 13;

  private static final int LONG_DIGITS_MAX = 20;
  private static final long AROUND_SEVERAL_BYTES =
      Args.ofText("MULTI").encodedBytes() + Args.ofText("EXEC").encodedBytes();
  private static final int INITIAL_BYTES = 256;
  private static final int INITIAL_COMMANDS = 4;

  /** Room beyond this is given back when the effects are published. */
  private static final int KEPT_BYTES_MAX = 64 * 1024;

  private static final int KEPT_COMMANDS_MAX = 1024;
  private static final int BYTES_MAX = Integer.MAX_VALUE - 64;

  private final int bytesMax;
  private byte[] bytes = {};
  private int size;
  private int[] starts = {};
  private int[] ends = {};

  /** The database of each command; that of one that only tells something is complemented. */
  private int[] databases = {};

  private int count;
  private int messages;
  private int expirations;
  private int words;
  private boolean open;
  private boolean lost;
  private final byte[] digits = new byte[LONG_DIGITS_MAX];

  /** None, with as much room as an array has. */
  public Effects() {
    this(BYTES_MAX);
  }

  /** None, with room for so many bytes. */
  Effects(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return count == 0 && !lost;
  }

  /** Whether some are missing: then none may be told. */
  boolean isLost() {
    return lost;
  }

  /** Whether words may still be added to the last command. */
  public boolean isOpen() {
    return open;
  }

  /** Something was done that cannot be told, so nothing of it is. */
  public void lose() {
    clear();
    lost = true;
  }

  /** Whether data was changed, by something else than its time being over. */
  public boolean hasChanges() {
    return lost || count > messages + expirations;
  }

  /** Begins a command that removes a key whose time is over; its words follow. */
  Effects beginExpired(int db, String verb) {
    begin(db);
    expirations++;
    return word(verb);
  }

  /** Number of commands that a sink takes. */
  int countFor(Propagator.Sink sink) {
    return sink.takesMessages() ? count : count - messages;
  }

  /** Forgets all, and gives unusually large room back. */
  public void clear() {
    size = 0;
    count = 0;
    messages = 0;
    expirations = 0;
    open = false;
    lost = false;
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

  /** Begins a command for a database, whose name is an argument of the client's. */
  public Effects begin(int db, Args args, int index) {
    begin(db);
    return word(args, index);
  }

  private void begin(int db) {
    finish();
    if (count == starts.length) {
      int capacity = Math.max(INITIAL_COMMANDS, 2 * count);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
      databases = Arrays.copyOf(databases, capacity);
    }
    if (lost || !reserve(HEADER_BYTES_MAX)) {
      return;
    }
    size += HEADER_BYTES_MAX;
    starts[count] = size;
    databases[count] = db;
    count++;
    words = 0;
    open = true;
  }

  /** Takes the command back that was begun last. */
  public void cancel() {
    if (lost) {
      return;
    }
    if (!open) {
      throw new IllegalStateException("no command is begun");
    }
    open = false;
    count--;
    size = starts[count] - HEADER_BYTES_MAX;
  }

  /** Adds a command with all its words as a client gave them. */
  public void verbatim(int db, Args args) {
    begin(db);
    words(args, 0, args.count());
  }

  /** As {@link #verbatim}, of a command that changes nothing but is told to clients elsewhere. */
  public void message(int db, Args args) {
    verbatim(~db, args);
    messages++;
  }

  /** Adds an ASCII word. */
  public Effects word(String ascii) {
    int length = ascii.length();
    if (!beginWord(length)) {
      return this;
    }
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
  public Effects word(byte[] array) {
    return word(array, 0, array.length);
  }

  /** Adds a word of bytes. */
  public Effects word(byte[] array, int offset, int length) {
    if (!beginWord(length)) {
      return this;
    }
    System.arraycopy(array, offset, bytes, size, length);
    size += length;
    return endWord();
  }

  /** Adds a decimal number. */
  public Effects word(long number) {
    int length = AsciiNumbers.write(number, digits, 0);
    return word(digits, 0, length);
  }

  /** Returns false where there is no room for it. */
  private boolean beginWord(int length) {
    if (!open && !lost) {
      throw new IllegalStateException("a word without a command");
    }
    if (lost || !reserve((long) HEADER_BYTES_MAX + length + 2)) {
      return false;
    }
    header('$', length);
    words++;
    return true;
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

  /** Makes room; where there is none, all is lost. */
  private boolean reserve(long more) {
    if (bytes.length - size >= more) {
      return true;
    }
    long needed = size + more;
    long wanted = Math.max(INITIAL_BYTES, Math.max(2L * bytes.length, needed));
    if (needed > bytesMax) {
      lose();
      return false;
    }
    try {
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, bytesMax));
      return true;
    } catch (OutOfMemoryError full) {
      lose();
      return false;
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

  /** Bytes that they take in the stream, with MULTI and EXEC where they are several. */
  public long streamBytes() {
    finish();
    long bytes = count > 1 ? AROUND_SEVERAL_BYTES : 0;
    for (int i = 0; i < count; i++) {
      bytes += ends[i] - starts[i];
    }
    return bytes;
  }

  /** Hands the commands over that the sink takes, in their order. */
  void appendTo(Propagator.Sink sink) {
    finish();
    for (int i = 0; i < count; i++) {
      if (databases[i] >= 0 || sink.takesMessages()) {
        sink.append(database(i), bytes, starts[i], ends[i] - starts[i]);
      }
    }
  }

  private int database(int command) {
    int db = databases[command];
    return db < 0 ? ~db : db;
  }

  /** The database of the first command. */
  int firstDatabase() {
    return database(0);
  }

  /** The database of the last command. */
  int lastDatabase() {
    return database(count - 1);
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
