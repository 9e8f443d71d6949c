package io.redknot.server.config;

import org.jspecify.annotations.Nullable;

/** Applies a change of the configuration. */
@FunctionalInterface
public interface ChangeListener {
  /**
   * Called with the new value in force, or, after a refusal, with the old one in force again.
   *
   * @return null, or the reason why the change cannot be made: then all values that were set
   *     together are put back and the client is told the reason
   */
  @Nullable String onChange();
}
