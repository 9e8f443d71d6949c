package io.redknot.server.replication;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A command of a stream of changes, with the database that it applies to; one char a byte. */
public record StreamCommand(int db, List<String> words) {
  /** The words of a RESP array of bulk strings, which must be as short as it can be written. */
  static StreamCommand of(int db, byte[] bytes, int offset, int length) {
    List<StreamCommand> one = new ArrayList<>();
    int end = offset + length;
    if (parse(db, bytes, offset, end, one) != end || one.size() != 1) {
      throw new IllegalArgumentException(text(bytes, offset, length));
    }
    return one.getFirst();
  }

  /**
   * Reads the commands of a stream that selects databases itself.
   *
   * @param selected the database to begin with; SELECTs are not among what is returned
   */
  public static List<StreamCommand> parse(byte[] bytes, int selected) {
    List<StreamCommand> commands = new ArrayList<>();
    int db = selected;
    int at = 0;
    while (at < bytes.length) {
      at = parse(db, bytes, at, bytes.length, commands);
      List<String> words = commands.getLast().words;
      if (words.getFirst().equals("SELECT")) {
        db = Integer.parseInt(words.getLast());
        commands.removeLast();
      }
    }
    return commands;
  }

  private static int parse(int db, byte[] bytes, int from, int end, List<StreamCommand> to) {
    int[] at = {from};
    int count = number(bytes, at, '*');
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = number(bytes, at, '$');
      words.add(text(bytes, at[0], length));
      at[0] += length;
      skipEndOfLine(bytes, at);
    }
    if (at[0] > end) {
      throw new IllegalArgumentException("a command goes on behind its end");
    }
    to.add(new StreamCommand(db, words));
    return at[0];
  }

  private static int number(byte[] bytes, int[] at, char type) {
    int from = at[0];
    int end = from;
    while (bytes[end] != '\r') {
      end++;
    }
    String digits = text(bytes, from + 1, end - from - 1);
    if (bytes[from] != type || !digits.matches("0|[1-9][0-9]*")) {
      throw new IllegalArgumentException("not a length: " + text(bytes, from, end - from));
    }
    at[0] = end;
    skipEndOfLine(bytes, at);
    return Integer.parseInt(digits);
  }

  private static void skipEndOfLine(byte[] bytes, int[] at) {
    if (bytes[at[0]] != '\r' || bytes[at[0] + 1] != '\n') {
      throw new IllegalArgumentException("no end of a line");
    }
    at[0] += 2;
  }

  private static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return db + ":" + String.join(" ", words);
  }
}
