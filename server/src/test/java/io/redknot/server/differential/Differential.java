package io.redknot.server.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Runs sequences of commands on both servers and finds the first reply that differs. */
final class Differential implements AutoCloseable {
  private static final int STEPS = 150;
  private static final int PIPELINED = 30;
  private static final int SHOWN_STEPS = 40;

  /** So many sequences are tried at most to make a failing one shorter. */
  private static final int SHRINK_RUNS_MAX = 1500;

  /** A difference: after these steps the replies to the last of them are not equal. */
  private record Difference(List<Step> steps, Reply reference, Reply redknot) {}

  private final RawConnection reference;
  private final RawConnection redknot;
  private final int protocol;
  private final List<Family> families;
  private int runs;

  /**
   * Connects to both servers.
   *
   * @param protocol 2 or 3
   * @param families the one under test first; the others are mixed in and show the state of keys
   */
  Differential(int referencePort, int redknotPort, int protocol, List<Family> families)
      throws IOException {
    this.reference = new RawConnection(referencePort);
    this.redknot = new RawConnection(redknotPort);
    this.protocol = protocol;
    this.families = families;
    if (protocol == 3) {
      reference.call("HELLO", "3");
      redknot.call("HELLO", "3");
    }
  }

  /**
   * Runs the sequence of a seed.
   *
   * @throws AssertionError that shows the seed, the shortest sequence found and both replies
   */
  void run(long seed) throws IOException {
    List<Step> steps = steps(new SplittableRandom(seed));
    Difference difference = compare(steps);
    if (difference != null) {
      throw new AssertionError(report(seed, shrink(difference)));
    }
  }

  private List<Step> steps(SplittableRandom random) {
    Draw draw = new Draw(random);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      Family family =
          draw.percent(80) ? families.getFirst() : families.get(draw.below(families.size()));
      List<Family.Recipe> recipes = family.recipes();
      Step step = recipes.get(draw.below(recipes.size())).draw(draw);
      steps.add(draw.percent(3) ? spoil(step, draw) : step);
    }
    for (int number = 0; number < Draw.KEYS; number++) {
      for (Family family : families) {
        steps.addAll(family.probes(new Key(number)));
      }
    }
    return steps;
  }

  /** The same command with a word less, a word more, or one that does not belong there. */
  private static Step spoil(Step step, Draw draw) {
    List<Object> words = new ArrayList<>(step.words());
    switch (draw.below(3)) {
      case 0 -> words.removeLast();
      case 1 -> words.add(words.get(draw.below(words.size())));
      default -> words.set(draw.below(words.size()), "");
    }
    if (words.isEmpty() || words.getFirst() instanceof Key) {
      return step;
    }
    words.replaceAll(word -> word.equals("") ? Step.of(draw.hostile()).words().getFirst() : word);
    return new Step(words, step.comparison());
  }

  /** Runs steps on fresh keys; the first difference, or null. */
  private @Nullable Difference compare(List<Step> steps) throws IOException {
    runs++;
    String prefix = "{" + protocol + "." + runs + "}";
    Difference found = null;
    for (int from = 0; from < steps.size() && found == null; from += PIPELINED) {
      found = compareSome(steps, from, Math.min(from + PIPELINED, steps.size()), prefix);
    }
    // Overwritten, so that long values of one run do not fill the memory of all that follow.
    for (int number = 0; number < Draw.KEYS; number++) {
      reference.call("SET", new Key(number).name(prefix), "");
      redknot.call("SET", new Key(number).name(prefix), "");
    }
    return found;
  }

  private @Nullable Difference compareSome(List<Step> steps, int from, int to, String prefix)
      throws IOException {
    List<List<byte[]>> commands = new ArrayList<>();
    for (Step step : steps.subList(from, to)) {
      commands.add(step.bytes(prefix));
    }
    reference.send(commands);
    redknot.send(commands);
    Difference found = null;
    for (int i = from; i < to; i++) {
      Reply theirs = reference.read();
      Reply ours = redknot.read();
      Step step = steps.get(i);
      if (found == null
          && !step.comparison().holds(theirs, ours)
          && !AcceptedDifference.covers(step, theirs, ours)) {
        found = new Difference(List.copyOf(steps.subList(0, i + 1)), theirs, ours);
      }
    }
    return found;
  }

  /** Leaves out steps, many at first, as long as there is still a difference. */
  private Difference shrink(Difference first) throws IOException {
    Difference shortest = first;
    int end = runs + SHRINK_RUNS_MAX;
    for (int chunk = first.steps().size() / 2; chunk >= 1; chunk = chunk == 1 ? 0 : chunk / 2) {
      int at = 0;
      while (at + chunk <= shortest.steps().size() && runs < end) {
        List<Step> fewer = new ArrayList<>(shortest.steps());
        fewer.subList(at, at + chunk).clear();
        Difference difference = compare(fewer);
        if (difference == null) {
          at += chunk;
        } else {
          shortest = difference;
        }
      }
    }
    return shortest;
  }

  private String report(long seed, Difference difference) {
    StringBuilder text = new StringBuilder();
    text.append(families.getFirst().name()).append(", RESP").append(protocol);
    text.append(", seed ").append(seed).append(", last steps:\n");
    List<Step> steps = difference.steps();
    for (Step step : steps.subList(Math.max(0, steps.size() - SHOWN_STEPS), steps.size())) {
      text.append("  ").append(step).append('\n');
    }
    text.append("redis:   ").append(difference.reference().shown()).append('\n');
    text.append("redknot: ").append(difference.redknot().shown());
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    reference.close();
    redknot.close();
  }
}
