package io.redknot.server.migration;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server that takes keys: one exchange of requests and replies at a time, of
 * which each reply is a line.
 *
 * <p>Thread: its channel's event loop.
 */
final class TargetConnection extends ChannelInboundHandlerAdapter {
  /** Learns how an exchange goes; the last call is {@link #failed}, or the last reply. */
  interface Exchange {
    /** A line that is a reply, its first character tells its kind. */
    void replied(String line);

    /** The connection broke, or made no progress for too long; it is closed. */
    void failed(boolean whileWriting, boolean timedOut);
  }

  /** How often it is looked at within the time that may pass without progress. */
  private static final int CHECKS = 4;

  /** A longer line is none that a server answers RESTORE with. */
  private static final int LINE_BYTES_MAX = 64 * 1024;

  /** The usual reply, of which there are very many. */
  private static final String OK_TEXT = "+OK";

  private static final byte[] OK = OK_TEXT.getBytes(StandardCharsets.US_ASCII);

  private final Channel channel;
  private byte[] line = new byte[128];
  private int lineBytes;
  private @Nullable Exchange exchange;
  private int repliesLeft;

  /**
   * What is sent when what is before it has gone, so that nothing waits for a whole large value.
   */
  private final Deque<ByteBuf> unsent = new ArrayDeque<>(0);

  private long unsentBytes;

  // What tells whether there is progress.
  private long pendingBytes;
  private int repliesAtCheck;
  private int idleChecks;
  private @Nullable Future<?> nextCheck;

  /** The database that was selected last. */
  private int db;

  TargetConnection(Channel channel) {
    this.channel = channel;
  }

  Channel channel() {
    return channel;
  }

  int db() {
    return db;
  }

  void db(int value) {
    db = value;
  }

  /**
   * Sends requests and tells of their replies.
   *
   * @param requests in pieces, which are the connection's from now on
   */
  void exchange(List<ByteBuf> requests, int replies, long timeoutMs, Exchange with) {
    exchange = with;
    repliesLeft = replies;
    repliesAtCheck = replies;
    idleChecks = 0;
    for (ByteBuf piece : requests) {
      unsent.add(piece);
      unsentBytes += piece.readableBytes();
    }
    if (!channel.isActive()) {
      fail(true, false);
      return;
    }
    feed();
    pendingBytes = pending();
    if (exchange != null) {
      watch(Math.max(1, timeoutMs / CHECKS));
    }
  }

  private void feed() {
    boolean any = false;
    while (!unsent.isEmpty() && channel.isWritable()) {
      ByteBuf piece = unsent.remove();
      unsentBytes -= piece.readableBytes();
      var _ = channel.write(piece);
      any = true;
    }
    if (any) {
      var _ = channel.flush();
    }
  }

  private void forget() {
    unsent.forEach(ByteBuf::release);
    unsent.clear();
    unsentBytes = 0;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    feed();
  }

  private void watch(long intervalMs) {
    nextCheck =
        channel.eventLoop().schedule(() -> check(intervalMs), intervalMs, TimeUnit.MILLISECONDS);
  }

  /** There are thousands of exchanges before the first of their checks would be due. */
  private void unwatch() {
    Future<?> check = nextCheck;
    nextCheck = null;
    if (check != null) {
      var _ = check.cancel(false);
    }
  }

  private void check(long intervalMs) {
    if (exchange == null) {
      return;
    }
    long pending = pending();
    if (pending == pendingBytes && repliesLeft == repliesAtCheck) {
      idleChecks++;
    } else {
      idleChecks = 0;
      pendingBytes = pending;
      repliesAtCheck = repliesLeft;
    }
    if (idleChecks == CHECKS) {
      fail(pending > 0, true);
    } else {
      watch(intervalMs);
    }
  }

  /** Bytes that have not gone yet. */
  private long pending() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return unsentBytes + (buffer == null ? 0 : buffer.totalPendingWriteBytes());
  }

  /** Closes the connection, and tells nobody. */
  void abandon() {
    exchange = null;
    unwatch();
    forget();
    var _ = channel.close();
  }

  private void fail(boolean whileWriting, boolean timedOut) {
    Exchange failed = exchange;
    exchange = null;
    unwatch();
    forget();
    var _ = channel.close();
    if (failed != null) {
      failed.failed(whileWriting, timedOut);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && exchange != null) {
        take(in.readByte());
      }
      if (in.isReadable()) {
        // Nobody has asked for more.
        var _ = channel.close();
      }
    } finally {
      in.release();
    }
  }

  private void take(byte b) {
    if (b == '\n') {
      int end = lineBytes > 0 && line[lineBytes - 1] == '\r' ? lineBytes - 1 : lineBytes;
      boolean ok = end == OK.length && Arrays.equals(line, 0, end, OK, 0, end);
      String text = ok ? OK_TEXT : new String(line, 0, end, StandardCharsets.ISO_8859_1);
      lineBytes = 0;
      replied(text);
    } else if (lineBytes == LINE_BYTES_MAX) {
      fail(false, false);
    } else {
      if (lineBytes == line.length) {
        line = Arrays.copyOf(line, 2 * lineBytes);
      }
      line[lineBytes++] = b;
    }
  }

  private void replied(String text) {
    Exchange with = exchange;
    repliesLeft--;
    if (repliesLeft == 0) {
      exchange = null;
      unwatch();
    }
    if (with != null) {
      with.replied(text);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(false, false);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(pending() > 0, false);
  }
}
