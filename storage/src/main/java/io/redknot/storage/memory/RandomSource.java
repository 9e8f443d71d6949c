package io.redknot.storage.memory;

/** Where uniform picks take their numbers from. */
public interface RandomSource {
  /** A uniformly drawn number, 0 to bound - 1; the bound is at least 1. */
  long draw(long bound);
}
