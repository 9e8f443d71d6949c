package io.redknot.server.config;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a line into words and quotes a word, by the rules that redis.conf shares with inline
 * commands: {@code "..."} knows {@code \xHH \n \r \t \b \a} and a backslash before any other
 * character, {@code '...'} knows only {@code \'}, and a closing quote ends its word.
 */
public final class ConfigWords {
  private final String line;
  private final StringBuilder word = new StringBuilder();
  private int at;

  private ConfigWords(String line) {
    this.line = line;
  }

  /** Returns the words of a line, or null if a quote is not closed or is followed by a letter. */
  static @Nullable List<String> split(String line) {
    ConfigWords scan = new ConfigWords(line);
    List<String> words = new ArrayList<>();
    while (scan.skipBlanks()) {
      if (!scan.readWord()) {
        return null;
      }
      words.add(scan.word.toString());
    }
    return words;
  }

  /** Returns the pieces between single spaces; the empty text has none. */
  static List<String> splitAtSpaces(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }

  /** Returns the word in double quotes, with every byte outside printable ASCII escaped. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      appendEscaped(out, text.charAt(i));
    }
    return out.append('"').toString();
  }

  private static void appendEscaped(StringBuilder out, char c) {
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
          out.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
        }
      }
    }
  }

  static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private boolean skipBlanks() {
    while (at < line.length() && isBlank(line.charAt(at))) {
      at++;
    }
    return at < line.length();
  }

  private boolean readWord() {
    word.setLength(0);
    while (at < line.length() && !isBlank(line.charAt(at))) {
      char c = line.charAt(at++);
      if (c == '"' || c == '\'') {
        return c == '"' ? readDoubleQuoted() : readSingleQuoted();
      }
      word.append(c);
    }
    return true;
  }

  private boolean readDoubleQuoted() {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == '"') {
        return endsHere();
      }
      if (c == '\\' && at < line.length()) {
        readEscape();
      } else {
        word.append(c);
      }
    }
    return false;
  }

  private void readEscape() {
    char c = line.charAt(at++);
    if (c == 'x' && at + 2 <= line.length() && isHex(at) && isHex(at + 1)) {
      word.append((char) HexFormat.fromHexDigits(line, at, at + 2));
      at += 2;
      return;
    }
    word.append(
        switch (c) {
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'b' -> '\b';
          case 'a' -> '\u0007';
          default -> c;
        });
  }

  private boolean isHex(int index) {
    return HexFormat.isHexDigit(line.charAt(index));
  }

  private boolean readSingleQuoted() {
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == '\'') {
        return endsHere();
      }
      if (c == '\\' && at < line.length() && line.charAt(at) == '\'') {
        c = '\'';
        at++;
      }
      word.append(c);
    }
    return false;
  }

  private boolean endsHere() {
    return at == line.length() || isBlank(line.charAt(at));
  }
}
