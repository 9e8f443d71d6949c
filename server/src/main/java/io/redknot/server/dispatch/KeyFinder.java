package io.redknot.server.dispatch;

import io.redknot.protocol.Args;

/** Finds the keys of a command whose key specs do not tell all; see {@link KeyFinders}. */
@FunctionalInterface
public interface KeyFinder {
  /**
   * Visits the keys of a call: all of them, or none.
   *
   * @return false where there is no key, because the command would answer with an error
   */
  boolean find(Args args, KeyVisitor visitor);
}
