package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Hashes, small and large. */
final class HashFamily implements Family {
  @Override
  public String name() {
    return "hashes";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>(writes());
    recipes.addAll(reads());
    recipes.addAll(picks());
    return recipes;
  }

  private static List<Recipe> writes() {
    return List.of(
        draw -> Step.of("HSET", draw.key(), pairs(draw, 4)),
        draw -> Step.of("HSET", draw.key(), pairs(draw, 4)),
        draw -> Step.of("HSET", draw.key(), pairs(draw, 8)),
        draw -> Step.of(draw.word("hmset"), draw.key(), pairs(draw, 3)),
        draw -> Step.of("HSETNX", draw.key(), field(draw), draw.value()),
        draw -> Step.of("HDEL", draw.key(), fields(draw, 3)),
        draw -> Step.of("HDEL", draw.key(), fields(draw, 20)),
        draw -> Step.of("HINCRBY", draw.key(), field(draw), draw.integer()),
        draw -> Step.of("HINCRBY", draw.key(), field(draw), draw.integer()),
        draw -> Step.of("HINCRBYFLOAT", draw.key(), field(draw), draw.real()),
        draw -> Step.of("HINCRBYFLOAT", draw.key(), field(draw), draw.real()),
        draw -> Step.of("DEL", draw.key()),
        draw -> Step.of("COPY", draw.key(), draw.key()),
        draw -> Step.of("RENAME", draw.key(), draw.key()));
  }

  private static List<Recipe> reads() {
    return List.of(
        draw -> Step.of("HGET", draw.key(), field(draw)),
        draw -> Step.of("HMGET", draw.key(), fields(draw, 5)),
        draw -> Step.of("HGETALL", draw.key()).compared(Comparison.UNORDERED_PAIRS),
        draw -> Step.of("HKEYS", draw.key()).compared(Comparison.UNORDERED),
        draw -> Step.of("HVALS", draw.key()).compared(Comparison.UNORDERED),
        draw -> Step.of("HLEN", draw.key()),
        draw -> Step.of("HSTRLEN", draw.key(), field(draw)),
        draw -> Step.of("HEXISTS", draw.key(), field(draw)));
  }

  private static List<Recipe> picks() {
    return List.of(
        draw -> Step.of("HRANDFIELD", draw.key()).compared(Comparison.SAME_KIND),
        draw -> Step.of("HRANDFIELD", draw.key(), pickCount(draw)).compared(Comparison.SAME_LENGTH),
        draw ->
            Step.of("HRANDFIELD", draw.key(), pickCount(draw), draw.word("withvalues"))
                .compared(Comparison.SAME_LENGTH),
        draw -> Step.of("HRANDFIELD", draw.key(), 1000).compared(Comparison.UNORDERED_OR_BULK),
        draw ->
            Step.of("HRANDFIELD", draw.key(), "-9223372036854775808", "withvalues")
                .compared(Comparison.SAME_LENGTH),
        draw ->
            Step.of("HRANDFIELD", draw.key(), "4611686018427387904", "withvalues")
                .compared(Comparison.SAME_LENGTH),
        draw -> Step.of("HSCAN", draw.key(), 0, "COUNT", 1000).compared(Comparison.WHOLE_SCAN),
        draw ->
            Step.of("HSCAN", draw.key(), 0, draw.word("count"), 1000, "match", "f[1-5]*")
                .compared(Comparison.WHOLE_SCAN),
        draw ->
            Step.of("HSCAN", draw.key(), wrongCursor(draw), "COUNT", 1000)
                .compared(Comparison.SAME_LENGTH),
        draw -> Step.of("HSCAN", draw.key(), 0, scanError(draw)).compared(Comparison.SAME_LENGTH));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(
        Step.of("HGETALL", key).compared(Comparison.UNORDERED_PAIRS),
        Step.of("HLEN", key),
        Step.of("OBJECT", "ENCODING", key),
        Step.of("PTTL", key).compared(Comparison.NEAR));
  }

  private static Object field(Draw draw) {
    return draw.percent(90) ? "f" + draw.below(14) : draw.value();
  }

  private static List<Object> fields(Draw draw, int most) {
    List<Object> fields = new ArrayList<>();
    int count = 1 + draw.below(most);
    for (int i = 0; i < count; i++) {
      fields.add(field(draw));
    }
    return fields;
  }

  private static List<Object> pairs(Draw draw, int most) {
    List<Object> words = new ArrayList<>();
    for (Object field : fields(draw, most)) {
      words.add(field);
      words.add(draw.percent(70) ? draw.between(-5, 300) : draw.value());
    }
    return words;
  }

  /** No reply becomes very long. */
  static String pickCount(Draw draw) {
    return draw.percent(90)
        ? draw.between(-20, 20)
        : draw.oneOf("", "x", "1.5", "-9223372036854775808", "9223372036854775807", "+1");
  }

  static String wrongCursor(Draw draw) {
    return draw.oneOf("x", "-", "1x", " 1", "18446744073709551616", "0x10");
  }

  static List<String> scanError(Draw draw) {
    return draw.oneOf(
        List.of("COUNT"),
        List.of("COUNT", "0"),
        List.of("COUNT", "-1"),
        List.of("COUNT", "x"),
        List.of("MATCH"),
        List.of("TYPE", "hash"),
        List.of("NOVALUES"),
        List.of("MATCH", "*", "COUNT"));
  }
}
