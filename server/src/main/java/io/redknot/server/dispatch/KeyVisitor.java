package io.redknot.server.dispatch;

import java.util.List;

/** Receives the keys of a call, in the order in which COMMAND GETKEYS lists them. */
@FunctionalInterface
public interface KeyVisitor {
  /**
   * One key.
   *
   * @param position its argument, counted from the command's name as 0
   * @param flags what the command does with it, as in {@link KeySpec#flags()}
   */
  void key(int position, List<String> flags);
}
