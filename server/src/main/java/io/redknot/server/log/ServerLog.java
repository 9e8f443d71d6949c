package io.redknot.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.redknot.server.config.Choices;
import java.io.IOException;

/**
 * Sets up logging: one appender on the root logger, found by logback through its service file, so
 * that no configuration is searched for.
 */
public final class ServerLog extends ContextAwareBase implements Configurator {
  private static final LineAppender APPENDER = new LineAppender();

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    APPENDER.setContext(context);
    APPENDER.start();
    context.getLogger("io.netty").setLevel(Level.WARN);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(APPENDER);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** From which level on lines are written. */
  public static void level(Choices.LogLevel level) {
    if (org.slf4j.LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Levels.of(level));
    }
  }

  /**
   * Where lines go: a path, or empty for standard output.
   *
   * @throws IOException where the file cannot be appended to
   */
  public static void file(String path) throws IOException {
    APPENDER.writeTo(path);
  }

  /** The role that lines show: {@code M} or {@code S}. */
  public static void role(char role) {
    APPENDER.role(role);
  }
}
