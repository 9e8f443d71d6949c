package io.redknot.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Clock;
import io.redknot.server.dispatch.Turn;
import io.redknot.server.persistence.CommitGate;
import io.redknot.server.stats.LoopStats;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop share: buffers, the reply writer, the time and the
 * counters.
 *
 * <p>Sharing the writer is safe because a connection's batch of requests is never interrupted: it
 * is written out before another connection of the loop runs.
 */
public final class IoLoop implements CommitGate.Waiter, CommitGate.Committer {
  private static final ThreadLocal<@Nullable IoLoop> CURRENT = new ThreadLocal<>();

  /** Room in the scratch array for what an earlier read left unfinished. */
  static final int CARRIED_BYTES_MAX = 16 * 1024;

  /** Replies up to this size are copied into a buffer that the loop uses again and again. */
  private static final int SEND_BYTES = 16 * 1024;

  private final EventLoop eventLoop;
  private final UnreadOutput unread;
  private final Deadlines deadlines;
  private final Clock clock;
  private final Turn turn;
  private final RespWriter out = new RespWriter();
  private final byte[] scratch = new byte[ReceiveBuffer.BYTES + CARRIED_BYTES_MAX];
  private final ReceiveBuffer receiveBuffer;
  private final List<ConnectionHandler> connections = new ArrayList<>();

  /** Those that wait for the disk, each once: with replies, or with requests. */
  private final List<ConnectionHandler> waiting = new ArrayList<>();

  private final Deliveries deliveries;
  private volatile boolean anyWaits;
  private ByteBuf sendBuffer;

  IoLoop(
      EventLoop eventLoop,
      Clock clock,
      LoopStats stats,
      ByteBufAllocator allocator,
      UnreadOutput unread) {
    this.eventLoop = eventLoop;
    this.unread = unread;
    Flushes flushes =
        new Flushes(task -> NextRound.execute(eventLoop, task), () -> stats.reads, clock::nanos);
    this.deliveries = new Deliveries(eventLoop, flushes);
    this.deadlines = new Deadlines(eventLoop, clock);
    this.clock = clock;
    this.turn = new Turn(clock, stats);
    this.receiveBuffer = new ReceiveBuffer(allocator.directBuffer(ReceiveBuffer.BYTES));
    this.sendBuffer = allocator.directBuffer(SEND_BYTES);
  }

  /** Reads the clocks: once for a batch of requests. */
  void beginBatch(boolean resp3) {
    turn.begin();
    out.resp3(resp3);
  }

  /** What the commands of the loop share. */
  public Turn turn() {
    return turn;
  }

  /** Wall-clock time of the current batch in milliseconds since 1970. */
  public long nowMs() {
    return turn.nowMs();
  }

  /** The loop's counters. */
  public LoopStats stats() {
    return turn.stats();
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  @Override
  public boolean isCurrent() {
    return eventLoop.inEventLoop();
  }

  /** Has something done by the loop, behind what it has found to do. Any thread. */
  @Override
  public void execute(Runnable task) {
    eventLoop.execute(task);
  }

  /**
   * Has a message delivered by the loop, unless too much is on its way to it: then it is lost, and
   * counted. Any thread.
   *
   * @return false where it is lost
   */
  public boolean deliver(Delivery message) {
    return deliveries.add(message);
  }

  /** Number of messages that were lost because too much was on its way. */
  long droppedMessages() {
    return deliveries.dropped();
  }

  /** What is on its way to the loop's connections. */
  Deliveries deliveries() {
    return deliveries;
  }

  /** When the loop's blocked commands give up. */
  Deadlines deadlines() {
    return deadlines;
  }

  /** Ends a suspension with the reply of its timeout after a time. Any thread. */
  void timeOutIn(Suspension waiting, long timeoutMs) {
    if (eventLoop.inEventLoop()) {
      deadlines.add(waiting, timeoutMs);
    } else {
      eventLoop.execute(() -> deadlines.add(waiting, timeoutMs));
    }
  }

  RespWriter out() {
    return out;
  }

  /** What clients have not read, of all loops. */
  UnreadOutput unread() {
    return unread;
  }

  /** An array for what is over within a batch of requests, or between two of them. */
  public byte[] scratch() {
    return scratch;
  }

  ReceiveBuffer receiveBuffer() {
    return receiveBuffer;
  }

  /**
   * Takes the collected replies as a buffer for the socket.
   *
   * @param held whether they are kept for a while: in a buffer no larger than they are
   */
  ByteBuf drain(ByteBufAllocator allocator, boolean held) {
    if (held) {
      return out.drain(allocator);
    }
    if (sendBuffer.refCnt() > 1) {
      // A slow client still owns it.
      sendBuffer.release();
      sendBuffer = allocator.directBuffer(SEND_BYTES);
    }
    return out.drainInto(sendBuffer.clear()) ? sendBuffer.retain() : out.drain(allocator);
  }

  /** The loop of this thread; null where it is no loop's, or the loop has had no connection. */
  public static @Nullable IoLoop current() {
    return CURRENT.get();
  }

  void add(ConnectionHandler connection) {
    if (connections.isEmpty()) {
      CURRENT.set(this);
    }
    connections.add(connection);
  }

  void remove(ConnectionHandler connection) {
    connections.remove(connection);
  }

  /** The connection goes on when the disk has got further; it asks itself whether it may. */
  void await(ConnectionHandler connection) {
    waiting.add(connection);
    anyWaits = true;
  }

  @Override
  public boolean isWaiting() {
    return anyWaits;
  }

  @Override
  public void wake() {
    if (!eventLoop.isShuttingDown()) {
      eventLoop.execute(this::goOn);
    }
  }

  private void goOn() {
    anyWaits = false;
    List<ConnectionHandler> all = List.copyOf(waiting);
    waiting.clear();
    for (ConnectionHandler connection : all) {
      connection.onDisk();
    }
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
