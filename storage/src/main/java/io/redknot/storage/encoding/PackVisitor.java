package io.redknot.storage.encoding;

/** Gets listpacks. */
@FunctionalInterface
public interface PackVisitor {
  /**
   * Called for each.
   *
   * @param lp holds it, borrowed until the call returns
   * @param at its first byte
   */
  void pack(byte[] lp, int at);
}
