package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a command's keys stand and what it does with them, in the terms of COMMAND INFO.
 *
 * @param begin where the search starts
 * @param find how the keys follow from there
 * @param flags access ({@code RO RW OW RM}) and use of the keys ({@code access update ...})
 * @param notes a remark that COMMAND INFO shows, or null
 */
public record KeySpec(Begin begin, Find find, List<String> flags, @Nullable String notes) {
  /** How the first key's position is found. */
  public sealed interface Begin {
    /** At a fixed argument. */
    record Index(int position) implements Begin {}

    /** Behind a word, searched from an argument on; negative counts and searches from the end. */
    record Keyword(String word, int startFrom) implements Begin {}

    /** Only the command itself knows. */
    record Unknown() implements Begin {}
  }

  /** How the keys follow the first one. */
  public sealed interface Find {
    /**
     * A range: {@code last} is relative to the first key, or negative from the end; {@code limit}
     * divides what is left of the arguments.
     */
    record Range(int last, int step, int limit) implements Find {}

    /** A count of keys stands among the arguments; positions are relative to the begin. */
    record Count(int countAt, int firstKey, int step) implements Find {}

    /** Only the command itself knows. */
    record Unknown() implements Find {}
  }

  /** One key at a position. */
  public static KeySpec at(int position, String flags) {
    return range(position, 0, 1, flags);
  }

  /** Keys from a position to {@code last}, relative or negative from the end. */
  public static KeySpec range(int position, int last, int step, String flags) {
    return of(new Begin.Index(position), new Find.Range(last, step, 0), flags);
  }

  /** A count of keys at a position, then the keys. */
  public static KeySpec counted(int position, String flags) {
    return of(new Begin.Index(position), new Find.Count(0, 1, 1), flags);
  }

  /** One key behind a word. */
  public static KeySpec behind(String word, int startFrom, String flags) {
    return of(new Begin.Keyword(word, startFrom), new Find.Range(0, 1, 0), flags);
  }

  /** Any combination; the flags are separated by blanks. */
  public static KeySpec of(Begin begin, Find find, String flags) {
    return new KeySpec(begin, find, List.of(flags.split(" ")), null);
  }

  /** The same with a remark. */
  public KeySpec noted(String text) {
    return new KeySpec(begin, find, flags, text);
  }

  /** Whether the positions follow from the arguments by this rule alone. */
  public boolean isComplete() {
    return !(begin instanceof Begin.Unknown) && !(find instanceof Find.Unknown);
  }

  /**
   * Visits the position of each key.
   *
   * @return false where the arguments do not fit the rule (a count that is no number or too large)
   */
  public boolean positions(Args args, IntConsumer visitor) {
    int first = firstPosition(args);
    if (first <= 0 || first >= args.count()) {
      return begin instanceof Begin.Keyword;
    }
    return switch (find) {
      case Find.Range range -> rangePositions(args, first, range, visitor);
      case Find.Count count -> countedPositions(args, first, count, visitor);
      case Find.Unknown unknown -> true;
    };
  }

  private int firstPosition(Args args) {
    return switch (begin) {
      case Begin.Index index -> index.position();
      case Begin.Keyword keyword -> behindKeyword(args, keyword);
      case Begin.Unknown unknown -> 0;
    };
  }

  private static int behindKeyword(Args args, Begin.Keyword keyword) {
    String word = keyword.word().toLowerCase(Locale.ROOT);
    int from = keyword.startFrom();
    if (from >= 0) {
      for (int i = from; i < args.count() - 1; i++) {
        if (args.is(i, word)) {
          return i + 1;
        }
      }
    } else {
      for (int i = args.count() + from; i > 0; i--) {
        if (args.is(i, word)) {
          return i + 1;
        }
      }
    }
    return 0;
  }

  private static boolean rangePositions(
      Args args, int first, Find.Range range, IntConsumer visitor) {
    int last = range.last() >= 0 ? first + range.last() : args.count() + range.last();
    if (range.last() == -1 && range.limit() > 1) {
      last = first + (args.count() - first) / range.limit() - 1;
    }
    if (last >= args.count()) {
      return false;
    }
    for (int i = first; i <= last; i += range.step()) {
      visitor.accept(i);
    }
    return true;
  }

  private static boolean countedPositions(
      Args args, int begin, Find.Count count, IntConsumer visitor) {
    int at = begin + count.countAt();
    if (at >= args.count() || !args.isLong(at)) {
      return false;
    }
    long keys = args.toLong(at);
    long first = (long) begin + count.firstKey();
    if (keys < 0 || first + (keys - 1) * count.step() >= args.count()) {
      return false;
    }
    for (long i = 0; i < keys; i++) {
      visitor.accept((int) (first + i * count.step()));
    }
    return true;
  }
}
