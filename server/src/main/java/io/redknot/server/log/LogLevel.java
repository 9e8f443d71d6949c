package io.redknot.server.log;

import ch.qos.logback.classic.Level;
import java.util.Locale;

/**
 * The levels of the {@code loglevel} directive and what they are here: {@code debug} is TRACE,
 * {@code verbose} DEBUG, {@code notice} INFO, {@code warning} WARN.
 */
public enum LogLevel {
  DEBUG,
  VERBOSE,
  NOTICE,
  WARNING,
  NOTHING;

  /** By its name in the configuration. */
  public static LogLevel named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  Level level() {
    return switch (this) {
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
