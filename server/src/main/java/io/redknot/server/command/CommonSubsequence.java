package io.redknot.server.command;

import java.util.ArrayList;
import java.util.List;

/**
 * The longest common subsequence of two strings, by the table of the lengths for all pairs of
 * prefixes: cell (i, j) is one more than (i-1, j-1) where the last bytes are equal, otherwise the
 * larger of (i-1, j) and (i, j-1).
 *
 * <p>Only two rows are kept. Of every cell one bit remains: whether (i-1, j) was the larger, which
 * is the way back that Redis takes; in doubt it goes to (i, j-1).
 */
final class CommonSubsequence {
  /** A run of equal bytes that belongs to the subsequence: where it begins, and its length. */
  record Match(int inA, int inB, int length) {}

  private final StringSlice a;
  private final StringSlice b;
  private final long[] upwards;
  private final int length;

  /**
   * Fills the table.
   *
   * @param ways whether {@link #bytes()} and {@link #matches()} will be asked for
   */
  CommonSubsequence(StringSlice a, StringSlice b, boolean ways) {
    this.a = a;
    this.b = b;
    this.upwards = new long[ways ? (int) ((long) a.length() * b.length() / Long.SIZE + 1) : 0];
    this.length = fill(ways);
  }

  private int fill(boolean ways) {
    int[] above = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int i = 1; i <= a.length(); i++) {
      byte last = a.at(i - 1);
      for (int j = 1; j <= b.length(); j++) {
        if (last == b.at(j - 1)) {
          row[j] = above[j - 1] + 1;
        } else if (above[j] > row[j - 1]) {
          row[j] = above[j];
          if (ways) {
            long cell = cell(i, j);
            upwards[(int) (cell / Long.SIZE)] |= 1L << cell;
          }
        } else {
          row[j] = row[j - 1];
        }
      }
      int[] filled = row;
      row = above;
      above = filled;
    }
    return above[b.length()];
  }

  private long cell(int i, int j) {
    return (i - 1L) * b.length() + j - 1;
  }

  private boolean goesUp(int i, int j) {
    long cell = cell(i, j);
    return (upwards[(int) (cell / Long.SIZE)] & 1L << cell) != 0;
  }

  /** Length of the subsequence. */
  int length() {
    return length;
  }

  /** The subsequence. */
  byte[] bytes() {
    byte[] bytes = new byte[length];
    int end = length;
    for (Match match : matches()) {
      end -= match.length();
      System.arraycopy(a.array(), a.offset() + match.inA(), bytes, end, match.length());
    }
    return bytes;
  }

  /** The runs that make up the subsequence, from the end of the strings to their beginning. */
  List<Match> matches() {
    List<Match> matches = new ArrayList<>();
    int i = a.length();
    int j = b.length();
    while (i > 0 && j > 0) {
      int run = 0;
      while (run < i && run < j && a.at(i - run - 1) == b.at(j - run - 1)) {
        run++;
      }
      if (run > 0) {
        matches.add(new Match(i - run, j - run, run));
        i -= run;
        j -= run;
      } else if (goesUp(i, j)) {
        i--;
      } else {
        j--;
      }
    }
    return matches;
  }
}
