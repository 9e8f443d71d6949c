package io.redknot.server.net;

import io.redknot.server.config.OutputBufferLimits;
import io.redknot.server.config.ServerConfig;

/**
 * Watches how much a client leaves unread: {@code client-output-buffer-limit}. The event loop of
 * the connection only.
 */
final class OutputGuard {
  /** What a client may leave unread beyond the socket's buffer that has not proved who it is. */
  private static final int UNAUTHENTICATED_BYTES_MAX = 1024;

  private long softLimitSinceMs;

  /** The client has fetched everything. */
  void reset() {
    softLimitSinceMs = 0;
  }

  /** Whether it is more than the client may leave, or for longer. */
  boolean isOver(ServerConfig config, Session session, long bytes, long nowMs) {
    OutputBufferLimits.Limit limit = limit(config, session);
    long hard = limit.hardBytes();
    long soft = limit.softBytes();
    boolean tooLong = false;
    if (soft > 0 && bytes > soft) {
      softLimitSinceMs = softLimitSinceMs == 0 ? nowMs : softLimitSinceMs;
      tooLong = nowMs - softLimitSinceMs > limit.softSeconds() * 1000;
    } else {
      softLimitSinceMs = 0;
    }
    boolean stranger = !session.authenticated() && bytes > UNAUTHENTICATED_BYTES_MAX;
    return tooLong || stranger || (hard > 0 && bytes > hard);
  }

  private static OutputBufferLimits.Limit limit(ServerConfig config, Session session) {
    OutputBufferLimits limits = config.clientOutputBufferLimit.get();
    return switch (session.kind()) {
      case NORMAL, MASTER -> limits.normal();
      case REPLICA -> limits.replica();
      case PUBSUB -> limits.pubsub();
    };
  }
}
