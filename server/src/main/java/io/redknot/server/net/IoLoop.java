package io.redknot.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Clock;
import io.redknot.server.replication.Effects;
import io.redknot.server.stats.LoopStats;
import java.util.ArrayList;
import java.util.List;

/**
 * What the connections of one event loop share: buffers, the reply writer, the time and the
 * counters.
 *
 * <p>Sharing the writer is safe because a connection's batch of requests is never interrupted: it
 * is written out before another connection of the loop runs.
 */
public final class IoLoop {
  /** Room in the scratch array for what an earlier read left unfinished. */
  static final int CARRIED_BYTES_MAX = 16 * 1024;

  /** Replies up to this size are copied into a buffer that the loop uses again and again. */
  private static final int SEND_BYTES = 16 * 1024;

  private final EventLoop eventLoop;
  private final Clock clock;
  private final LoopStats stats;
  private final RespWriter out = new RespWriter();
  private final Effects effects = new Effects();
  private final byte[] scratch = new byte[ReceiveBuffer.BYTES + CARRIED_BYTES_MAX];
  private final ReceiveBuffer receiveBuffer;
  private final List<ConnectionHandler> connections = new ArrayList<>();
  private ByteBuf sendBuffer;
  private long nowMs;
  private long nanos;

  IoLoop(EventLoop eventLoop, Clock clock, LoopStats stats, ByteBufAllocator allocator) {
    this.eventLoop = eventLoop;
    this.clock = clock;
    this.stats = stats;
    this.receiveBuffer = new ReceiveBuffer(allocator.directBuffer(ReceiveBuffer.BYTES));
    this.sendBuffer = allocator.directBuffer(SEND_BYTES);
  }

  /** Reads the clocks: once for a batch of requests. */
  void beginBatch(boolean resp3) {
    nowMs = clock.nowMs();
    nanos = clock.nanos();
    out.resp3(resp3);
  }

  /** Ends one command and begins the next; returns what the one took, in nanoseconds. */
  public long lap() {
    long now = clock.nanos();
    long took = now - nanos;
    nanos = now;
    return took;
  }

  /** Wall-clock time of the current batch in milliseconds since 1970. */
  public long nowMs() {
    return nowMs;
  }

  /** The loop's counters. */
  public LoopStats stats() {
    return stats;
  }

  /** Where a command that runs collects what it has done; for the stream of changes. */
  public Effects effects() {
    return effects;
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  RespWriter out() {
    return out;
  }

  byte[] scratch() {
    return scratch;
  }

  ReceiveBuffer receiveBuffer() {
    return receiveBuffer;
  }

  /** Takes the collected replies as a buffer for the socket. */
  ByteBuf drain(ByteBufAllocator allocator) {
    if (sendBuffer.refCnt() > 1) {
      // A slow client still owns it.
      sendBuffer.release();
      sendBuffer = allocator.directBuffer(SEND_BYTES);
    }
    return out.drainInto(sendBuffer.clear()) ? sendBuffer.retain() : out.drain(allocator);
  }

  void add(ConnectionHandler connection) {
    connections.add(connection);
  }

  void remove(ConnectionHandler connection) {
    connections.remove(connection);
  }

  /** Once a second: closes idle clients and those that do not fetch their replies. */
  void tick() {
    long now = clock.nowMs();
    // By index and from the end: closing removes the connection from the list.
    for (int i = connections.size() - 1; i >= 0; i--) {
      connections.get(i).tick(now);
    }
  }

  void releaseBuffers() {
    sendBuffer.release();
    receiveBuffer.release();
  }
}
