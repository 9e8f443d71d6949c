package io.redknot.server.pubsub;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What was published, as the subscribers of one topic get it. Its arrays are never changed. */
final class Message {
  /** What a message takes beyond its words. */
  private static final int FRAME_BYTES = 64;

  private static final int CRLF = '\r' << 8 | '\n';

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

  /** About how long it is when it is written. */
  int sizeBytes() {
    int patternBytes = pattern == null ? 0 : pattern.length;
    return FRAME_BYTES + channel.length + payload.length + patternBytes;
  }

  /** Appends it as all get it who speak one version of the protocol. */
  void write(boolean resp3, ByteBuf out) {
    out.writeByte(resp3 ? '>' : '*');
    out.writeByte(pattern == null ? '3' : '4');
    out.writeBytes(FIRST_WORDS[kind.ordinal()]);
    if (pattern != null) {
      bulk(pattern, out);
    }
    bulk(channel, out);
    bulk(payload, out);
  }

  private static void bulk(byte[] bytes, ByteBuf out) {
    out.writeByte('$');
    number(bytes.length, out);
    out.writeShort(CRLF);
    out.writeBytes(bytes);
    out.writeShort(CRLF);
  }

  private static void number(int value, ByteBuf out) {
    if (value >= 10) {
      number(value / 10, out);
    }
    out.writeByte('0' + value % 10);
  }
}
