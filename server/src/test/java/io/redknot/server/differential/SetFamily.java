package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Sets of integers and of texts, small and large. */
final class SetFamily implements Family {
  @Override
  public String name() {
    return "sets";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>(single());
    recipes.addAll(several());
    recipes.addAll(picks());
    return recipes;
  }

  private static List<Recipe> single() {
    return List.of(
        draw -> Step.of("SADD", draw.key(), members(draw, 4)),
        draw -> Step.of("SADD", draw.key(), members(draw, 4)),
        draw -> Step.of("SADD", draw.key(), members(draw, 8)),
        draw -> Step.of("SADD", draw.key(), integers(draw)),
        draw -> Step.of("SREM", draw.key(), members(draw, 4)),
        draw -> Step.of("SREM", draw.key(), members(draw, 25)),
        draw -> Step.of("SCARD", draw.key()),
        draw -> Step.of("SISMEMBER", draw.key(), member(draw)),
        draw -> Step.of("SMISMEMBER", draw.key(), members(draw, 4)),
        draw -> Step.of("SMEMBERS", draw.key()).compared(Comparison.UNORDERED),
        draw -> Step.of("SMOVE", draw.key(), draw.key(), member(draw)),
        draw -> Step.of("SMOVE", draw.key(), draw.key(), member(draw)),
        draw -> Step.of("DEL", draw.key()),
        draw -> Step.of("COPY", draw.key(), draw.key()));
  }

  private static List<Recipe> several() {
    return List.of(
        draw -> Step.of("SINTER", draw.keys(1, 3)).compared(Comparison.UNORDERED),
        draw -> Step.of("SUNION", draw.keys(1, 3)).compared(Comparison.UNORDERED),
        draw -> Step.of("SDIFF", draw.keys(1, 3)).compared(Comparison.UNORDERED),
        draw -> Step.of("SINTERSTORE", draw.key(), draw.keys(1, 3)),
        draw -> Step.of("SUNIONSTORE", draw.key(), draw.keys(1, 3)),
        draw -> Step.of("SDIFFSTORE", draw.key(), draw.keys(1, 3)),
        draw -> Step.of("SINTERCARD", 2, draw.key(), draw.key(), limit(draw)),
        draw -> Step.of("SINTERCARD", draw.integer(), draw.keys(1, 3), limit(draw)));
  }

  private static List<Recipe> picks() {
    return List.of(
        draw -> Step.of("SRANDMEMBER", draw.key()).compared(Comparison.SAME_KIND),
        draw ->
            Step.of("SRANDMEMBER", draw.key(), HashFamily.pickCount(draw))
                .compared(Comparison.SAME_LENGTH),
        draw -> Step.of("SRANDMEMBER", draw.key(), 1000).compared(Comparison.UNORDERED_OR_BULK),
        draw -> Step.of("SSCAN", draw.key(), 0, "COUNT", 1000).compared(Comparison.WHOLE_SCAN),
        draw ->
            Step.of("SSCAN", draw.key(), 0, draw.word("match"), "*1*", "COUNT", "1000")
                .compared(Comparison.WHOLE_SCAN),
        draw ->
            Step.of("SSCAN", draw.key(), HashFamily.wrongCursor(draw), "COUNT", 1000)
                .compared(Comparison.SAME_LENGTH),
        draw ->
            Step.of("SSCAN", draw.key(), 0, HashFamily.scanError(draw))
                .compared(Comparison.SAME_LENGTH));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(
        Step.of("SMEMBERS", key).compared(Comparison.UNORDERED),
        Step.of("SCARD", key),
        Step.of("OBJECT", "ENCODING", key),
        Step.of("PTTL", key).compared(Comparison.NEAR));
  }

  private static Object member(Draw draw) {
    return switch (draw.below(10)) {
      case 0 -> draw.value();
      case 1 -> draw.integer();
      case 2, 3, 4 -> "m" + draw.below(9);
      default -> draw.between(0, 14);
    };
  }

  private static List<Object> members(Draw draw, int most) {
    List<Object> members = new ArrayList<>();
    int count = 1 + draw.below(most);
    for (int i = 0; i < count; i++) {
      members.add(member(draw));
    }
    return members;
  }

  private static List<Object> integers(Draw draw) {
    List<Object> members = new ArrayList<>();
    int count = 1 + draw.below(6);
    for (int i = 0; i < count; i++) {
      members.add(draw.between(-10, 10));
    }
    return members;
  }

  private static List<String> limit(Draw draw) {
    return draw.percent(50)
        ? List.of()
        : List.of(draw.word("limit"), draw.percent(80) ? draw.between(0, 5) : draw.integer());
  }
}
