package io.redknot.server.stats;

import io.redknot.protocol.Args;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The last commands that took longer than a threshold, newest first, with their arguments cut to a
 * printable size.
 */
public final class SlowLog {
  private static final int ARGUMENTS_MAX = 32;
  private static final int ARGUMENT_BYTES_MAX = 128;

  /**
   * A slow command.
   *
   * @param id rising, unique since the start
   * @param unixSeconds when it ended
   * @param micros how long it ran
   */
  public record Entry(
      long id, long unixSeconds, long micros, List<byte[]> args, String address, String name) {}

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private volatile long slowerThanNanos = 10_000_000;
  private int lengthMax = 128;
  private long nextId;

  /** Sets from which duration on a command is kept; negative keeps none. */
  public void slowerThanMicros(long micros) {
    slowerThanNanos = micros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(micros);
  }

  /** Sets how many commands are kept. */
  public synchronized void lengthMax(int length) {
    lengthMax = length;
    trim();
  }

  /** Whether a command of that duration is kept. */
  public boolean isSlow(long nanos) {
    return nanos >= slowerThanNanos;
  }

  /** Who sent a command: the address, and the name or nothing. */
  public record Caller(String address, String name) {}

  /**
   * Keeps a command.
   *
   * @param redacted the arguments that are secrets
   */
  public synchronized void add(long nowMs, long nanos, Args args, BitSet redacted, Caller caller) {
    if (lengthMax > 0) {
      List<byte[]> shown = cut(args, redacted);
      entries.addFirst(
          new Entry(nextId++, nowMs / 1000, nanos / 1000, shown, caller.address, caller.name));
      trim();
    }
  }

  private void trim() {
    while (entries.size() > lengthMax) {
      entries.removeLast();
    }
  }

  private static List<byte[]> cut(Args args, BitSet redacted) {
    int shown = args.count() > ARGUMENTS_MAX ? ARGUMENTS_MAX - 1 : args.count();
    List<byte[]> cut = new ArrayList<>(shown + 1);
    for (int i = 0; i < shown; i++) {
      cut.add(redacted.get(i) ? latin("(redacted)") : cut(args, i));
    }
    if (args.count() > shown) {
      cut.add(latin("... (" + (args.count() - shown) + " more arguments)"));
    }
    return cut;
  }

  private static byte[] cut(Args args, int index) {
    int length = args.length(index);
    if (length <= ARGUMENT_BYTES_MAX) {
      return args.copy(index);
    }
    byte[] note = latin("... (" + (length - ARGUMENT_BYTES_MAX) + " more bytes)");
    byte[] bytes = new byte[ARGUMENT_BYTES_MAX + note.length];
    System.arraycopy(args.array(), args.offset(index), bytes, 0, ARGUMENT_BYTES_MAX);
    System.arraycopy(note, 0, bytes, ARGUMENT_BYTES_MAX, note.length);
    return bytes;
  }

  private static byte[] latin(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** The newest entries, at most that many. */
  public synchronized List<Entry> newest(int count) {
    List<Entry> list = new ArrayList<>(Math.min(count, entries.size()));
    for (Entry entry : entries) {
      if (list.size() == count) {
        break;
      }
      list.add(entry);
    }
    return list;
  }

  /** Number of entries kept. */
  public synchronized int length() {
    return entries.size();
  }

  /** Forgets all entries; ids go on rising. */
  public synchronized void reset() {
    entries.clear();
  }
}
