package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Draws sequences of commands, mostly of one family and mostly sound ones. */
final class Sequence {
  private static final int STEPS = 150;

  private Sequence() {}

  /**
   * The sequence of a seed.
   *
   * @param families the one under test first; the others are mixed in
   */
  static List<Step> draw(long seed, List<Family> families) {
    Draw draw = new Draw(new SplittableRandom(seed));
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      Family family =
          draw.percent(80) ? families.getFirst() : families.get(draw.below(families.size()));
      List<Family.Recipe> recipes = family.recipes();
      Step step = recipes.get(draw.below(recipes.size())).draw(draw);
      steps.add(draw.percent(3) ? spoil(step, draw) : step);
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
}
