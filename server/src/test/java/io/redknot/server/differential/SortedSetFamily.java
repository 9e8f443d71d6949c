package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Sorted sets. Ranges by member are drawn of sets that only have one score. */
final class SortedSetFamily implements Family {
  /** Keys that no other family knows, with sorted sets of one score. */
  private static final int FIRST_LEX_KEY = Draw.KEYS;

  private static final int LEX_KEYS = 2;

  @Override
  public String name() {
    return "sorted sets";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    recipes.addAll(changes());
    recipes.addAll(reads());
    recipes.addAll(lex());
    recipes.addAll(algebra());
    return recipes;
  }

  private static List<Recipe> changes() {
    Recipe add = draw -> real("ZADD", draw.key(), addOptions(draw), pairs(draw, 4));
    Recipe addMany = draw -> real("ZADD", draw.key(), pairs(draw, 8));
    return List.of(
        add,
        add,
        addMany,
        addMany,
        addMany,
        draw -> real("ZINCRBY", draw.key(), score(draw), member(draw)),
        draw -> real("ZINCRBY", draw.key(), score(draw), member(draw)),
        draw -> Step.of("ZREM", draw.key(), members(draw)),
        draw -> real(draw.oneOf("ZPOPMIN", "ZPOPMAX"), draw.key()),
        draw -> real(draw.oneOf("ZPOPMIN", "ZPOPMAX"), draw.key(), draw.integer()),
        draw -> real("ZMPOP", keys(draw), draw.word(draw.oneOf("min", "max")), count(draw)),
        draw -> Step.of("ZREMRANGEBYRANK", draw.key(), draw.index(), draw.index()),
        draw -> Step.of("ZREMRANGEBYSCORE", draw.key(), bound(draw), bound(draw)),
        draw -> Step.of("ZRANGESTORE", draw.key(), draw.key(), rangeByOption(draw)),
        draw -> Step.of("ZRANGESTORE", draw.key(), draw.key(), draw.index(), draw.index()));
  }

  private static List<Recipe> reads() {
    return List.of(
        draw -> Step.of("ZCARD", draw.key()),
        draw -> real("ZSCORE", draw.key(), member(draw)),
        draw -> real("ZMSCORE", draw.key(), members(draw)),
        draw -> Step.of(draw.oneOf("ZRANK", "ZREVRANK"), draw.key(), member(draw)),
        draw -> Step.of("ZCOUNT", draw.key(), bound(draw), bound(draw)),
        draw ->
            real(
                draw.oneOf("ZRANGE", "ZREVRANGE"),
                draw.key(),
                draw.index(),
                draw.index(),
                withScores(draw)),
        draw -> real("ZRANGE", draw.key(), rangeByOption(draw), withScores(draw)),
        draw ->
            real(
                draw.oneOf("ZRANGEBYSCORE", "ZREVRANGEBYSCORE"),
                draw.key(),
                bound(draw),
                bound(draw),
                withScores(draw),
                limit(draw)),
        draw -> Step.of("ZRANDMEMBER", draw.key()).compared(Comparison.SAME_KIND),
        draw -> Step.of("ZRANDMEMBER", draw.key(), few(draw)).compared(Comparison.SAME_KIND),
        draw ->
            Step.of("ZRANDMEMBER", draw.key(), "3000", withScores(draw))
                .compared(Comparison.UNORDERED_REALS),
        draw -> Step.of("ZSCAN", draw.key(), wrongCursor(draw)),
        draw ->
            Step.of("ZSCAN", draw.key(), "0", scanOptions(draw)).compared(Comparison.SAME_KIND));
  }

