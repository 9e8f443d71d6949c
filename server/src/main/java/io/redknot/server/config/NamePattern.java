package io.redknot.server.config;

/**
 * Glob patterns with the rules of Redis: {@code * ? [a-c] [^a] \x}. Matching backs up only to the
 * last star, so it takes at most pattern times text steps.
 */
final class NamePattern {
  private final String pattern;
  private final String text;

  private NamePattern(String pattern, String text) {
    this.pattern = pattern;
    this.text = text;
  }

  static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
  }

  static boolean matches(String pattern, String text) {
    return new NamePattern(pattern, text).run();
  }

  private boolean run() {
    int p = 0;
    int t = 0;
    int star = -1;
    int starText = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = ++p;
        starText = t;
      } else if (p < pattern.length() && matchesOne(p, text.charAt(t))) {
        p = next(p);
        t++;
      } else if (star >= 0) {
        p = star;
        t = ++starText;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private boolean matchesOne(int p, char c) {
    return switch (pattern.charAt(p)) {
      case '?' -> true;
      case '[' -> matchesClass(p, c);
      case '\\' -> c == pattern.charAt(Math.min(p + 1, pattern.length() - 1));
      default -> c == pattern.charAt(p);
    };
  }

  private boolean matchesClass(int p, char c) {
    int end = classEnd(p);
    int i = p + 1;
    boolean negated = i < end && pattern.charAt(i) == '^';
    if (negated) {
      i++;
    }
    boolean found = false;
    while (i < end) {
      if (pattern.charAt(i) == '\\' && i + 1 < end) {
        i++;
        found |= pattern.charAt(i++) == c;
      } else if (i + 2 < end && pattern.charAt(i + 1) == '-') {
        char from = pattern.charAt(i);
        char to = pattern.charAt(i + 2);
        found |= c >= Math.min(from, to) && c <= Math.max(from, to);
        i += 3;
      } else {
        found |= pattern.charAt(i++) == c;
      }
    }
    return found != negated;
  }

  /** The index of the closing bracket; a class that is not closed runs to the end. */
  private int classEnd(int p) {
    int i = p + 1;
    while (i < pattern.length() && pattern.charAt(i) != ']') {
      i += pattern.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i, pattern.length());
  }

  private int next(int p) {
    return switch (pattern.charAt(p)) {
      case '[' -> Math.min(classEnd(p) + 1, pattern.length());
      case '\\' -> Math.min(p + 2, pattern.length());
      default -> p + 1;
    };
  }
}
