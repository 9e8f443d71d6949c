package io.redknot.server.log;

import ch.qos.logback.classic.Level;
import io.redknot.server.config.Choices;

/**
 * The levels of the {@code loglevel} directive and what they are here: {@code debug} is TRACE,
 * {@code verbose} DEBUG, {@code notice} INFO, {@code warning} WARN.
 */
final class Levels {
  private Levels() {}

  static Level of(Choices.LogLevel level) {
    return switch (level) {
      case DEBUG -> Level.TRACE;
      case VERBOSE -> Level.DEBUG;
      case NOTICE -> Level.INFO;
      case WARNING -> Level.WARN;
      case NOTHING -> Level.OFF;
    };
  }

  /** The mark that a line of a level carries. */
  static char mark(Level level) {
    return switch (level.toInt()) {
      case Level.TRACE_INT -> '.';
      case Level.DEBUG_INT -> '-';
      case Level.INFO_INT -> '*';
      default -> '#';
    };
  }
}