  private static List<Recipe> lex() {
    Recipe add = draw -> Step.of("ZADD", lexKey(draw), lexPairs(draw));
    Recipe range =
        draw ->
            Step.of(
                draw.oneOf("ZRANGEBYLEX", "ZREVRANGEBYLEX"),
                lexKey(draw),
                lexBound(draw),
                lexBound(draw),
                limit(draw));
    return List.of(
        add,
        add,
        range,
        range,
        draw ->
            Step.of(
                "ZRANGE",
                lexKey(draw),
                lexBound(draw),
                lexBound(draw),
                draw.word("bylex"),
                draw.percent(50) ? List.of() : draw.word("rev"),
                limit(draw),
                withScores(draw)),
        draw -> Step.of("ZLEXCOUNT", lexKey(draw), lexBound(draw), lexBound(draw)),
        draw -> Step.of("ZLEXCOUNT", lexKey(draw), lexBound(draw), lexBound(draw)),
        draw ->
            draw.percent(30)
                ? Step.of("ZREMRANGEBYLEX", lexKey(draw), lexBound(draw), lexBound(draw))
                : Step.of("ZRANK", lexKey(draw), member(draw)));
  }

  private static List<Recipe> algebra() {
    return List.of(
        draw -> real("ZUNION", keys(draw), weights(draw), aggregate(draw), withScores(draw)),
        draw -> real("ZINTER", keys(draw), weights(draw), aggregate(draw), withScores(draw)),
        draw -> real("ZDIFF", keys(draw), withScores(draw)),
        draw ->
            Step.of(
                draw.oneOf("ZUNIONSTORE", "ZINTERSTORE"),
                draw.key(),
                keys(draw),
                aggregate(draw),
                weights(draw)),
        draw -> Step.of("ZDIFFSTORE", draw.key(), keys(draw)),
        draw -> Step.of("ZINTERCARD", keys(draw), cardinalityLimit(draw)));
  }

  @Override
  public List<Step> probes(Key key) {
    List<Step> probes = new ArrayList<>();
    probes.add(real("ZRANGE", key, 0, -1, "WITHSCORES"));
    probes.add(Step.of("ZCARD", key));
    if (key.number() < LEX_KEYS) {
      probes.add(real("ZRANGE", new Key(FIRST_LEX_KEY + key.number()), 0, -1, "WITHSCORES"));
    }
    return probes;
  }

  private static Step real(Object... words) {
    return Step.of(words).compared(Comparison.REALS);
  }

  private static Key lexKey(Draw draw) {
    return new Key(FIRST_LEX_KEY + draw.below(LEX_KEYS));
  }

  /** Scores whose sums are the same in any order; now and then something else. */
  private static String score(Draw draw) {
    return switch (draw.below(12)) {
      case 0 -> draw.oneOf("inf", "-inf", "+Inf", "infinity", "-0", "0x10", "1e3", ".5", "5.");
      case 1 -> draw.percent(20) ? draw.real() : draw.between(-3, 3);
      case 2, 3 -> draw.between(-40, 40) + draw.oneOf(".5", ".25", ".125");
      case 4 -> draw.oneOf("1e100", "4503599627370496", "-1048576.5", "2e-8", "1e17", "1e-7");
      case 5 -> draw.percent(10) ? draw.oneOf("nan", "", "x", " 1", "1 ", "1e400", "(1") : "7";
      default -> draw.between(-6, 12);
    };
  }

  /** One end of a range of scores. */
  private static String bound(Draw draw) {
    if (draw.percent(4)) {
      return draw.oneOf("", "(", "nan", "(nan", "1x", " 1", "1 ", "1e400", "((1", "[1", "1\0x");
    }
    String value = draw.percent(25) ? draw.oneOf("-inf", "+inf", "inf") : score(draw);
    return draw.percent(30) ? "(" + value : value;
  }

  private static Object member(Draw draw) {
    return switch (draw.below(10)) {
      case 0 -> draw.value();
      case 1 -> "x".repeat(14 + draw.below(4));
      case 2, 3 -> draw.between(0, 9);
      default -> draw.letters(1 + draw.below(2));
    };
  }

  private static List<Object> members(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (int i = draw.below(4); i >= 0; i--) {
      words.add(member(draw));
    }
    return words;
  }

