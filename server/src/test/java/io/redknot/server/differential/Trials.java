package io.redknot.server.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Sequences of commands are drawn and compared, and the first difference is made short. */
final class Trials {
  private static final int PIPELINED = 30;
  private static final int SHOWN_STEPS = 40;

  private Trials() {}

  /** All families of {@link DifferentialTest}, that one, be it among them or not, first. */
  static List<Family> ledBy(Family family) {
    List<Family> families = new ArrayList<>(DifferentialTest.FAMILIES);
    families.remove(family);
    families.addFirst(family);
    return families;
  }

  /**
   * Compares what a number of seeds gives; more of them, or one alone, as {@link Budget} says.
   *
   * @param sequences how many
   * @param drawn the sequence of a seed
   * @throws AssertionError that shows the seed, the shortest sequence found and what both told
   */
  static <D extends Shrinker.Difference> void run(
      String title, int sequences, LongFunction<List<Step>> drawn, Shrinker.Comparer<D> comparer)
      throws IOException {
    for (long seed : Budget.chosenSeeds()) {
      run(title, seed, drawn.apply(seed), comparer);
    }
    Budget budget = new Budget(sequences);
    for (int seed = 0; budget.allows(seed); seed++) {
      run(title, seed, drawn.apply(seed), comparer);
    }
  }

  private static <D extends Shrinker.Difference> void run(
      String title, long seed, List<Step> steps, Shrinker.Comparer<D> comparer) throws IOException {
    D found = comparer.compare(steps);
    if (found != null) {
      D shortest = Shrinker.shrink(found, comparer);
      throw new AssertionError(
          "%s, seed %d, last steps:%n%s%s"
              .formatted(
                  title, seed, Shrinker.lines(shortest.steps(), SHOWN_STEPS), shortest.told()));
    }
  }

  /** Compares steps that are sent to the servers together. */
  @FunctionalInterface
  interface Part<D extends Shrinker.Difference> {
    /** The first difference of steps from one to before another, or null. */
    @Nullable D compare(int from, int to) throws IOException;
  }

  /** Compares a part of the steps after the other, up to the first difference. */
  static <D extends Shrinker.Difference> @Nullable D inParts(List<Step> steps, Part<D> part)
      throws IOException {
    D found = null;
    for (int from = 0; from < steps.size() && found == null; from += PIPELINED) {
      found = part.compare(from, Math.min(from + PIPELINED, steps.size()));
    }
    return found;
  }
}
