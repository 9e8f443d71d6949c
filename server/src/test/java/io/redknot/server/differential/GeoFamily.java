package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** Places: everywhere, at the edges of the map, close together, and scores that are no places. */
final class GeoFamily implements Family {
  private static final String[] EDGES = {
    "0",
    "-0",
    "180",
    "-180",
    "85.05112878",
    "-85.05112878",
    "90",
    "-90",
    "1e-9",
    "-1e-7",
    "66",
    "-80.5",
    "85.0511288",
    "180.0000001",
    "179.999999999",
    "inf",
    "5e-324"
  };
  private static final String[] LENGTHS = {
    "0", "1", "100", "5000", "200000", "1e7", "2e7", "1e9", "inf", "-1", "-0.0", "0.001"
  };

  @Override
  public String name() {
    return "geo";
  }

  @Override
  public List<Recipe> recipes() {
    return List.of(
        draw -> Step.of("GEOADD", draw.key(), options(draw), places(draw, 6)),
        draw -> Step.of("GEOADD", draw.key(), places(draw, 8)),
        draw -> Step.of("GEOADD", draw.key(), places(draw, 3)),
        draw -> Step.of("ZADD", draw.key(), score(draw), member(draw)),
        draw -> Step.of("ZREM", draw.key(), member(draw), member(draw)),
        draw -> Step.of("DEL", draw.key()),
        draw -> scores(draw.key()),
        draw -> Step.of("GEODIST", draw.key(), member(draw), member(draw), optionalUnit(draw)),
        draw -> Step.of("GEOHASH", draw.key(), members(draw)),
        draw -> Step.of("GEOPOS", draw.key(), members(draw)),
        draw -> Step.of("GEOSEARCH", draw.key(), from(draw), by(draw), told(draw)),
        draw -> Step.of("GEOSEARCH", draw.key(), from(draw), by(draw), told(draw)),
        draw -> Step.of("GEOSEARCH", draw.key(), by(draw), told(draw), from(draw)),
        draw -> Step.of("GEOSEARCH", draw.key(), hostile(draw), from(draw), hostile(draw)),
        draw -> Step.of("GEOSEARCHSTORE", draw.key(), draw.key(), from(draw), by(draw), kept(draw)),
        draw -> Step.of("GEOSEARCHSTORE", draw.key(), draw.key(), from(draw), by(draw), told(draw)),
        draw -> Step.of("GEORADIUS", draw.key(), place(draw), length(draw), told(draw)),
        draw -> Step.of("GEORADIUS", draw.key(), place(draw), length(draw), stores(draw)),
        draw -> Step.of("GEORADIUS_RO", draw.key(), place(draw), length(draw), told(draw)),
        draw -> Step.of("GEORADIUSBYMEMBER", draw.key(), member(draw), length(draw), told(draw)),
        draw -> Step.of("GEORADIUSBYMEMBER", draw.key(), member(draw), length(draw), stores(draw)),
        draw ->
            Step.of("GEORADIUSBYMEMBER_RO", draw.key(), member(draw), length(draw), stores(draw)));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(Step.of("GEOPOS", key, "a", "b", "c", "m1", "m2"), scores(key));
  }

  private static Step scores(Key key) {
    return Step.of("ZRANGE", key, "0", "-1", "WITHSCORES").compared(Comparison.REALS);
  }

