package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** What is different each time it is executed: drawn members, clocks, and what soon expires. */
final class DrawnFamily implements Family {
  @Override
  public String name() {
    return "drawn";
  }

  @Override
  public List<Recipe> recipes() {
    List<Recipe> recipes = new ArrayList<>();
    recipes.addAll(draws());
    recipes.addAll(clocks());
    recipes.addAll(wholes());
    return recipes;
  }

  private static List<Recipe> draws() {
    return List.of(
        draw -> Step.of("SADD", draw.key(), integers(draw)),
        draw -> Step.of("SADD", draw.key(), integers(draw), draw.value(), draw.value()),
        draw -> Step.of("SPOP", draw.key()),
        draw -> Step.of("SPOP", draw.key()),
        draw -> Step.of("SPOP", draw.key(), draw.below(12)),
        draw -> Step.of("SORT", draw.key(), "BY", "nosort", "STORE", draw.key()),
        draw -> Step.of("SORT", draw.key(), "ALPHA", "LIMIT", 0, 3, "STORE", draw.key()));
  }

  private static List<Recipe> clocks() {
    return List.of(
        draw -> Step.of("XADD", draw.key(), "*", "a", draw.value()),
        draw -> Step.of("XADD", draw.key(), "MAXLEN", "~", 6, "*", "a", draw.value()),
        draw -> Step.of("SET", draw.key(), draw.value(), "PX", 1 + draw.below(3)),
        draw -> Step.of("SET", draw.key(), draw.value(), "PX", 100_000, "GET"),
        draw -> Step.of("PSETEX", draw.key(), 1 + draw.below(3), draw.value()),
        draw -> Step.of("PEXPIRE", draw.key(), 1 + draw.below(3)),
        draw -> Step.of("PEXPIRE", draw.key(), 1 + draw.below(3), "GT"),
        draw -> Step.of("PEXPIREAT", draw.key(), draw.below(2) * 4_102_444_800_000L),
        draw -> Step.of("GETEX", draw.key(), "PX", 1 + draw.below(3)),
        draw -> Step.of("GETEX", draw.key(), "EX", 1000),
        draw -> Step.of("PERSIST", draw.key()),
        draw -> Step.of("APPEND", draw.key(), draw.value()),
        draw -> Step.of("INCRBYFLOAT", draw.key(), draw.real()));
  }

  private static List<Recipe> wholes() {
    return List.of(
        draw -> Step.of("SELECT", draw.percent(80) ? 0 : draw.below(3)),
        draw -> Step.of("MOVE", draw.key(), draw.below(3)),
        draw -> Step.of("COPY", draw.key(), draw.key(), "DB", draw.below(3), "REPLACE"),
        draw -> Step.of(draw.percent(15) ? "FLUSHDB" : "DBSIZE"),
        draw -> Step.of(draw.percent(5) ? "FLUSHALL" : "DBSIZE"),
        draw -> draw.percent(20) ? Step.of("SWAPDB", 0, draw.below(3)) : Step.of("DBSIZE"),
        draw -> Step.of("MULTI"),
        draw -> Step.of(draw.percent(80) ? "EXEC" : "DISCARD"),
        draw -> Step.of("EXEC"));
  }

  private static List<Object> integers(Draw draw) {
    List<Object> members = new ArrayList<>();
    for (int i = draw.below(15); i >= 0; i--) {
      members.add(draw.below(40));
    }
    return members;
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of();
  }
}
