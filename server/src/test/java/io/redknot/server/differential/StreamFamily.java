package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Streams and their consumer groups; all ids are explicit, as clocks differ. */
final class StreamFamily implements Family {
  /** Enough for any time that passes during a test. */
  private static final String LONG_MS = "100000000";

  @Override
  public String name() {
    return "streams";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    recipes.addAll(entries());
    recipes.addAll(reads());
    recipes.addAll(groups());
    recipes.addAll(pending());
    return recipes;
  }

  private static List<Recipe> entries() {
    return List.of(
        draw -> Step.of("XADD", draw.key(), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), newId(draw), "a", "1", "b", draw.integer()),
        draw -> Step.of("XADD", draw.key(), newId(draw), "a", "1", "b", draw.integer()),
        draw -> Step.of("XADD", draw.key(), trim(draw), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), trim(draw), newId(draw), pairs(draw)),
        draw -> Step.of("XADD", draw.key(), draw.word("nomkstream"), newId(draw), pairs(draw)),
        draw -> Step.of("XTRIM", draw.key(), trim(draw)),
        draw -> Step.of("XLEN", draw.key()),
        draw -> Step.of("XDEL", draw.key(), ids(draw, 5)),
        draw -> Step.of("XDEL", draw.key(), ids(draw, 5)),
        draw -> Step.of("XSETID", draw.key(), setId(draw), setIdOptions(draw)),
        draw -> Step.of("DEL", draw.key()),
        draw -> Step.of("COPY", draw.key(), draw.key(), draw.word("replace")),
        draw -> Step.of("RENAME", draw.key(), draw.key()));
  }

  private static List<Recipe> reads() {
    return List.of(
        draw -> Step.of("XRANGE", draw.key(), end(draw), end(draw), count(draw)),
        draw -> Step.of("XRANGE", draw.key(), "-", "+", count(draw)),
        draw -> Step.of("XREVRANGE", draw.key(), end(draw), end(draw), count(draw)),
        draw -> Step.of("XREVRANGE", draw.key(), "+", "-", count(draw)),
        draw -> Step.of("XREAD", count(draw), draw.word("streams"), keysAndIds(draw, false)),
        draw -> Step.of("XREAD", count(draw), draw.word("streams"), keysAndIds(draw, false)),
        draw -> Step.of("XREAD", readOptions(draw), "streams", keysAndIds(draw, false)));
  }

  private static List<Recipe> groups() {
    return List.of(
        draw -> Step.of("XGROUP", draw.word("create"), draw.key(), group(draw), "0", "MKSTREAM"),
        draw -> Step.of("XGROUP", "CREATE", draw.key(), group(draw), groupId(draw), options(draw)),
        draw -> Step.of("XGROUP", "CREATE", draw.key(), group(draw), groupId(draw), options(draw)),
        draw -> Step.of("XGROUP", "SETID", draw.key(), group(draw), groupId(draw), options(draw)),
        draw -> Step.of("XGROUP", draw.word("destroy"), draw.key(), group(draw)),
        draw -> Step.of("XGROUP", "CREATECONSUMER", draw.key(), group(draw), consumer(draw)),
        draw -> Step.of("XGROUP", "DELCONSUMER", draw.key(), group(draw), consumer(draw)),
        draw -> readGroup(draw, draw.percent(80)),
        draw -> readGroup(draw, draw.percent(80)),
        draw -> readGroup(draw, draw.percent(80)),
        draw -> readGroup(draw, draw.percent(50)),
        draw -> Step.of("XREADGROUP", readOptions(draw), "streams", keysAndIds(draw, true)),
        draw -> info("GROUPS", draw.key()),
        draw -> info("STREAM", draw.key()),
        draw -> info("STREAM", draw.key(), fullOptions(draw)),
        draw -> info("CONSUMERS", draw.key(), group(draw)));
  }

  private static List<Recipe> pending() {
    return List.of(
        draw -> Step.of("XACK", draw.key(), group(draw), ids(draw, 6)),
        draw -> Step.of("XACK", draw.key(), group(draw), ids(draw, 6)),
        draw -> Step.of("XPENDING", draw.key(), group(draw)),
        draw ->
            Step.of("XPENDING", draw.key(), group(draw), pendingOptions(draw))
                .compared(Comparison.PENDING),
        draw ->
            Step.of("XPENDING", draw.key(), group(draw), "-", "+", "100", some(draw, "alice"))
                .compared(Comparison.PENDING),
        draw ->
            Step.of(
                "XCLAIM",
                draw.key(),
                group(draw),
                consumer(draw),
                minIdle(draw),
                ids(draw, 6),
                claimOptions(draw)),
        draw ->
            Step.of("XCLAIM", draw.key(), group(draw), consumer(draw), "0", ids(draw, 6), "FORCE"),
        draw ->
            Step.of(
                "XAUTOCLAIM",
                draw.key(),
                group(draw),
                consumer(draw),
                minIdle(draw),
                end(draw),
                autoClaimOptions(draw)),
        draw -> Step.of("XAUTOCLAIM", draw.key(), group(draw), consumer(draw), "0", "0"));
  }

  private static Step info(Object... words) {
    return Step.of("XINFO", List.of(words)).compared(Comparison.STREAM_INFO);
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(
        Step.of("XRANGE", key, "-", "+"),
        Step.of("XREVRANGE", key, "+", "-", "COUNT", "7"),
        info("GROUPS", key),
        info("STREAM", key, "FULL", "COUNT", "0"),
        Step.of("XPENDING", key, "g"),
        Step.of("XPENDING", key, "h", "-", "+", "100").compared(Comparison.PENDING));
  }

  private static List<String> some(Draw draw, String word) {
    return draw.percent(50) ? List.of() : List.of(word);
  }

  /** An id of few, so that they meet; now and then a strange one. */
  private static String id(Draw draw) {
    if (draw.percent(4)) {
      return draw.oneOf(
          "",
          "-",
          "+",
          "$",
          ">",
          "1-",
          "-1",
          "1-*",
          "a",
          "1-1-1",
          "1-b",
          " 7",
          "+7",
          "7-+1",
          "007-001",
          "5- 1",
          "1-18446744073709551615",
          "0-0",
          "1\0x",
          "1".repeat(128),
          "18446744073709551616");
    }
    String ms = draw.between(0, draw.oneOf(10, 40, 200));
    return draw.percent(30) ? ms : ms + "-" + draw.between(0, 3);
  }

  /** Ids that are never deleted: 7.2 lets XSETID do less than 7.0 where such ones were. */
  private static String hugeId(Draw draw) {
    return draw.oneOf(
        "18446744073709551615",
        "18446744073709551615-18446744073709551615",
        "18446744073709551615-18446744073709551614",
        "9223372036854775807-*",
        "9223372036854775808-9223372036854775808",
        "500--01");
  }

  private static String newId(Draw draw) {
    if (draw.percent(1)) {
      return hugeId(draw);
    }
    return draw.percent(60)
        ? draw.between(0, draw.oneOf(10, 30, 100, 300)) + "-*"
        : draw.percent(3) ? id(draw) + "-*" : id(draw);
  }

  private static List<String> ids(Draw draw, int most) {
    List<String> ids = new ArrayList<>();
    for (int i = draw.below(most); i >= 0; i--) {
      ids.add(id(draw));
    }
    return ids;
  }

  private static String end(Draw draw) {
    return switch (draw.below(6)) {
      case 0 -> "-";
      case 1 -> "+";
      case 2 -> "(" + (draw.percent(90) ? id(draw) : hugeId(draw));
      case 3 -> draw.percent(90) ? id(draw) : hugeId(draw);
      default -> id(draw);
    };
  }

  private static List<Object> pairs(Draw draw) {
    List<Object> words = new ArrayList<>();
    int count = draw.percent(3) ? 0 : 1 + draw.below(3);
    for (int i = 0; i < count; i++) {
      words.add(draw.percent(80) ? draw.oneOf("a", "b", "17") : draw.value());
      words.add(draw.value());
    }
    if (draw.percent(2)) {
      words.add("odd");
    }
    return words;
  }

  private static List<String> trim(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(97)) {
      boolean byLength = draw.percent(60);
      words.add(draw.word(byLength ? "maxlen" : "minid"));
      if (draw.percent(60)) {
        words.add(draw.oneOf("~", "=", "="));
      }
      words.add(byLength && draw.percent(95) ? draw.between(-1, 40) : id(draw));
    }
    if (draw.percent(15)) {
      words.add(draw.word("limit"));
      words.add(draw.percent(80) ? draw.between(0, 20) : draw.integer());
    }
    if (draw.percent(3)) {
      words.addAll(List.of(draw.oneOf("maxlen", "minid"), "5"));
    }
    return words;
  }

  /** Beyond all ids that may be deleted. */
  private static String setId(Draw draw) {
    return draw.percent(90)
        ? draw.between(300, 400) + "-" + draw.between(0, 3)
        : draw.percent(60) ? hugeId(draw) : draw.oneOf("-", "+", "x", "");
  }

  private static List<String> setIdOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(40)) {
      words.addAll(List.of(draw.word("entriesadded"), draw.between(-1, 60)));
    }
    if (draw.percent(40)) {
      words.addAll(List.of(draw.word("maxdeletedid"), id(draw)));
    }
    return words;
  }

  private static List<String> count(Draw draw) {
    return draw.percent(40)
        ? List.of()
        : List.of(draw.word("count"), draw.percent(90) ? draw.between(-1, 12) : draw.integer());
  }

  private static List<Object> keysAndIds(Draw draw, boolean ofGroup) {
    List<Object> words = new ArrayList<>();
    int streams = 1 + draw.below(draw.oneOf(1, 1, 3));
    words.addAll(draw.keys(streams, streams));
    for (int i = 0; i < streams; i++) {
      words.add(draw.percent(ofGroup ? 60 : 3) ? ">" : draw.percent(6) ? "$" : id(draw));
    }
    if (draw.percent(2)) {
      words.removeLast();
    }
    return words;
  }

  private static List<String> readOptions(Draw draw) {
    List<String> words = new ArrayList<>(count(draw));
    if (draw.percent(60)) {
      words.addAll(List.of(draw.word("group"), group(draw), consumer(draw)));
    }
    if (draw.percent(30)) {
      words.add(draw.word("noack"));
    }
    return words;
  }

  private static Step readGroup(Draw draw, boolean onlyNew) {
    return Step.of(
        "XREADGROUP",
        draw.word("group"),
        group(draw),
        consumer(draw),
        count(draw),
        draw.percent(20) ? List.of("NOACK") : List.of(),
        "STREAMS",
        draw.key(),
        onlyNew ? ">" : id(draw));
  }

  private static String group(Draw draw) {
    return draw.percent(97) ? draw.oneOf("g", "h") : draw.oneOf("", "none");
  }

  private static String consumer(Draw draw) {
    return draw.percent(97) ? draw.oneOf("alice", "bob", "al") : draw.oneOf("", "\u00ff\0");
  }

  private static String groupId(Draw draw) {
    return draw.percent(30) ? "$" : draw.percent(30) ? "0" : id(draw);
  }

  private static List<String> options(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(20)) {
      words.add(draw.word("mkstream"));
    }
    if (draw.percent(30)) {
      words.add(draw.word("entriesread"));
      words.add(draw.percent(90) ? draw.between(-2, 20) : draw.integer());
    }
    return words;
  }

  private static List<String> fullOptions(Draw draw) {
    return switch (draw.below(8)) {
      case 0 -> List.of(draw.word("full"), "count");
      case 1 -> List.of("FULL", draw.word("count"), draw.integer());
      case 2 -> List.of("FULL", "COUNT", "3", "4");
      case 3, 4 -> List.of("FULL", "COUNT", draw.between(-1, 5));
      default -> List.of(draw.word("full"));
    };
  }

  private static List<String> pendingOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(40)) {
      words.add(draw.word("idle"));
      words.add(draw.percent(90) ? minIdle(draw) : draw.hostile());
    }
    words.addAll(List.of(end(draw), end(draw)));
    words.add(draw.percent(90) ? draw.between(-1, 12) : draw.integer());
    if (draw.percent(50)) {
      words.add(consumer(draw));
    }
    if (draw.percent(3)) {
      words.add("more");
    }
    return words;
  }

  private static String minIdle(Draw draw) {
    return draw.percent(95) ? draw.oneOf("0", "0", "0", "-1", LONG_MS) : draw.hostile();
  }

  private static List<String> claimOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(4); i > 0; i--) {
      switch (draw.below(6)) {
        case 0 -> words.add(draw.word("force"));
        case 1 -> words.add(draw.word("justid"));
        case 2 -> words.addAll(List.of(draw.word("idle"), draw.oneOf("0", LONG_MS, "-1", "x")));
        case 3 -> words.addAll(List.of(draw.word("time"), draw.oneOf("1", "0", "-1", "x")));
        case 4 -> words.addAll(List.of(draw.word("retrycount"), draw.between(-1, 9)));
        default -> words.addAll(List.of(draw.word("lastid"), id(draw)));
      }
    }
    return words;
  }

  private static List<String> autoClaimOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(50)) {
      words.add(draw.word("count"));
      words.add(draw.percent(90) ? draw.between(1, 6) : draw.oneOf("0", "-1", "x", ""));
    }
    if (draw.percent(40)) {
      words.add(draw.word("justid"));
    }
    return words;
  }
}
