package io.redknot.server.replication;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Keeps the stream as text, each command as its database and its words. */
public final class RecordedStream implements Propagator.Sink {
  private final List<String> commands = new ArrayList<>();

  @Override
  public synchronized void append(int db, byte[] bytes, int offset, int length) {
    String resp = new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    commands.add(db + ":" + String.join(" ", words(resp)));
  }

  /** The words of a RESP array of bulk strings. */
  private static List<String> words(String resp) {
    List<String> words = new ArrayList<>();
    int at = resp.indexOf('\n') + 1;
    int count = Integer.parseInt(resp.substring(1, at - 2));
    while (at < resp.length()) {
      int text = resp.indexOf('\n', at) + 1;
      int length = Integer.parseInt(resp.substring(at + 1, text - 2));
      words.add(resp.substring(text, text + length));
      at = text + length + 2;
    }
    if (words.size() != count) {
      throw new IllegalArgumentException(count + " words are told, not there: " + resp);
    }
    return words;
  }

  /** What was appended since the last call. */
  public synchronized List<String> take() {
    List<String> taken = List.copyOf(commands);
    commands.clear();
    return taken;
  }
}