  private static List<String> options(Draw draw) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(3); i > 0; i--) {
      words.add(draw.word(draw.oneOf("nx", "xx", "ch", "ch", "ch")));
    }
    return words;
  }

  private static List<Object> places(Draw draw, int most) {
    List<Object> words = new ArrayList<>();
    for (int i = draw.below(most); i >= 0; i--) {
      words.addAll(place(draw));
      words.add(member(draw));
    }
    return words;
  }

  /** A longitude and a latitude, often near others. */
  private static List<String> place(Draw draw) {
    if (draw.percent(4)) {
      return List.of(draw.real(), draw.real());
    }
    if (draw.percent(15)) {
      return List.of(draw.oneOf(EDGES), draw.oneOf(EDGES));
    }
    int spread = draw.oneOf(1, 100, 10_000, 850_000);
    int x = draw.below(2 * spread + 1) - spread;
    int y = draw.below(2 * spread + 1) - spread;
    return List.of(fixed(2 * x), fixed(y));
  }

  /** Ten-thousandths of a degree. */
  private static String fixed(int ticks) {
    return java.math.BigDecimal.valueOf(ticks, 4).toPlainString();
  }

  private static String member(Draw draw) {
    return draw.oneOf("a", "b", "c", "d", "e", "12", "m" + draw.below(30));
  }

  private static List<String> members(Draw draw) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(4); i > 0; i--) {
      words.add(member(draw));
    }
    return words;
  }

  private static String score(Draw draw) {
    return draw.percent(30)
        ? draw.oneOf("-1", "0", "1e16", "4.5e15", "0.5", "3479099956230698", "inf", "-inf", "1e19")
        : draw.between(0, 1L << 52);
  }

  private static String unit(Draw draw) {
    return draw.percent(97)
        ? draw.word(draw.oneOf("m", "km", "ft", "mi"))
        : draw.oneOf("", "cm", "kmx");
  }

  private static List<String> optionalUnit(Draw draw) {
    return draw.percent(40) ? List.of() : List.of(unit(draw));
  }

  private static String meters(Draw draw) {
    return draw.percent(95)
        ? draw.percent(60) ? draw.oneOf(LENGTHS) : Integer.toString(draw.below(30_000))
        : draw.real();
  }

  private static List<String> length(Draw draw) {
    return List.of(meters(draw), unit(draw));
  }

  private static List<String> from(Draw draw) {
    List<String> words = new ArrayList<>();
    if (draw.percent(50)) {
      words.addAll(List.of(draw.word("frommember"), member(draw)));
    } else {
      words.add(draw.word("fromlonlat"));
      words.addAll(place(draw));
    }
    return words;
  }

  private static List<String> by(Draw draw) {
    return draw.percent(50)
        ? List.of(draw.word("byradius"), meters(draw), unit(draw))
        : List.of(draw.word("bybox"), meters(draw), meters(draw), unit(draw));
  }

  /**
   * What to tell and in which order. Only some places of all are asked for by ANY: where two are as
   * far away as each other it is chance which one Redis leaves out.
   */
  private static List<String> told(Draw draw) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(4); i > 0; i--) {
      words.add(draw.word(draw.oneOf("withdist", "withhash", "withcoord", "asc", "desc")));
    }
    if (draw.percent(20)) {
      words.addAll(List.of(draw.word("count"), draw.between(1, 9), draw.word("any")));
    }
    return words;
  }

  private static List<Object> kept(Draw draw) {
    List<Object> words = new ArrayList<>();
    if (draw.percent(40)) {
      words.add(draw.word("storedist"));
    }
    if (draw.percent(30)) {
      words.addAll(List.of(draw.word("count"), draw.between(1, 9), draw.word("any")));
    }
    return words;
  }

  private static List<Object> stores(Draw draw) {
    List<Object> words = new ArrayList<>();
    for (int i = draw.below(3); i > 0; i--) {
      words.addAll(List.of(draw.word(draw.oneOf("store", "storedist")), draw.key()));
    }
    if (draw.percent(10)) {
      words.add(draw.word(draw.oneOf("withdist", "withhash", "withcoord")));
    }
    return words;
  }

  private static List<String> hostile(Draw draw) {
    List<String> words = new ArrayList<>();
    for (int i = draw.below(4); i > 0; i--) {
      switch (draw.below(6)) {
        case 0 -> words.addAll(from(draw));
        case 1 -> words.addAll(by(draw));
        case 2 -> words.add(draw.word("any"));
        case 3 -> words.addAll(List.of(draw.word("count"), draw.integer()));
        case 4 -> words.add(draw.oneOf("storedist", "store", "bybox", "fromlonlat", "asc"));
        default -> words.add(draw.hostile());
      }
    }
    return words;
  }
}
