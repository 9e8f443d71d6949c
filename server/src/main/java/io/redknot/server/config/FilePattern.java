package io.redknot.server.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the files whose path fits a pattern with wildcards, as a shell does. */
final class FilePattern {
  /** A pattern that fits more files than this was not meant. */
  static final int MATCHES_MAX = 1024;

  private FilePattern() {}

  /**
   * Returns the paths in ascending order; a directory that cannot be listed counts as empty.
   *
   * @throws BadValueException if there are more than {@link #MATCHES_MAX}
   */
  static List<Path> expand(Path pattern) throws BadValueException {
    List<Path> found = List.of(Path.of("/"));
    for (Path part : pattern) {
      List<Path> next = new ArrayList<>();
      for (Path directory : found) {
        addMatches(directory, part.toString(), next);
      }
      found = next;
    }
    return found;
  }

  private static void addMatches(Path directory, String part, List<Path> found)
      throws BadValueException {
    if (!NamePattern.isPattern(part)) {
      Path path = directory.resolve(part);
      if (Files.exists(path)) {
        found.add(path);
      }
      return;
    }
    List<Path> matches = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        // A file is hidden by a leading dot, and only a pattern that spells the dot finds it.
        boolean hidden = name.startsWith(".") && !part.startsWith(".");
        if (!hidden && NamePattern.matches(part, name)) {
          matches.add(entry);
        }
        if (found.size() + matches.size() > MATCHES_MAX) {
          throw new BadValueException("More than " + MATCHES_MAX + " files match");
        }
      }
    } catch (IOException unreadable) {
      return;
    }
    matches.sort(null);
    found.addAll(matches);
  }
}
