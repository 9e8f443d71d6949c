package io.redknot.server.net;

import io.redknot.server.config.OutputBufferLimits;
import io.redknot.server.config.ServerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how much a client leaves unread: {@code client-output-buffer-limit}. The event loop of
 * the connection only.
 */
final class OutputGuard {
  private static final Logger LOG = LoggerFactory.getLogger(OutputGuard.class);

  /** What a client may leave unread beyond the socket's buffer that has not proved who it is. */
  private static final int UNAUTHENTICATED_BYTES_MAX = 1024;

  /** Replies are sent within a batch when they have grown beyond this. */
  private static final int SENT_BYTES = 64 * 1024;

  /** The same where the client has a limit, which all replies of a batch count for. */
  private static final int GATHERED_BYTES_MAX = 64 * 1024 * 1024;

  private final ServerConfig config;
  private final Session session;
  private final ClientMemory memory;
  private final UnreadOutput ofAll;
  private long softLimitSinceMs;

  /** What of it is counted among what all clients have not read. */
  private long countedBytes;

  OutputGuard(ServerConfig config, Session session, ClientMemory memory, UnreadOutput ofAll) {
    this.config = config;
    this.session = session;
    this.memory = memory;
    this.ofAll = ofAll;
  }

  /** How many bytes the replies of a batch may have before they are sent within it. */
  long batchBytesMax() {
    long hard = limit().hardBytes();
    return hard > 0 ? Math.min(hard, GATHERED_BYTES_MAX) : SENT_BYTES;
  }

  /** Whether replies that are about to be sent are more than the client may leave unread. */
  boolean refuses(long replyBytes) {
    long hard = limit().hardBytes();
    return hard > 0 && replyBytes + memory.outputBytes() >= hard && says();
  }

  /** The client is gone. */
  void forget() {
    count(0);
  }

  private void count(long bytes) {
    if (bytes != countedBytes) {
      ofAll.count(bytes - countedBytes);
      countedBytes = bytes;
    }
  }

  /** Whether what the client has not read is more than it may be, or has been for too long. */
  boolean isOver(long nowMs) {
    long bytes = memory.outputBytes();
    count(bytes);
    if (bytes == 0) {
      softLimitSinceMs = 0;
      return false;
    }
    OutputBufferLimits.Limit limit = limit();
    long hard = limit.hardBytes();
    long soft = limit.softBytes();
    boolean tooLong = false;
    if (soft > 0 && bytes >= soft) {
      softLimitSinceMs = softLimitSinceMs == 0 ? nowMs : softLimitSinceMs;
      tooLong = nowMs - softLimitSinceMs > limit.softSeconds() * 1000;
    } else {
      softLimitSinceMs = 0;
    }
    boolean stranger = !session.authenticated() && bytes > UNAUTHENTICATED_BYTES_MAX;
    return (tooLong || stranger || (hard > 0 && bytes >= hard)) && says();
  }

  private boolean says() {
    LOG.warn("Client {} closed for overcoming of output buffer limits.", session.peer().remote());
    return true;
  }

  private OutputBufferLimits.Limit limit() {
    OutputBufferLimits limits = config.clientOutputBufferLimit.get();
    return switch (session.kind()) {
      case NORMAL, MASTER -> limits.normal();
      case REPLICA -> limits.replica();
      case PUBSUB -> limits.pubsub();
    };
  }
}
