package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.ScoredVisitor;

/**
 * Keeps the reply to a random pick with repetitions, which may be any number of times as large as
 * the data set, below what a client may leave unread, and below an eighth of the heap. Beyond the
 * former the client is disconnected.
 */
final class PickLimit {
  private static final CommandError TOO_LARGE =
      CommandError.of("ERR reply would be larger than output buffers may be");

  private static final long HEAP_SHARE = 8;
  private static final long BYTES_MAX = 512L << 20;

  /** An empty bulk string. */
  private static final int ELEMENT_BYTES_MIN = 6;

  private final CommandContext ctx;
  private final RespWriter out;
  private final long hardBytes;
  private final long bytesMax;

  /**
   * A limit of what is collected in a writer.
   *
   * @param picks how many elements it is to be
   * @throws CommandError where these are too many in any case
   */
  PickLimit(CommandContext ctx, RespWriter out, long picks) {
    this.ctx = ctx;
    this.out = out;
    long hard = ctx.server().config().clientOutputBufferLimit.get().normal().hardBytes();
    this.hardBytes = hard;
    long most = Math.min(BYTES_MAX, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    this.bytesMax = hard > 0 ? Math.min(hard, most) : most;
    if (picks > bytesMax / ELEMENT_BYTES_MIN) {
      refuse();
    }
  }

  private void check() {
    if (out.size() > bytesMax) {
      refuse();
    }
  }

  private void refuse() {
    if (bytesMax == hardBytes) {
      ctx.connection().kill();
    }
    throw TOO_LARGE;
  }

  /** Has a visitor write elements until that is too much. */
  ElementVisitor of(ElementVisitor visitor) {
    return (key, keyAt, keyLength, value, valueAt, valueLength) -> {
      check();
      visitor.element(key, keyAt, keyLength, value, valueAt, valueLength);
    };
  }

  /** As {@link #of(ElementVisitor)}. */
  ScoredVisitor of(ScoredVisitor visitor) {
    return (score, member, offset, length) -> {
      check();
      visitor.element(score, member, offset, length);
    };
  }
}
