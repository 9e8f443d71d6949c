package io.redknot.server.pubsub;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What was published, as the subscribers of one topic get it. Its arrays are never changed. */
final class Message {
  /** What a message takes beyond its words, at most. */
  private static final int FRAME_BYTES = 64;

  /** For each kind the first word of a message, behind the number of words. */
  private static final byte[][] FIRST_WORDS = new byte[Kind.values().length][];

  static {
    for (Kind kind : Kind.values()) {
      String word = kind.message();
      FIRST_WORDS[kind.ordinal()] =
          ("\r\n$" + word.length() + "\r\n" + word + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
  }

  private final Kind kind;
  private final byte @Nullable [] pattern;
  private final byte[] channel;
  private final byte[] payload;

  /**
   * A message.
   *
   * @param pattern the pattern that matched; null where it is the channel that was subscribed to
   */
  Message(Kind kind, byte @Nullable [] pattern, byte[] channel, byte[] payload) {
    this.kind = kind;
    this.pattern = pattern;
    this.channel = channel;
    this.payload = payload;
  }

  /** At most so long it is when it is written. */
  int sizeBytes() {
    int patternBytes = pattern == null ? 0 : pattern.length;
    return FRAME_BYTES + channel.length + payload.length + patternBytes;
  }

  /**
   * Writes it as all get it who speak one version of the protocol, where there is room for it.
   *
   * @return where it ends
   */
  int write(boolean resp3, byte[] out, int from) {
    int at = from;
    out[at++] = (byte) (resp3 ? '>' : '*');
    out[at++] = (byte) (pattern == null ? '3' : '4');
    at = append(FIRST_WORDS[kind.ordinal()], out, at);
    if (pattern != null) {
      at = bulk(pattern, out, at);
    }
    return bulk(payload, out, bulk(channel, out, at));
  }

  private static int append(byte[] bytes, byte[] out, int at) {
    System.arraycopy(bytes, 0, out, at, bytes.length);
    return at + bytes.length;
  }

  private static int bulk(byte[] bytes, byte[] out, int from) {
    out[from] = '$';
    int at = endLine(out, number(bytes.length, out, from + 1));
    return endLine(out, append(bytes, out, at));
  }

  private static int endLine(byte[] out, int at) {
    out[at] = '\r';
    out[at + 1] = '\n';
    return at + 2;
  }

  private static int number(int value, byte[] out, int from) {
    int at = value >= 10 ? number(value / 10, out, from) : from;
    out[at] = (byte) ('0' + value % 10);
    return at + 1;
  }
}
