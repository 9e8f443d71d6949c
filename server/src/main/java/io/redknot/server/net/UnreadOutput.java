package io.redknot.server.net;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much all clients together have not read of what was written to them: while it is little, a
 * client that does not read is served on, as {@code client-output-buffer-limit} and {@code
 * maxmemory-clients} decide how far; no memory runs out where these have no limit.
 *
 * <p>Any thread; each connection counts for itself.
 */
final class UnreadOutput {
  /** With more, nobody is served on who leaves much unread: a part of the largest heap. */
  static final long BYTES_MAX =
      Math.clamp(Runtime.getRuntime().maxMemory() / 16, 32L << 20, 1024L << 20);

  private final AtomicLong bytes = new AtomicLong();

  /** A connection has more unread than before, or less. */
  void count(long more) {
    bytes.addAndGet(more);
  }

  /** Bytes of all connections, as last counted. */
  long bytes() {
    return bytes.get();
  }

  boolean isTooMuch() {
    return bytes.get() > BYTES_MAX;
  }
}
