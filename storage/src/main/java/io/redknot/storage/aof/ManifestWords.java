package io.redknot.storage.aof;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Words of a line by the rules of redis.conf: blanks separate, quotes keep together; {@code "..."}
 * knows {@code \xHH \n \r \t \b \a}, {@code '...'} knows only {@code \'}. Byte strings, one {@code
 * char} a byte.
 */
final class ManifestWords {
  private final String line;
  private int at;

  private ManifestWords(String line) {
    this.line = line;
  }

  /** The words; null where a quote is not closed, or not followed by a blank. */
  static @Nullable List<String> split(String line) {
    ManifestWords words = new ManifestWords(line);
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

  private static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private boolean skipBlanks() {
    while (at < line.length() && isBlank(line.charAt(at))) {
      at++;
    }
    return at < line.length();
  }

  private @Nullable String next() {
    StringBuilder word = new StringBuilder();
    while (at < line.length() && !isBlank(line.charAt(at))) {
      char c = line.charAt(at++);
      if (c != '"' && c != '\'') {
        word.append(c);
      } else if (!quoted(c, word) || (at < line.length() && !isBlank(line.charAt(at)))) {
        return null;
      } else {
        break;
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

  /** The word as it is, or in double quotes where it would not come back as itself. */
  static String quotedIfNeeded(String word) {
    boolean plain = !word.isEmpty();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      plain &= c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\';
    }
    return plain ? word : quoted(word);
  }

  private static String quoted(String word) {
    StringBuilder out = new StringBuilder().append('"');
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      switch (c) {
        case '\\', '"' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\u0007' -> out.append("\\a");
        default -> {
          if (c >= ' ' && c <= '~') {
            out.append(c);
          } else {
            out.append("\\x%02x".formatted((int) c));
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
