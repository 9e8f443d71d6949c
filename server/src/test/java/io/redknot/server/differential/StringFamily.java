package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Strings: GET, SET and their variants. */
final class StringFamily implements Family {
  @Override
  public String name() {
    return "strings";
  }

  @Override
  public List<Recipe> recipes() {
    return List.of(
        draw -> Step.of("GET", draw.key()),
        draw -> Step.of(draw.word("strlen"), draw.key()),
        draw -> Step.of("GETDEL", draw.key()),
        draw -> Step.of("GETEX", draw.key(), getOptions(draw)),
        draw -> Step.of("SET", draw.key(), draw.value()),
        draw -> Step.of("SET", draw.key(), draw.value()),
        draw -> Step.of("SET", draw.key(), draw.value(), setOptions(draw)),
        draw -> Step.of("SET", draw.key(), draw.value(), setOptions(draw)),
        draw -> Step.of("SETNX", draw.key(), draw.value()),
        draw -> Step.of("SETEX", draw.key(), seconds(draw), draw.value()),
        draw -> Step.of("PSETEX", draw.key(), millis(draw), draw.value()),
        draw -> Step.of("GETSET", draw.key(), draw.value()),
        draw -> Step.of("MGET", draw.keys(1, 6)),
        draw -> Step.of("MSET", pairs(draw)),
        draw -> Step.of("MSETNX", pairs(draw)),
        draw -> Step.of("APPEND", draw.key(), draw.value()),
        draw -> Step.of("APPEND", draw.key(), draw.value()),
        draw -> Step.of(draw.oneOf("GETRANGE", "SUBSTR"), draw.key(), draw.index(), draw.index()),
        draw -> Step.of("SETRANGE", draw.key(), offset(draw), draw.value()),
        draw -> Step.of("SETRANGE", draw.key(), offset(draw), draw.value()),
        draw -> Step.of("INCR", draw.key()),
        draw -> Step.of("DECR", draw.key()),
        draw -> Step.of("INCRBY", draw.key(), draw.integer()),
        draw -> Step.of("DECRBY", draw.key(), draw.integer()),
        draw -> Step.of("INCRBYFLOAT", draw.key(), draw.real()),
        draw -> Step.of("INCRBYFLOAT", draw.key(), draw.real()));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(
        Step.of("GET", key),
        Step.of("STRLEN", key),
        Step.of("OBJECT", "ENCODING", key),
        Step.of("PTTL", key).compared(Comparison.NEAR));
  }

  private static List<Object> pairs(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (Key key : draw.keys(1, 4)) {
      words.add(key);
      words.add(draw.value());
    }
    return words;
  }

  private static List<String> setOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    int count = 1 + draw.below(3);
    for (int i = 0; i < count; i++) {
      switch (draw.below(8)) {
        case 0, 1 -> words.add(draw.word("nx"));
        case 2, 3 -> words.add(draw.word("xx"));
        case 4 -> words.add(draw.word("get"));
        case 5 -> words.add(draw.word("keepttl"));
        default -> addTime(draw, words);
      }
    }
    return words;
  }

  private static List<String> getOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    int count = draw.below(3);
    for (int i = 0; i < count; i++) {
      if (draw.percent(30)) {
        words.add(draw.word("persist"));
      } else {
        addTime(draw, words);
      }
    }
    return words;
  }

  private static void addTime(Draw draw, List<String> words) {
    switch (draw.below(4)) {
      case 0 -> words.addAll(List.of(draw.word("ex"), seconds(draw)));
      case 1 -> words.addAll(List.of(draw.word("px"), millis(draw)));
      case 2 -> words.addAll(List.of(draw.word("exat"), draw.oneOf("1", "4102444800", "0")));
      default -> words.addAll(List.of(draw.word("pxat"), draw.oneOf("1", "4102444800000", "-5")));
    }
  }

  private static String offset(Draw draw) {
    return draw.percent(80)
        ? draw.between(0, 60)
        : draw.percent(80) ? draw.integer() : draw.between(1024 * 1024 - 20, 1024 * 1024 + 1);
  }

  /** Long enough that nothing expires while a sequence runs. */
  private static String seconds(Draw draw) {
    return draw.percent(85)
        ? draw.between(1000, 100_000)
        : draw.oneOf("0", "-1", "", "abc", "1.5", "9223372036854775", "9223372036854775807");
  }

  private static String millis(Draw draw) {
    return draw.percent(85)
        ? draw.between(1_000_000, 100_000_000)
        : draw.oneOf("0", "-1", "", "abc", "9223372036854775807", "9223372036854775808");
  }
}
