package io.redknot.server.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Says why a file could not be used in the words of the C library, as Redis does. */
public final class FileErrors {
  private FileErrors() {}

  /** The reason, without the file's name. */
  public static String text(IOException error) {
    return switch (error) {
      case NoSuchFileException missing -> "No such file or directory";
      case AccessDeniedException denied -> "Permission denied";
      case FileSystemException other when other.getReason() != null -> orUnknown(other.getReason());
      default -> orUnknown(error.getMessage());
    };
  }

  private static String orUnknown(@Nullable String reason) {
    return reason == null ? "Input/output error" : reason;
  }
}
