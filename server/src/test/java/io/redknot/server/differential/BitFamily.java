package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Bits, bit fields, and the longest common subsequence. */
final class BitFamily implements Family {
  @Override
  public String name() {
    return "bits";
  }

  @Override
  public List<Recipe> recipes() {
    return List.of(
        draw -> Step.of("SET", draw.key(), draw.value()),
        draw -> Step.of("SET", draw.key(), draw.letters(draw.below(40))),
        draw -> Step.of("SET", draw.key(), runs(draw)),
        draw -> Step.of("SETBIT", draw.key(), bit(draw), draw.oneOf("0", "1", "1", "2", "")),
        draw -> Step.of("SETBIT", draw.key(), bit(draw), draw.oneOf("0", "1")),
        draw -> Step.of("GETBIT", draw.key(), bit(draw)),
        draw -> Step.of("BITCOUNT", draw.key()),
        draw -> Step.of("BITCOUNT", draw.key(), index(draw), index(draw), unit(draw)),
        draw -> Step.of("BITPOS", draw.key(), zeroOrOne(draw)),
        draw -> Step.of("BITPOS", draw.key(), zeroOrOne(draw), index(draw)),
        draw ->
            Step.of("BITPOS", draw.key(), zeroOrOne(draw), index(draw), index(draw), unit(draw)),
        draw ->
            Step.of("BITPOS", draw.key(), zeroOrOne(draw), index(draw), index(draw), unit(draw)),
        draw -> Step.of("BITOP", operation(draw), draw.key(), draw.keys(1, 4)),
        draw -> Step.of("BITOP", draw.word("not"), draw.key(), draw.keys(1, draw.oneOf(1, 1, 2))),
        draw -> Step.of("BITFIELD", draw.key(), fields(draw, false)),
        draw -> Step.of("BITFIELD", draw.key(), fields(draw, false)),
        draw -> Step.of("BITFIELD", draw.key(), fields(draw, false)),
        draw -> Step.of("BITFIELD_RO", draw.key(), fields(draw, draw.percent(80))),
        draw -> Step.of("LCS", draw.key(), draw.key(), lcsOptions(draw)),
        draw -> Step.of("LCS", draw.key(), draw.key(), lcsOptions(draw)));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(Step.of("BITCOUNT", key));
  }

  /** Long stretches of equal bits, with a few others. */
  private static byte[] runs(Draw draw) {
    byte[] bytes = new byte[draw.below(60)];
    java.util.Arrays.fill(bytes, (byte) (int) draw.oneOf(0, 0xff));
    for (int i = draw.below(4); i > 0 && bytes.length > 0; i--) {
      bytes[draw.below(bytes.length)] = (byte) draw.below(256);
    }
    return bytes;
  }

  private static String bit(Draw draw) {
    return draw.percent(85)
        ? draw.between(0, 300)
        : draw.percent(80) ? draw.integer() : draw.between(8 * 1024 * 1024 - 9, 8 * 1024 * 1024);
  }

  private static String zeroOrOne(Draw draw) {
    return draw.percent(95) ? draw.oneOf("0", "1") : draw.integer();
  }

  private static String index(Draw draw) {
    return draw.percent(50) ? draw.index() : draw.between(-300, 300);
  }

  private static List<String> unit(Draw draw) {
    return draw.percent(40) ? List.of() : List.of(draw.word(draw.oneOf("bit", "byte")));
  }

  private static String operation(Draw draw) {
    return draw.word(draw.oneOf("and", "or", "xor"));
  }

  private static List<String> fields(Draw draw, boolean reads) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(5); i > 0; i--) {
      switch (reads ? 0 : draw.below(4)) {
        case 0 -> words.addAll(List.of(draw.word("get"), type(draw), fieldOffset(draw)));
        case 1 ->
            words.addAll(
                List.of(draw.word("set"), type(draw), fieldOffset(draw), fieldValue(draw)));
        case 2 ->
            words.addAll(
                List.of(draw.word("incrby"), type(draw), fieldOffset(draw), fieldValue(draw)));
        default ->
            words.addAll(
                List.of(draw.word("overflow"), draw.word(draw.oneOf("wrap", "sat", "fail"))));
      }
    }
    return words;
  }

  private static String type(Draw draw) {
    return draw.percent(95)
        ? draw.oneOf("i", "u") + (draw.percent(30) ? draw.between(60, 64) : draw.between(1, 63))
        : draw.oneOf("i0", "u64", "i65", "u", "", "I8", "x8", "i08", "i-1", "8");
  }

  private static String fieldOffset(Draw draw) {
    return draw.percent(40) ? "#" + (draw.percent(90) ? draw.between(0, 8) : "") : bit(draw);
  }

  private static String fieldValue(Draw draw) {
    return draw.percent(50) ? draw.integer() : draw.between(-130, 130);
  }

  private static List<String> lcsOptions(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(60)) {
      words.add(draw.word("idx"));
    }
    if (draw.percent(25)) {
      words.add(draw.word("len"));
    }
    if (draw.percent(30)) {
      words.add(draw.word("withmatchlen"));
    }
    if (draw.percent(30)) {
      words.add(draw.word("minmatchlen"));
      words.add(draw.percent(80) ? draw.between(-1, 5) : draw.integer());
    }
    return words;
  }
}
