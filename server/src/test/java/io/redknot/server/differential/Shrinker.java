package io.redknot.server.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds a short sequence that still shows a difference between two servers. */
final class Shrinker {
  /** So many sequences are tried at most to make a failing one shorter. */
  private static final int RUNS_MAX = 1500;

  /** A difference: it shows at the last of these steps. */
  interface Difference {
    List<Step> steps();

    /** What either server told at that step, in lines. */
    String told();
  }

  /** Runs steps on fresh keys; the first difference, or null. */
  @FunctionalInterface
  interface Comparer<D extends Difference> {
    @Nullable D compare(List<Step> steps) throws IOException;
  }

  private Shrinker() {}

  /** Leaves out steps, many at first, as long as there is still a difference. */
  static <D extends Difference> D shrink(D first, Comparer<D> comparer) throws IOException {
    D shortest = first;
    int runs = 0;
    for (int chunk = first.steps().size() / 2; chunk >= 1; chunk = chunk == 1 ? 0 : chunk / 2) {
      int at = 0;
      while (at + chunk <= shortest.steps().size() && runs < RUNS_MAX) {
        List<Step> fewer = new ArrayList<>(shortest.steps());
        fewer.subList(at, at + chunk).clear();
        D difference = comparer.compare(fewer);
        runs++;
        if (difference == null) {
          at += chunk;
        } else {
          shortest = difference;
        }
      }
    }
    return shortest;
  }

  /** The last steps of a sequence, a line each. */
  static String lines(List<Step> steps, int most) {
    StringBuilder text = new StringBuilder();
    for (Step step : steps.subList(Math.max(0, steps.size() - most), steps.size())) {
      text.append("  ").append(step).append('\n');
    }
    return text.toString();
  }
}
