package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Lists, short and long. */
final class ListFamily implements Family {
  @Override
  public String name() {
    return "lists";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    recipes.addAll(pushes());
    recipes.addAll(reads());
    recipes.addAll(edits());
    recipes.addAll(pops());
    return recipes;
  }

  private static List<Recipe> pushes() {
    return List.of(
        draw -> Step.of(push(draw), draw.key(), elements(draw, 1, 3)),
        draw -> Step.of(push(draw), draw.key(), elements(draw, 1, 3)),
        draw -> Step.of(push(draw), draw.key(), elements(draw, 1, 12)),
        draw -> Step.of(push(draw), draw.key(), elements(draw, 1, 40)),
        draw -> Step.of(draw.oneOf("LPUSHX", "RPUSHX"), draw.key(), elements(draw, 1, 3)),
        draw -> Step.of("SET", draw.key(), draw.value()),
        draw -> Step.of("DEL", draw.key()));
  }

  private static List<Recipe> reads() {
    return List.of(
        draw -> Step.of("LLEN", draw.key()),
        draw -> Step.of("LINDEX", draw.key(), draw.index()),
        draw -> Step.of("LINDEX", draw.key(), draw.index()),
        draw -> Step.of("LRANGE", draw.key(), draw.index(), draw.index()),
        draw -> Step.of("LRANGE", draw.key(), draw.index(), draw.index()),
        draw -> Step.of("LPOS", draw.key(), element(draw)),
        draw -> Step.of("LPOS", draw.key(), common(draw), positionOptions(draw)),
        draw -> Step.of("LPOS", draw.key(), common(draw), positionOptions(draw)),
        draw -> Step.of("OBJECT", "ENCODING", draw.key()));
  }

  private static List<Recipe> edits() {
    return List.of(
        draw -> Step.of("LSET", draw.key(), draw.index(), element(draw)),
        draw -> Step.of("LSET", draw.key(), draw.index(), element(draw)),
        draw -> Step.of("LINSERT", draw.key(), side(draw), common(draw), element(draw)),
        draw -> Step.of("LINSERT", draw.key(), side(draw), common(draw), element(draw)),
        draw -> Step.of("LREM", draw.key(), draw.between(-3, 3), common(draw)),
        draw -> Step.of("LREM", draw.key(), draw.index(), element(draw)),
        draw -> Step.of("LTRIM", draw.key(), draw.between(-40, 5), draw.between(-5, 40)),
        draw -> Step.of("LTRIM", draw.key(), draw.index(), draw.index()));
  }

  private static List<Recipe> pops() {
    return List.of(
        draw -> Step.of(pop(draw), draw.key()),
        draw -> Step.of(pop(draw), draw.key()),
        draw -> Step.of(pop(draw), draw.key(), count(draw)),
        draw -> Step.of("LMPOP", draw.percent(95) ? 1 : 2, draw.key(), end(draw), popCount(draw)),
        draw -> Step.of("LMPOP", 3, draw.keys(3, 3), end(draw), popCount(draw)),
        draw -> Step.of("LMPOP", count(draw), draw.keys(1, 3), end(draw), popCount(draw)),
        draw -> Step.of("LMOVE", draw.key(), draw.key(), end(draw), end(draw)),
        draw -> Step.of("LMOVE", draw.key(), draw.key(), end(draw), end(draw)),
        draw -> Step.of("RPOPLPUSH", draw.key(), draw.key()),
        draw -> Step.of("RPOPLPUSH", draw.key(), draw.key()));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(Step.of("LLEN", key), Step.of("LRANGE", key, 0, -1), Step.of("LINDEX", key, -1));
  }

  private static String push(Draw draw) {
    return draw.oneOf("LPUSH", "RPUSH");
  }

  private static String pop(Draw draw) {
    return draw.oneOf("LPOP", "RPOP");
  }

  /** One of few, so that searches find something. */
  private static String common(Draw draw) {
    return draw.oneOf("a", "b", "1", "-1", "300", "01", "x".repeat(70), "");
  }

  private static Object element(Draw draw) {
    if (draw.percent(60)) {
      return common(draw);
    }
    return draw.percent(3) ? draw.bytes(4000 + draw.below(9000)) : draw.value();
  }

  private static List<Object> elements(Draw draw, int least, int most) {
    List<Object> elements = new ArrayList<>();
    for (int i = least + draw.below(most - least + 1); i > 0; i--) {
      elements.add(element(draw));
    }
    return elements;
  }

  private static String side(Draw draw) {
    return draw.word(draw.oneOf("before", "after"));
  }

  private static String end(Draw draw) {
    return draw.word(draw.oneOf("left", "right"));
  }

  private static String count(Draw draw) {
    return draw.percent(80) ? draw.between(-1, 12) : draw.integer();
  }

  private static List<String> popCount(Draw draw) {
    return draw.percent(40) ? List.of() : List.of(draw.word("count"), count(draw));
  }

  private static List<String> positionOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(4); i > 0; i--) {
      words.add(draw.word(draw.oneOf("rank", "count", "maxlen")));
      words.add(draw.percent(85) ? draw.between(-4, 6) : draw.integer());
    }
    return words;
  }
}
