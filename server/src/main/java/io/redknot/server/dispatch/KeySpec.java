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

  /** Whether these are names of something else that is routed like a key, such as a channel. */
  public boolean isNotKey() {
    return flags.contains("not_key");
  }

  /**
   * Visits the position of each key.
   *
   * @return false where the arguments do not fit the rule (a count that is no number or too large);
   *     nothing was visited then. An absent word and a count of 0 fit: there is no key.
   */
  public boolean positions(Args args, IntConsumer visitor) {
    int keys = count(args);
    if (keys <= 0) {
      return keys == 0;
    }
    int step = step();
    int position = beginning(args) + offsetOfFirst();
    for (int i = 0; i < keys; i++) {
      visitor.accept(position);
      position += step;
    }
    return true;
  }

  /** Number of keys among the arguments; -1 where they do not fit the rule. */
  public int count(Args args) {
    int beginning = beginning(args);
    if (beginning <= 0 || beginning >= args.count()) {
      return begin instanceof Begin.Keyword && beginning == 0 ? 0 : -1;
    }
    return switch (find) {
      case Find.Range range -> countRange(args, beginning, range);
      case Find.Count count -> countCounted(args, beginning, count);
      case Find.Unknown unknown -> -1;
    };
  }

  private int offsetOfFirst() {
    return find instanceof Find.Count count ? count.firstKey() : 0;
  }

  private int step() {
    return switch (find) {
      case Find.Range range -> range.step();
      case Find.Count count -> count.step();
      case Find.Unknown unknown -> 1;
    };
  }

  /** Where the search for keys begins; 0 where the word is absent or only the command knows. */
  private int beginning(Args args) {
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

  private static int countRange(Args args, int first, Find.Range range) {
    int last = range.last() >= 0 ? first + range.last() : args.count() + range.last();
    if (range.last() == -1 && range.limit() > 1) {
      last = first + (args.count() - first) / range.limit() - 1;
    }
    return last >= args.count() || last < first ? -1 : (last - first) / range.step() + 1;
  }

  private static int countCounted(Args args, int begin, Find.Count count) {
    int at = begin + count.countAt();
    if (at >= args.count() || !args.isLong(at)) {
      return -1;
    }
    long keys = args.toLong(at);
    // Compared before the multiplication, which a huge count would overflow.
    if (keys < 0 || keys > args.count()) {
      return -1;
    }
    long last = (long) begin + count.firstKey() + (keys - 1) * count.step();
    return last >= args.count() ? -1 : (int) keys;
  }
}
