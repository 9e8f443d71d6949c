package io.redknot.cluster;

/** Something worth telling the operator. */
public record LogLine(Level level, String text) {
  /** Redis's levels. */
  public enum Level {
    DEBUG,
    VERBOSE,
    NOTICE,
    WARNING
  }
}
