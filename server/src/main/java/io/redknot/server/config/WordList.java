package io.redknot.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A list of words: addresses to listen on, percentiles, scores. */
public record WordList(List<String> words) {
  private static final int ADDRESSES_MAX = 16;
  private static final int SCORES = 3;
  private static final int SCORE_MAX = 2000;
  private static final double PERCENTILE_MAX = 100;
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][+-]?\\d{1,3})?");

  /** {@code bind}: host names, addresses, {@code *}; a leading minus allows it to be missing. */
  static final ConfigType<WordList> ADDRESSES =
      new Type("addresses, each with - before it if it may be missing", WordList::addresses);

  /** {@code latency-tracking-info-percentiles}. */
  static final ConfigType<WordList> PERCENTILES =
      new Type("numbers in 0..100", WordList::percentiles);

  /** {@code oom-score-adj-values}: for a primary, a replica, and a background child. */
  static final ConfigType<WordList> SCORE_VALUES =
      new Type("three numbers in -2000..2000", WordList::scores);

  /** Copies the list. */
  public WordList {
    words = List.copyOf(words);
  }

  /** Returns the words as numbers; only for directives whose words are numbers. */
  public double[] numbers() {
    return words.stream().mapToDouble(Double::parseDouble).toArray();
  }

  @FunctionalInterface
  private interface WordsReader {
    List<String> read(List<String> words) throws BadValueException;
  }

  private static List<String> addresses(List<String> words) throws BadValueException {
    if (words.size() > ADDRESSES_MAX) {
      throw new BadValueException("Too many bind addresses specified.");
    }
    return words.equals(List.of("")) ? List.of() : words;
  }

  private static List<String> percentiles(List<String> words) throws BadValueException {
    List<String> printed = new ArrayList<>();
    for (String word : words.equals(List.of("")) ? List.<String>of() : words) {
      if (!DECIMAL.matcher(word).matches()) {
        throw new BadValueException("Invalid latency-tracking-info-percentiles parameters");
      }
      double value = Double.parseDouble(word);
      if (!(value >= 0 && value <= PERCENTILE_MAX)) {
        throw new BadValueException(
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
      }
      printed.add(withoutTrailingZeros(String.format(Locale.ROOT, "%f", value)));
    }
    return printed;
  }

  private static String withoutTrailingZeros(String decimal) {
    int end = decimal.length();
    while (decimal.charAt(end - 1) == '0') {
      end--;
    }
    return decimal.substring(0, decimal.charAt(end - 1) == '.' ? end - 1 : end);
  }

  private static List<String> scores(List<String> words) throws BadValueException {
    if (words.size() != SCORES) {
      throw new BadValueException("wrong number of arguments");
    }
    List<String> printed = new ArrayList<>();
    for (String word : words) {
      printed.add(Integer.toString(score(word)));
    }
    return printed;
  }

  private static int score(String word) throws BadValueException {
    try {
      int value = Integer.parseInt(word);
      if (value >= -SCORE_MAX && value <= SCORE_MAX) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // Same answer as for a number out of range.
    }
    throw new BadValueException(
        "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
  }

  private record Type(String accepts, WordsReader reader) implements ConfigType<WordList> {
    @Override
    public Class<WordList> valueClass() {
      return WordList.class;
    }

    @Override
    public WordList parse(List<String> words, @Nullable WordList current) throws BadValueException {
      return new WordList(reader.read(words));
    }

    @Override
    public String print(WordList value) {
      return String.join(" ", value.words);
    }

    @Override
    public List<String> lines(String name, WordList value) {
      return List.of(name + " " + (value.words.isEmpty() ? "\"\"" : print(value)));
    }

    @Override
    public boolean takesManyWords() {
      return true;
    }
  }
}
