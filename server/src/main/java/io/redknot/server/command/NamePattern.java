package io.redknot.server.command;

import java.util.Locale;

/**
 * A glob over command names, in any case: {@code *}, {@code ?}, {@code [a-c]}, {@code [^a]}, and a
 * backslash that takes the next character as it is. A bracket that is not closed ends with the
 * pattern.
 *
 * <p>A star is tried again from the last one only, so that a match costs at most the product of the
 * two lengths.
 */
final class NamePattern {
  private final String pattern;
  private int next;

  NamePattern(String pattern) {
    this.pattern = pattern.toLowerCase(Locale.ROOT);
  }

  /** Whether the whole lower-case name fits. */
  boolean matches(String name) {
    int at = 0;
    int inName = 0;
    int starAt = -1;
    int starInName = 0;
    while (inName < name.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        starAt = ++at;
        starInName = inName;
      } else if (at < pattern.length() && one(at, name.charAt(inName))) {
        at = next;
        inName++;
      } else if (starAt >= 0) {
        at = starAt;
        inName = ++starInName;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  /** Whether the element of the pattern fits a character; {@link #next} is where it ends. */
  private boolean one(int at, char c) {
    char p = pattern.charAt(at);
    next = at + 1;
    if (p == '[') {
      return bracket(at + 1, c);
    }
    if (p == '\\' && at + 1 < pattern.length()) {
      next = at + 2;
      return pattern.charAt(at + 1) == c;
    }
    return p == '?' || p == c;
  }

  private boolean bracket(int from, char c) {
    int at = from;
    boolean negated = at < pattern.length() && pattern.charAt(at) == '^';
    if (negated) {
      at++;
    }
    boolean found = false;
    while (at < pattern.length() && pattern.charAt(at) != ']') {
      if (pattern.charAt(at) == '\\' && at + 1 < pattern.length()) {
        at++;
        found |= pattern.charAt(at) == c;
        at++;
      } else if (at + 2 < pattern.length() && pattern.charAt(at + 1) == '-') {
        found |= inRange(c, pattern.charAt(at), pattern.charAt(at + 2));
        at += 3;
      } else {
        found |= pattern.charAt(at) == c;
        at++;
      }
    }
    next = Math.min(at + 1, pattern.length());
    return found != negated;
  }

  private static boolean inRange(char c, char a, char b) {
    return c >= Math.min(a, b) && c <= Math.max(a, b);
  }
}
