package io.redknot.server.tracking;

import io.redknot.protocol.RespWriter;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.ConnectionHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The message that what a client remembers of keys is no longer so. */
final class Invalidation {
  private static final String CHANNEL = "__redis__:invalidate";

  /** What a message takes beyond its keys, and a key beyond its bytes. */
  private static final int FRAME_BYTES = 48;

  private static final int KEY_FRAME_BYTES = 8;
  private static final byte[] NOTHING = {};

  private Invalidation() {}

  /** About how long the message is; null stands for all keys. */
  static int sizeBytes(@Nullable List<byte[]> keys) {
    int bytes = FRAME_BYTES;
    if (keys != null) {
      for (byte[] key : keys) {
        bytes += KEY_FRAME_BYTES + key.length;
      }
    }
    return bytes;
  }

  /**
   * The message as a client gets it; on its event loop. With RESP2 only a subscriber can be told,
   * and only on behalf of another client.
   *
   * @param redirected whether it is another client that tracks the keys
   */
  static byte[] encode(ConnectionHandler to, boolean redirected, @Nullable List<byte[]> keys) {
    boolean resp3 = to.session().resp3();
    if (!resp3 && !(redirected && to.session().kind() == ClientKind.PUBSUB)) {
      return NOTHING;
    }
    RespWriter out = new RespWriter();
    out.resp3(resp3);
    write(keys, out);
    return out.takeBytes();
  }

  static void write(@Nullable List<byte[]> keys, RespWriter out) {
    if (out.resp3()) {
      out.push(2);
      out.bulk("invalidate");
    } else {
      out.push(3);
      out.bulk("message");
      out.bulk(CHANNEL);
    }
    if (keys == null) {
      out.nullBulk();
    } else {
      out.array(keys.size());
      keys.forEach(out::bulk);
    }
  }

  /** Whoever was to be told instead is gone. */
  static byte[] encodeBroken(ConnectionHandler to, long redirect) {
    if (!to.session().resp3()) {
      return NOTHING;
    }
    RespWriter out = new RespWriter();
    out.resp3(true);
    out.push(2);
    out.bulk("tracking-redir-broken");
    out.integer(redirect);
    return out.takeBytes();
  }
}
