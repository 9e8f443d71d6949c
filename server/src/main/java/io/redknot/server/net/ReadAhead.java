package io.redknot.server.net;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of what peers have sent is received while nothing of it may be executed: limited for
 * each, and for all clients together.
 *
 * <p>Any thread; each connection counts for itself.
 */
public final class ReadAhead {
  /** Bytes of one connection: a part of the largest heap, 32 to 512 MiB. */
  public static final long BYTES_MAX =
      Math.clamp(Runtime.getRuntime().maxMemory() / 32, 32L << 20, 512L << 20);

  /** With more of all clients, nothing more is received of one that has more than a little. */
  static final long ALL_BYTES_MAX =
      Math.clamp(Runtime.getRuntime().maxMemory() / 16, 64L << 20, 1024L << 20);

  /** So little is received of any client. */
  private static final int LITTLE_BYTES = 16 * 1024;

  private final AtomicLong bytes = new AtomicLong();

  /** What all clients take, as last counted. */
  long bytes() {
    return bytes.get();
  }

  /** One connection's part. Its event loop only. */
  final class Share {
    private long counted;

    /** The connection keeps so much that may not be executed now. */
    void count(long now) {
      if (now != counted) {
        bytes.addAndGet(now - counted);
        counted = now;
      }
    }

    /** Whether one that keeps so many bytes may receive more. */
    boolean mayGrow(int size) {
      return size <= LITTLE_BYTES || (size <= BYTES_MAX && bytes.get() <= ALL_BYTES_MAX);
    }
  }
}
