package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** SORT and SORT_RO of lists, sets and sorted sets. */
final class SortFamily implements Family {
  @Override
  public String name() {
    return "sort";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    recipes.addAll(data());
    recipes.addAll(sorts());
    return recipes;
  }

  private static List<Recipe> data() {
    return List.of(
        draw -> Step.of("RPUSH", draw.key(), numbers(draw)),
        draw -> Step.of("RPUSH", draw.key(), numbers(draw)),
        draw -> Step.of("RPUSH", draw.key(), numbersOfKeys(draw)),
        draw -> Step.of("LPUSH", draw.key(), words(draw)),
        draw -> Step.of("ZADD", draw.key(), scored(draw)),
        draw -> Step.of("ZADD", draw.key(), scored(draw)),
        draw -> Step.of("SADD", draw.key(), numbersOfKeys(draw)),
        draw -> Step.of("HSET", draw.key(), "a", draw.integer(), "b", draw.value(), "->f", 1),
        draw -> Step.of("SET", draw.key(), draw.real()),
        draw -> Step.of("SET", draw.key(), draw.value()),
        draw -> Step.of("MSET", draw.key(), draw.integer(), draw.key(), draw.integer()),
        draw -> Step.of("DEL", draw.key()));
  }

  private static List<Recipe> sorts() {
    return List.of(
        draw -> Step.of(name(draw), draw.key()),
        draw -> Step.of(name(draw), draw.key(), alpha(draw), order(draw)),
        draw -> Step.of(name(draw), draw.key(), order(draw), limit(draw), alpha(draw)),
        draw -> Step.of(name(draw), draw.key(), order(draw), by(draw), limit(draw), gets(draw)),
        // With texts as weights the order of equal ones is not defined.
        draw ->
            Step.of(name(draw), draw.key(), by(draw), order(draw), "ALPHA")
                .compared(Comparison.UNORDERED),
        // Sets, which other families make, have no order to be kept.
        draw ->
            Step.of(name(draw), draw.key(), "BY", draw.oneOf("nosort", "#", ""), order(draw))
                .compared(Comparison.UNORDERED),
        draw -> Step.of(name(draw), draw.key(), alpha(draw), gets(draw)),
        draw -> Step.of("SORT", draw.key(), "ALPHA", limit(draw), store(draw)),
        draw -> Step.of("SORT", draw.key(), store(draw), gets(draw), order(draw), "ALPHA"),
        draw -> Step.of("SORT", draw.key(), "BY", "nosort", gets(draw), limit(draw), store(draw)),
        draw -> Step.of("SORT_RO", draw.key(), limit(draw), store(draw)));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(Step.of("SORT", key, "ALPHA"));
  }

  private static String name(Draw draw) {
    return draw.oneOf("SORT", "SORT", "SORT_RO");
  }

  private static List<Object> numbers(Draw draw) {
    List<Object> numbers = new ArrayList<>();
    for (int i = 1 + draw.below(12); i > 0; i--) {
      numbers.add(
          draw.percent(97)
              ? draw.oneOf(draw.between(-20, 20), "1.5", "1e3", "-0", "0x10", " 7", "inf", "-.5")
              : draw.real());
    }
    return numbers;
  }

  /** Elements for which {@link #pattern} leads to keys. */
  private static List<Object> numbersOfKeys(Draw draw) {
    List<Object> numbers = new ArrayList<>();
    for (int i = 1 + draw.below(8); i > 0; i--) {
      numbers.add(draw.between(0, Draw.KEYS));
    }
    return numbers;
  }

  private static List<Object> scored(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (int i = 1 + draw.below(7); i > 0; i--) {
      words.add(draw.between(-3, 3));
      words.add(draw.percent(90) ? draw.between(-5, 20) : draw.letters(2));
    }
    return words;
  }

  private static List<Object> words(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (int i = 1 + draw.below(5); i > 0; i--) {
      words.add(draw.percent(80) ? draw.letters(draw.below(4)) : draw.value());
    }
    return words;
  }

  private static List<Object> alpha(Draw draw) {
    return draw.percent(60) ? List.of(draw.word("alpha")) : List.of();
  }

  private static List<Object> order(Draw draw) {
    return draw.percent(60) ? List.of(draw.word(draw.oneOf("asc", "desc", "desc"))) : List.of();
  }

  private static List<Object> limit(Draw draw) {
    if (draw.percent(50)) {
      return List.of();
    }
    return draw.percent(85)
        ? List.of(draw.word("limit"), draw.between(-2, 8), draw.between(-2, 8))
        : List.of(
            draw.word("limit"),
            draw.between(0, 5),
            draw.oneOf("9223372036854775807", draw.integer()));
  }

  private static List<Object> store(Draw draw) {
    return List.of(draw.word("store"), draw.key());
  }

  private static Object pattern(Draw draw) {
    return switch (draw.below(8)) {
      case 0 -> draw.oneOf("*", "*->", "x*->a");
      case 1 -> new KeyPattern(draw.oneOf("*->", "*-", "*x", "*->f->f", "**"));
      case 2, 3 -> new KeyPattern("*->" + draw.oneOf("a", "a", "b", "->f"));
      default -> new KeyPattern("*");
    };
  }

  private static List<Object> by(Draw draw) {
    return draw.percent(80) ? List.of(draw.word("by"), pattern(draw)) : List.of();
  }

  private static List<Object> gets(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (int i = draw.below(4); i > 0; i--) {
      words.add(draw.word("get"));
      words.add(draw.percent(30) ? draw.oneOf("#", "##", "", "x") : pattern(draw));
    }
    return words;
  }
}
