package io.redknot.server.config;

/** The configuration is such that the server must not start; the message tells the operator why. */
public final class ConfigFileException extends Exception {
  private static final long serialVersionUID = 1L;

  private ConfigFileException(String message) {
    super(message);
  }

  /** The file cannot be read. */
  static ConfigFileException unreadable(String file, String reason) {
    return new ConfigFileException(
        "Fatal error, can't open config file '%s': %s".formatted(file, reason));
  }

  /** The configuration as a whole makes no sense. */
  static ConfigFileException overall(String reason) {
    return new ConfigFileException(headline() + reason);
  }

  /** A line is wrong. The text is that of Redis, and a last line names the file. */
  public static ConfigFileException at(ConfigLine line, String reason) {
    return new ConfigFileException(
        """
        %sReading the configuration file, at line %d
        >>> '%s'
        %s
        (%s)"""
            .formatted(headline(), line.number(), line.text(), reason, line.source()));
  }

  private static String headline() {
    return "*** FATAL CONFIG FILE ERROR (Redis %s) ***\n"
        .formatted(StartOptions.REDIS_COMPATIBLE_VERSION);
  }

  /** What to print to standard error, several lines, without a line end. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
