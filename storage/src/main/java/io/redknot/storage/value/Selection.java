package io.redknot.storage.value;

import io.redknot.storage.memory.RandomSource;

/**
 * Takes so many of so many elements that come one after the other, every subset as likely as the
 * others. Source: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
 */
final class Selection {
  private final RandomSource random;
  private int wanted;
  private int left;

  Selection(RandomSource random, int wanted, int of) {
    this.random = random;
    this.wanted = wanted;
    this.left = of;
  }

  /** Whether the element that comes next is one of those. */
  boolean takesNext() {
    boolean takes = random.draw(left) < wanted;
    left--;
    wanted -= takes ? 1 : 0;
    return takes;
  }
}
