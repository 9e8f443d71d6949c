package io.redknot.server.integration;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** Redis's own programs, which these tests cannot do without. */
final class Programs {
  private Programs() {}

  /**
   * Finds a program on the PATH.
   *
   * @throws AssertionError that says what to install
   */
  static String find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path file = Path.of(folder, name);
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return file.toString();
      }
    }
    throw new AssertionError(
        name
            + " is not on the PATH. These tests need Redis 7.0 or newer: install redis-server and"
            + " redis-tools (Debian, Ubuntu), or redis (Fedora, Homebrew); scripts/test does it.");
  }
}
