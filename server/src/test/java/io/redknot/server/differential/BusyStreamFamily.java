package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/**
 * Streams that always grow, and groups that are always there: nearly every command has an effect.
 */
final class BusyStreamFamily implements Family {
  private static final int IDS = 40;

  private final boolean rereads;

  BusyStreamFamily() {
    this(true);
  }

  /**
   * A family of its own kind.
   *
   * @param rereads whether consumers also read what is pending with them
   */
  BusyStreamFamily(boolean rereads) {
    this.rereads = rereads;
  }

  @Override
  public String name() {
    return "busy streams";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      recipes.add(draw -> Step.of("XADD", key(draw), "5-*", "a", draw.value()));
      recipes.add(this::read);
    }
    recipes.addAll(changes());
    recipes.addAll(claims());
    return recipes;
  }

  private static List<Recipe> changes() {
    return List.of(
        draw -> Step.of("XADD", key(draw), trim(draw), "5-*", "a", "1", "b", draw.value()),
        draw -> Step.of("XTRIM", key(draw), trim(draw)),
        draw -> Step.of("XDEL", key(draw), ids(draw, 3)),
        draw -> Step.of("XDEL", key(draw), ids(draw, 3)),
        draw -> Step.of("XGROUP", "CREATE", key(draw), group(draw), id(draw), "MKSTREAM"),
        draw -> Step.of("XGROUP", "CREATE", key(draw), group(draw), "0", "MKSTREAM"),
        draw -> Step.of("XGROUP", "SETID", key(draw), group(draw), id(draw)),
        draw -> Step.of("XGROUP", "CREATECONSUMER", key(draw), group(draw), consumer(draw)),
        draw -> Step.of("XGROUP", "DELCONSUMER", key(draw), group(draw), "rare"));
  }

  private static List<Recipe> claims() {
    return List.of(
        draw -> Step.of("XACK", key(draw), group(draw), ids(draw, 5)),
        BusyStreamFamily::claim,
        BusyStreamFamily::claim,
        draw ->
            Step.of("XAUTOCLAIM", key(draw), group(draw), consumer(draw), 0, id(draw), "COUNT", 3),
        draw -> Step.of("XAUTOCLAIM", key(draw), group(draw), consumer(draw), 0, 0, "JUSTID"),
        draw -> Step.of("COPY", key(draw), draw.key(), "REPLACE"));
  }

  private Step read(Draw draw) {
    List<Object> options = new ArrayList<>(List.of("COUNT", 1 + draw.below(4)));
    if (draw.percent(20)) {
      options.add("NOACK");
    }
    String from = draw.percent(85) || !rereads ? ">" : "0";
    return Step.of(
        "XREADGROUP", "GROUP", group(draw), consumer(draw), options, "STREAMS", key(draw), from);
  }

  private static Step claim(Draw draw) {
    List<Object> options = new ArrayList<>();
    if (draw.percent(50)) {
      options.add("FORCE");
    }
    if (draw.percent(30)) {
      options.addAll(List.of("RETRYCOUNT", draw.below(9), "TIME", 1 + draw.below(9)));
    }
    if (draw.percent(20)) {
      options.addAll(List.of("LASTID", id(draw)));
    }
    return Step.of("XCLAIM", key(draw), group(draw), consumer(draw), 0, ids(draw, 4), options);
  }

  @Override
  public List<Step> probes(Key key) {
    return new StreamFamily().probes(key);
  }

  /** Few of the keys, so that the others' types seldom get in the way. */
  private static Key key(Draw draw) {
    return new Key(draw.below(2));
  }

  private static String group(Draw draw) {
    return draw.oneOf("g", "h");
  }

  private static String consumer(Draw draw) {
    return draw.percent(90) ? draw.oneOf("alice", "bob") : "rare";
  }

  private static String id(Draw draw) {
    return draw.percent(10) ? "5" : "5-" + draw.below(IDS);
  }

  private static List<String> ids(Draw draw, int most) {
    List<String> ids = new ArrayList<>();
    for (int i = draw.below(most); i >= 0; i--) {
      ids.add(id(draw));
    }
    return ids;
  }

  private static List<Object> trim(Draw draw) {
    List<Object> words = new ArrayList<>();
    words.add(draw.oneOf("MAXLEN", "minid"));
    boolean byLength = words.getFirst().equals("MAXLEN");
    words.add(draw.oneOf("~", "="));
    words.add(byLength ? draw.between(5, 30) : id(draw));
    if (words.get(1).equals("~") && draw.percent(40)) {
      words.addAll(List.of("LIMIT", draw.below(12)));
    }
    return words;
  }
}
