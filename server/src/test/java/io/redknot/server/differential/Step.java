package io.redknot.server.differential;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One command of a sequence.
 *
 * @param words byte arrays, and {@link Key}s and {@link KeyPattern}s whose names a run fills in
 * @param comparison when the two replies count as equal
 */
record Step(List<Object> words, Comparison comparison) {
  private static final int WORD_SHOWN_MAX = 80;

  /**
   * A command whose replies must be the same bytes.
   *
   * @param words text (one byte a char), numbers, byte arrays, keys, patterns, and lists of these
   */
  static Step of(Object... words) {
    List<Object> flat = new ArrayList<>();
    for (Object word : words) {
      add(flat, word);
    }
    return new Step(flat, Comparison.EXACT);
  }

  private static void add(List<Object> flat, Object word) {
    switch (word) {
      case byte[] bytes -> flat.add(bytes);
      case Key key -> flat.add(key);
      case KeyPattern pattern -> flat.add(pattern);
      case List<?> list -> list.forEach(element -> add(flat, element));
      case String text -> flat.add(text.getBytes(StandardCharsets.ISO_8859_1));
      case Number number -> flat.add(number.toString().getBytes(StandardCharsets.ISO_8859_1));
      default -> throw new IllegalArgumentException("not a word: " + word);
    }
  }

  /** The same command, compared in another way. */
  Step compared(Comparison how) {
    return new Step(words, how);
  }

  /** The bytes to send in a run. */
  List<byte[]> bytes(String prefix) {
    List<byte[]> bytes = new ArrayList<>();
    for (Object word : words) {
      bytes.add(
          switch (word) {
            case Key key -> latin(key.name(prefix));
            case KeyPattern pattern -> latin(pattern.name(prefix));
            default -> (byte[]) word;
          });
    }
    return bytes;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The command's name in lower case; empty where there is no word. */
  String name() {
    return !words.isEmpty() && words.getFirst() instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.ISO_8859_1).toLowerCase(java.util.Locale.ROOT)
        : "";
  }

  /** The command as redis-cli would take it. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    for (byte[] word : bytes("k")) {
      line.append(line.isEmpty() ? "" : " ").append('"').append(shown(word, WORD_SHOWN_MAX));
      line.append('"');
    }
    return line.toString();
  }

  /** Bytes with escapes, cut at a length. */
  static String shown(byte[] bytes, int bytesMax) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(bytes.length, bytesMax); i++) {
      int b = bytes[i] & 0xff;
      switch (b) {
        case '\r' -> text.append("\\r");
        case '\n' -> text.append("\\n");
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        default -> text.append(b < ' ' || b > '~' ? "\\x%02x".formatted(b) : (char) b);
      }
    }
    return bytes.length > bytesMax ? text + "... (" + bytes.length + " bytes)" : text.toString();
  }
}
