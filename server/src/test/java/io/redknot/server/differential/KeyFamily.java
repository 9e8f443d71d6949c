package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Keys whatever they hold, and their times to live. */
final class KeyFamily implements Family {
  @Override
  public String name() {
    return "keys";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    recipes.addAll(expiry());
    recipes.addAll(
        List.of(
            draw -> Step.of("SET", draw.key(), draw.value()),
            draw -> Step.of("SET", draw.key(), draw.value()),
            draw -> Step.of("MSET", draw.key(), draw.value(), draw.key(), draw.value()),
            draw -> Step.of(draw.oneOf("DEL", "UNLINK"), draw.keys(1, 3)),
            draw -> Step.of(draw.oneOf("EXISTS", "TOUCH"), draw.keys(1, 6)),
            draw -> Step.of("TYPE", draw.key()),
            draw -> Step.of("RENAME", draw.key(), draw.key()),
            draw -> Step.of("RENAMENX", draw.key(), draw.key()),
            draw -> Step.of("COPY", draw.key(), draw.key(), copyOptions(draw)),
            draw -> Step.of("COPY", draw.key(), draw.key(), copyOptions(draw)),
            draw -> Step.of("MOVE", draw.key(), database(draw)),
            draw -> Step.of("OBJECT", draw.word("encoding"), draw.key()),
            draw -> Step.of("OBJECT", draw.oneOf("REFCOUNT", "refcount"), draw.key()),
            draw ->
                Step.of("OBJECT", draw.oneOf("IDLETIME", "idletime"), draw.key())
                    .compared(Comparison.SAME_KIND),
            draw -> Step.of("OBJECT", draw.word("freq"), draw.key()),
            draw -> Step.of("KEYS", draw.key()),
            draw -> Step.of("SWAPDB", wrongDatabase(draw), database(draw)),
            draw ->
                Step.of("SCAN", wrongCursor(draw), "COUNT", draw.integer())
                    .compared(Comparison.SAME_KIND),
            draw ->
                Step.of("SCAN", "0", "MATCH", "", draw.oneOf("COUNT", "x", "TYPE"))
                    .compared(Comparison.SAME_KIND)));
    return recipes;
  }

  private static List<Recipe> expiry() {
    return List.of(
        draw -> Step.of("EXPIRE", draw.key(), time(draw, 1000, 100_000), options(draw)),
        draw -> Step.of("PEXPIRE", draw.key(), time(draw, 1_000_000, 100_000_000), options(draw)),
        draw -> Step.of("EXPIREAT", draw.key(), time(draw, FAR_S, FAR_S + 5), options(draw)),
        draw -> Step.of("PEXPIREAT", draw.key(), time(draw, FAR_MS, FAR_MS + 900), options(draw)),
        draw -> Step.of("PEXPIREAT", draw.key(), time(draw, FAR_MS, FAR_MS + 5), options(draw)),
        draw -> Step.of("PERSIST", draw.key()),
        draw -> Step.of("TTL", draw.key()).compared(Comparison.NEAR),
        draw -> Step.of("PTTL", draw.key()).compared(Comparison.NEAR),
        draw -> Step.of("EXPIRETIME", draw.key()).compared(Comparison.NEAR),
        draw -> Step.of("PEXPIRETIME", draw.key()).compared(Comparison.NEAR));
  }

  private static final long FAR_S = 4_102_444_800L;
  private static final long FAR_MS = 4_102_444_800_000L;

  @Override
  public List<Step> probes(Key key) {
    return List.of(
        Step.of("TYPE", key),
        Step.of("PEXPIRETIME", key).compared(Comparison.NEAR),
        Step.of("OBJECT", "ENCODING", key));
  }

  /** Seldom in the past, which deletes; otherwise far from now, so that nothing expires. */
  private static String time(Draw draw, long least, long most) {
    if (draw.percent(80)) {
      return draw.between(least, most);
    }
    return draw.percent(70)
        ? draw.oneOf(
            "0",
            "-1",
            "9223372036854775807",
            "9223372036854775",
            "-9223372036854775808",
            "-9223372036854776",
            "9223372036854774")
        : draw.hostile();
  }

  private static List<String> options(Draw draw) {
    List<String> words = new ArrayList<>();
    int count = draw.percent(50) ? 0 : 1 + draw.below(2);
    for (int i = 0; i < count; i++) {
      words.add(draw.word(draw.oneOf("nx", "xx", "gt", "lt")));
    }
    return words;
  }

  /** At most one database, since 7.0 would let the last of several count on a cluster node. */
  private static List<String> copyOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(40)) {
      words.add(draw.word("replace"));
    }
    if (draw.percent(40)) {
      words.add(draw.word("db"));
      if (draw.percent(90)) {
        words.add(database(draw));
      }
    }
    if (draw.percent(10)) {
      words.add(draw.word("replace"));
    }
    return words;
  }

  private static String database(Draw draw) {
    return draw.percent(80)
        ? draw.between(0, 3)
        : draw.oneOf("-1", "16", "99999999999", "x", "", "1.0", "+1");
  }

  private static String wrongDatabase(Draw draw) {
    return draw.oneOf("-1", "16", "99999999999", "x", "");
  }

  private static String wrongCursor(Draw draw) {
    return draw.oneOf("x", "-", "1x", " 1", "18446744073709551616", "0x10");
  }
}
