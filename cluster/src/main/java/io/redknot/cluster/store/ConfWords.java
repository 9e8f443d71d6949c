package io.redknot.cluster.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits a line into words the way a shell does: blanks separate, quotes keep together. */
final class ConfWords {
  private final String line;
  private int at;

  private ConfWords(String line) {
    this.line = line;
  }

  /** The words, or null when a quote is not closed or not followed by a blank. */
  static @Nullable List<String> split(String line) {
    ConfWords words = new ConfWords(line);
    List<String> found = new ArrayList<>();
    while (words.skipBlanks()) {
      String word = words.next();
      if (word == null) {
        return null;
      }
      found.add(word);
    }
    return found;
  }

  private boolean skipBlanks() {
    while (at < line.length() && line.charAt(at) <= ' ') {
      at++;
    }
    return at < line.length();
  }

  private @Nullable String next() {
    StringBuilder word = new StringBuilder();
    while (at < line.length() && line.charAt(at) > ' ') {
      char c = line.charAt(at++);
      if (c != '"' && c != '\'') {
        word.append(c);
      } else if (!quoted(c, word) || (at < line.length() && line.charAt(at) > ' ')) {
        return null;
      }
    }
    return word.toString();
  }

  private boolean quoted(char quote, StringBuilder word) {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == quote) {
        return true;
      }
      if (c == '\\' && at < line.length()) {
        c = quote == '"' ? escape() : line.charAt(at) == '\'' ? line.charAt(at++) : c;
      }
      word.append(c);
    }
    return false;
  }

  private char escape() {
    char c = line.charAt(at++);
    if (c == 'x' && at + 2 <= line.length()) {
      int high = Character.digit(line.charAt(at), 16);
      int low = Character.digit(line.charAt(at + 1), 16);
      if (high >= 0 && low >= 0) {
        at += 2;
        return (char) ((high << 4) | low);
      }
    }
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> '\u0007';
      default -> c;
    };
  }
}
