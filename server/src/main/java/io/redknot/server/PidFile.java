package io.redknot.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that holds the number of this process while it runs. */
final class PidFile {
  private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);

  private final Path path;

  PidFile(Path path) {
    this.path = path;
  }

  /** Writes the file; one that cannot be written is told in the log and missed by nobody else. */
  void write(long pid) {
    try {
      Files.writeString(path, pid + "\n", StandardCharsets.US_ASCII);
    } catch (IOException failure) {
      LOG.warn("Failed to write PID file: {}", failure.toString());
    }
  }

  /** Removes the file. */
  void remove() {
    LOG.info("Removing the pid file.");
    try {
      Files.deleteIfExists(path);
    } catch (IOException failure) {
      LOG.warn("Failed to remove PID file: {}", failure.toString());
    }
  }
}
