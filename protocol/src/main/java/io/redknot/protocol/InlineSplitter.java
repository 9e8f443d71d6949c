package io.redknot.protocol;

import java.util.Arrays;

/**
 * Splits an inline request into words.
 *
 * <pre>
 *   word    = plain | "double" | 'single'        a closing quote ends the word
 *   "..."   \n \r \t \b \a \xHH, and \c for any other byte c
 *   '...'   only \'
 * </pre>
 *
 * <p>Words are unescaped into a buffer of the splitter's own, which the arguments borrow.
 */
final class InlineSplitter {
  private byte[] words = new byte[64];
  private int end;
  private byte[] line = {};
  private int at;
  private int lineEnd;

  /** Returns false where quotes are not balanced. */
  boolean split(byte[] buffer, int from, int to, Args args) {
    line = buffer;
    at = from;
    lineEnd = to;
    end = 0;
    if (words.length < to - from) {
      words = new byte[to - from];
    }
    while (skipBlanks()) {
      int start = end;
      if (!word()) {
        return false;
      }
      args.add(start, end - start);
    }
    args.rebase(words, 0);
    line = words;
    return true;
  }

  private boolean skipBlanks() {
    while (at < lineEnd && isBlank(line[at])) {
      at++;
    }
    return at < lineEnd;
  }

  private boolean word() {
    while (at < lineEnd && !isBlank(line[at])) {
      byte b = line[at++];
      if (b == '"') {
        return quoted();
      }
      if (b == '\'') {
        return singleQuoted();
      }
      if (b == 0) {
        at = lineEnd;
        return true;
      }
      put(b);
    }
    return true;
  }

  private boolean quoted() {
    while (at < lineEnd) {
      byte b = line[at++];
      if (b == '"') {
        return at == lineEnd || isBlank(line[at]);
      }
      if (b == '\\' && at < lineEnd) {
        escape();
      } else {
        put(b);
      }
    }
    return false;
  }

  private void escape() {
    byte b = line[at++];
    if (b == 'x' && at + 1 < lineEnd && hex(line[at]) >= 0 && hex(line[at + 1]) >= 0) {
      put((byte) (hex(line[at]) << 4 | hex(line[at + 1])));
      at += 2;
      return;
    }
    put(
        switch (b) {
          case 'n' -> (byte) '\n';
          case 'r' -> (byte) '\r';
          case 't' -> (byte) '\t';
          case 'b' -> (byte) '\b';
          case 'a' -> (byte) 7;
          default -> b;
        });
  }

  private boolean singleQuoted() {
    while (at < lineEnd) {
      byte b = line[at++];
      if (b == '\'') {
        return at == lineEnd || isBlank(line[at]);
      }
      if (b == '\\' && at < lineEnd && line[at] == '\'') {
        put(line[at++]);
      } else {
        put(b);
      }
    }
    return false;
  }

  private void put(byte b) {
    if (end == words.length) {
      words = Arrays.copyOf(words, words.length * 2);
    }
    words[end++] = b;
  }

  private static int hex(byte b) {
    return Character.digit(b & 0xff, 16);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }
}