  private static List<Object> pairs(Draw draw, int most) {
    List<Object> words = new ArrayList<>();
    for (int i = draw.below(most); i >= 0; i--) {
      words.add(score(draw));
      words.add(member(draw));
    }
    return words;
  }

  private static List<Object> lexPairs(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (int i = draw.below(6); i >= 0; i--) {
      words.add("0");
      words.add(draw.percent(20) ? member(draw) : draw.letters(draw.below(5)));
    }
    return words;
  }

  private static Object lexBound(Draw draw) {
    if (draw.percent(25)) {
      return draw.oneOf("-", "+");
    }
    return draw.percent(3)
        ? draw.oneOf("", "a", "-a", "+a", "(", "[", "\0", "+\0")
        : draw.oneOf("[", "(")
            + new String(draw.letters(draw.below(4)), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static List<String> addOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    int count = draw.below(3);
    for (int i = 0; i < count; i++) {
      words.add(draw.word(draw.oneOf("nx", "xx", "gt", "lt", "ch", "incr")));
    }
    return words;
  }

  private static List<Object> withScores(Draw draw) {
    return draw.percent(50) ? List.of() : List.of(draw.word("withscores"));
  }

  private static List<Object> limit(Draw draw) {
    return draw.percent(60) ? List.of() : List.of(draw.word("limit"), offset(draw), offset(draw));
  }

  private static String offset(Draw draw) {
    return draw.percent(85) ? draw.between(-1, 8) : draw.integer();
  }

  /** Two ends and options in any order. */
  private static List<Object> rangeByOption(Draw draw) {
    List<Object> words = new ArrayList<>();
    boolean byScore = draw.percent(85);
    words.add(byScore ? bound(draw) : draw.index());
    words.add(byScore ? bound(draw) : draw.index());
    words.addAll(limit(draw));
    if (byScore) {
      words.add(draw.word("byscore"));
    }
    if (draw.percent(40)) {
      words.add(draw.word("rev"));
    }
    words.addAll(draw.percent(10) ? limit(draw) : List.of());
    return words;
  }

  private static List<Object> keys(Draw draw) {
    List<Key> keys = draw.keys(1, 4);
    List<Object> words = new ArrayList<>();
    words.add(
        draw.percent(94)
            ? Integer.toString(keys.size())
            : draw.oneOf("0", "-1", "x", "", "99", "9223372036854775807", "2147483647"));
    words.addAll(keys);
    return words;
  }

  private static List<Object> count(Draw draw) {
    return draw.percent(40)
        ? List.of()
        : List.of(draw.word("count"), draw.percent(80) ? draw.between(1, 6) : draw.integer());
  }

  private static List<Object> cardinalityLimit(Draw draw) {
    return draw.percent(50)
        ? List.of()
        : List.of(draw.word("limit"), draw.percent(85) ? draw.between(0, 4) : draw.integer());
  }

  private static List<Object> weights(Draw draw) {
    List<Object> words = new ArrayList<>();
    if (draw.percent(40)) {
      words.add(draw.word("weights"));
      for (int i = draw.below(4); i >= 0; i--) {
        words.add(draw.percent(90) ? draw.oneOf("1", "2", "0.5", "-1", "inf", "0") : score(draw));
      }
    }
    return words;
  }

  private static List<Object> aggregate(Draw draw) {
    return draw.percent(50)
        ? List.of()
        : List.of(draw.word("aggregate"), draw.word(draw.oneOf("sum", "min", "max")));
  }

  private static String few(Draw draw) {
    return draw.percent(90)
        ? draw.between(-5, 5)
        : draw.oneOf("", "x", "1.5", "-9223372036854775808", "9223372036854775808");
  }

  private static String wrongCursor(Draw draw) {
    return draw.oneOf("x", "-", "1x", " 1", "18446744073709551616");
  }

  private static List<Object> scanOptions(Draw draw) {
    return draw.percent(50)
        ? List.of()
        : List.of(
            draw.word(draw.oneOf("count", "match", "type")),
            draw.percent(50) ? draw.oneOf("*", "a*", "?") : draw.integer());
  }
}
