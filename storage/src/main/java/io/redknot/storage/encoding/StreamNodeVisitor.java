package io.redknot.storage.encoding;

/** Gets the listpacks of a stream. */
@FunctionalInterface
public interface StreamNodeVisitor {
  /**
   * Called for each.
   *
   * @param id under which it is kept
   * @param lp holds it, borrowed until the call returns
   * @param at its first byte
   */
  void node(StreamId id, byte[] lp, int at);
}
