package io.redknot.server.differential;

import io.redknot.server.replication.StreamCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What both servers told of one step. */
record StreamDifference(List<Step> steps, Told theirs, Told ours) implements Shrinker.Difference {
  private static final long NEAR_MS = 2000;

  /** Integers beyond are times since 1970. */
  private static final long TIMES_FROM = 1_000_000_000_000L;

  /** Of so many streams a step reads at most. */
  private static final int STREAMS_MAX = 3;

  private static final Set<String> MARKERS = Set.of("MULTI", "EXEC");

  /**
   * What a step was told as.
   *
   * @param changes by how much it raised the count of changes
   */
  record Told(List<StreamCommand> commands, long changes) {
    /** Without the markers of a transaction, and without what Redis does not always tell. */
    List<StreamCommand> claims() {
      return commands.stream()
          .filter(command -> !MARKERS.contains(command.words().getFirst()))
          .filter(command -> !command.words().getFirst().equals("XGROUP"))
          .toList();
    }

    private List<StreamCommand> withoutLeastId() {
      List<StreamCommand> all = new ArrayList<>();
      for (StreamCommand command : commands) {
        List<String> words = new ArrayList<>(command.words());
        int at = words.indexOf("=");
        if (at > 0 && words.get(at - 1).equalsIgnoreCase("minid")) {
          words.remove(at + 1);
        }
        all.add(new StreamCommand(command.db(), words));
      }
      return all;
    }

    private String shown() {
      StringBuilder text = new StringBuilder("changes " + changes);
      for (StreamCommand command : commands) {
        text.append("\n    ").append(command.db()).append(':');
        for (String word : command.words()) {
          text.append(' ').append(Step.of(word));
        }
      }
      return text.toString();
    }
  }

  /** Whether both told the same, but for times that the clocks tell a little apart. */
  static boolean areEqual(Told theirs, Told ours) {
    return theirs.changes() == ours.changes() && areEqual(theirs.commands(), ours.commands());
  }

  private static boolean areEqual(List<StreamCommand> theirs, List<StreamCommand> ours) {
    if (theirs.size() != ours.size()) {
      return false;
    }
    for (int i = 0; i < theirs.size(); i++) {
      if (!areEqual(theirs.get(i), ours.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** 7.2 makes a consumer also where it gets nothing, which is a change. */
  private static boolean differOnlyInGroups(Told theirs, Told ours) {
    return areEqual(theirs.claims(), ours.claims())
        && Math.abs(ours.changes() - theirs.changes()) <= STREAMS_MAX;
  }

  private static boolean isOfConsumer(Told one, Told nothing) {
    return nothing.commands().isEmpty()
        && one.commands().size() == 1
        && one.commands().getFirst().words().get(1).toUpperCase(Locale.ROOT).endsWith("CONSUMER");
  }

  private static boolean areEqual(StreamCommand theirs, StreamCommand ours) {
    List<String> a = theirs.words();
    List<String> b = ours.words();
    if (theirs.db() != ours.db() || a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!a.get(i).equals(b.get(i)) && !areNear(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean areNear(String a, String b) {
    if (!a.matches("\\d{13,18}") || !b.matches("\\d{13,18}")) {
      return false;
    }
    long one = Long.parseLong(a);
    long other = Long.parseLong(b);
    return one > TIMES_FROM && other > TIMES_FROM && Math.abs(one - other) <= NEAR_MS;
  }

  @Override
  public String told() {
    return "redis:   " + theirs.shown() + "\nredknot: " + ours.shown();
  }

  /** A difference that is meant. */
  record Accepted(String reason, Set<String> names, Rule rule) {
    /** Whether the difference is the one that is meant. */
    @FunctionalInterface
    interface Rule {
      boolean covers(Told theirs, Told ours);
    }

    static final List<Accepted> ALL =
        List.of(
            new Accepted(
                "What was added before a damaged sketch was noticed is there, and Redknot tells it",
                Set.of("pfadd"),
                (theirs, ours) -> theirs.commands().isEmpty() && theirs.changes() == 0),
            new Accepted(
                "A string that BITFIELD made longer before it failed stays so, which Redknot tells",
                Set.of("bitfield"),
                (theirs, ours) -> theirs.commands().isEmpty() && theirs.changes() == 0),
            new Accepted(
                "A consumer is told wherever it is made, and after entries how many were read",
                Set.of("xreadgroup", "xclaim", "xautoclaim"),
                StreamDifference::differOnlyInGroups),
            new Accepted(
                "Redis may name a deleted entry as the least one that is left",
                Set.of("xadd", "xtrim"),
                (theirs, ours) ->
                    theirs.changes() == ours.changes()
                        && areEqual(theirs.withoutLeastId(), ours.withoutLeastId())),
            new Accepted(
                "7.2 makes a consumer also where it gets nothing, which is there then",
                Set.of("xgroup"),
                (theirs, ours) -> isOfConsumer(theirs, ours) || isOfConsumer(ours, theirs)));

    static boolean covers(Step step, Told theirs, Told ours) {
      for (Accepted accepted : ALL) {
        if (accepted.names.contains(step.name()) && accepted.rule.covers(theirs, ours)) {
          return true;
        }
      }
      return false;
    }
  }

  /** The commands between markers: those of the steps, one list each. */
  static List<List<StreamCommand>> split(List<StreamCommand> commands, String marker) {
    List<List<StreamCommand>> lists = new ArrayList<>();
    List<StreamCommand> list = new ArrayList<>();
    for (StreamCommand command : commands) {
      if (command.words().size() == 3 && command.words().get(1).equals(marker)) {
        lists.add(list);
        list = new ArrayList<>();
      } else {
        list.add(command);
      }
    }
    return lists;
  }
}
