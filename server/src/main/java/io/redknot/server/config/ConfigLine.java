package io.redknot.server.config;

import java.util.List;

/**
 * A line of the configuration, with its words, that only the server can judge: a user, or a command
 * to rename. A server that cannot accept it throws {@link ConfigFileException#at}.
 *
 * @param source the file, or {@code standard input} or {@code command line}
 * @param number counted from 1
 * @param text without blanks at its ends
 * @param words the first one, in lower case, is the directive
 */
public record ConfigLine(String source, int number, String text, List<String> words) {
  /** Copies the words. */
  public ConfigLine {
    words = List.copyOf(words);
  }
}
