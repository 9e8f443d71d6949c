package io.redknot.server.config;

import java.io.InputStream;
import java.nio.file.Path;

/**
 * What the process brings along.
 *
 * @param workingDirectory absolute
 * @param cores at least 1; decides how many I/O threads there are by default
 * @param standardInput read only if the arguments ask for it
 */
public record ConfigEnvironment(Path workingDirectory, int cores, InputStream standardInput) {
  private static final int DEFAULT_IO_THREADS_MAX = 4;

  /** Checks the ranges. */
  public ConfigEnvironment {
    if (!workingDirectory.isAbsolute() || cores < 1) {
      throw new IllegalArgumentException(workingDirectory + ", cores " + cores);
    }
  }

  String defaultOf(Directive<?> directive) {
    return switch (directive.name()) {
      case ConfigTable.DIR -> DirectoryType.toText(workingDirectory);
      case ConfigTable.IO_THREADS -> Integer.toString(Math.min(cores, DEFAULT_IO_THREADS_MAX));
      default -> directive.defaultText();
    };
  }
}
