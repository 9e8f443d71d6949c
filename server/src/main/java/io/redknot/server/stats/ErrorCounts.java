package io.redknot.server.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Error replies by their code, the first word of the text.
 *
 * <p>Looking up a code allocates nothing. At most {@value #CODES_MAX} codes are told apart, what
 * comes beyond is only counted in the total.
 */
public final class ErrorCounts {
  /** As many error codes as Redis 7.2 keeps. */
  public static final int CODES_MAX = 128;

  private record Entry(String code, LongAdder count) {}

  /** A code and how many replies had it. */
  public record Count(String code, long replies) {}

  private static final Entry[] NONE = {};

  private volatile Entry[] entries = NONE;
  private final LongAdder total = new LongAdder();

  /** Counts an error reply, given without the leading {@code -}. */
  public void count(String text) {
    total.increment();
    for (Entry entry : entries) {
      if (hasCode(text, entry.code)) {
        entry.count.increment();
        return;
      }
    }
    addCode(text);
  }

  private static boolean hasCode(String text, String code) {
    int length = code.length();
    return text.startsWith(code) && (text.length() == length || text.charAt(length) == ' ');
  }

  private synchronized void addCode(String text) {
    int blank = text.indexOf(' ');
    String code = blank < 0 ? text : text.substring(0, blank);
    Entry[] old = entries;
    for (Entry entry : old) {
      if (entry.code.equals(code)) {
        entry.count.increment();
        return;
      }
    }
    if (old.length < CODES_MAX) {
      Entry added = new Entry(code, new LongAdder());
      added.count.increment();
      Entry[] grown = Arrays.copyOf(old, old.length + 1);
      grown[old.length] = added;
      entries = grown;
    }
  }

  /** Error replies since the start or the last reset. */
  public long total() {
    return total.sum();
  }

  /** All codes seen, in the order of their first appearance. */
  public List<Count> counts() {
    List<Count> counts = new ArrayList<>();
    for (Entry entry : entries) {
      counts.add(new Count(entry.code, entry.count.sum()));
    }
    return counts;
  }

  /** Forgets everything. */
  public synchronized void reset() {
    entries = NONE;
    total.reset();
  }
}
