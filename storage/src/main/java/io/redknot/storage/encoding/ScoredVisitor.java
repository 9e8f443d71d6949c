package io.redknot.storage.encoding;

/** Is shown elements of a sorted set. */
@FunctionalInterface
public interface ScoredVisitor {
  /**
   * An element. The bytes are borrowed until the visitor returns; it must not write to the set.
   *
   * @param score never NaN
   */
  void element(double score, byte[] member, int offset, int length);
}
