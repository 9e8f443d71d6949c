package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.redknot.server.config.OutputBufferLimits;
import io.redknot.server.net.ConnectionHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica as its primary sees it: the connection on which it asked for the stream.
 *
 * <p>The stream is sent by the connection's event loop, from the backlog and in pieces, the next
 * one when the socket has taken enough of those before: what a slow replica has not been sent yet
 * stays where all others have it, too.
 */
public final class ReplicaLink implements ReplicationBacklog.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaLink.class);

  /** How far a replica is. */
  public enum State {
    /** It has told about itself, and nothing more. */
    NONE(""),
    /** Waits for a snapshot to begin. */
    WAIT_START("wait_bgsave"),
    /** Waits for the end of one, or is being sent it as it is made. */
    WAIT_END("wait_bgsave"),
    /** Is being sent a file. */
    SEND_BULK("send_bulk"),
    /** Has the data set, and gets the stream. */
    ONLINE("online"),
    /** Wanted the data set only and has it. */
    TRANSMITTED("");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As INFO tells it; empty for states that it does not tell. */
    public String text() {
      return text;
    }
  }

  /** Bytes of the stream that are with the socket at most, and of one piece. */
  private static final int IN_FLIGHT_BYTES_MAX = 256 * 1024;

  private static final int PIECE_BYTES = ReplicationBacklog.CHUNK_BYTES;

  /** Of a snapshot, the sender waits when so many bytes are with the socket. */
  static final int SNAPSHOT_BYTES_MAX = 1024 * 1024;

  private static final byte[] NEW_LINE = {'\n'};

  private final Replication replication;
  private final ConnectionHandler connection;
  private final Channel channel;
  private final EventLoop loop;
  private final ReplicaOptions options = new ReplicaOptions();
  private final AtomicBoolean pumpScheduled = new AtomicBoolean();
  private final AtomicLong inFlight = new AtomicLong();
  private volatile State state = State.NONE;
  private volatile boolean streaming;

  /** The stream starts with the next acknowledgement. */
  private volatile boolean awaitsAck;

  private volatile boolean closed;
  private volatile long position;
  private volatile long ackOffset;
  private volatile long ackFsynced;
  private volatile long ackMs;
  private volatile long movedMs;
  private volatile long waitingSinceMs;

  /** When the soft limit was exceeded; 0: it is not. Of the thread that ticks. */
  private long softLimitSinceMs;

  ReplicaLink(Replication replication, ConnectionHandler connection) {
    this.replication = replication;
    this.connection = connection;
    this.channel = connection.channel();
    this.loop = connection.eventLoop();
  }

  /** What the replica has told about itself. */
  public ReplicaOptions options() {
    return options;
  }

  public ConnectionHandler connection() {
    return connection;
  }

  public State state() {
    return state;
  }

  public boolean isOnline() {
    return state == State.ONLINE;
  }

  /** The address it is reached at. */
  public String ip() {
    String announced = options.ip();
    return announced.isEmpty() ? connection.session().peer().remoteHost() : announced;
  }

  /** The offset that it last acknowledged. */
  public long ackOffset() {
    return ackOffset;
  }

  /** The offset that it last acknowledged to have on its disk. */
  public long ackFsynced() {
    return ackFsynced;
  }

  /** Seconds since it was last heard of; 0 where it is not online. */
  public long lagSeconds(long nowMs) {
    return isOnline() ? Math.max(0, nowMs - heardMs()) / 1000 : 0;
  }

  /** A replica that loads what it was sent acknowledges nothing, and sends empty lines. */
  private long heardMs() {
    return Math.max(ackMs, connection.session().lastInteractionMs());
  }

  boolean isGood(long nowMs, long lagSecondsMax) {
    return isOnline() && lagSeconds(nowMs) <= lagSecondsMax;
  }

  /** Bytes that wait to be sent. */
  public long pendingBytes() {
    long unsent = state == State.NONE ? 0 : Math.max(0, replication.offset() - position);
    return unsent + inFlight.get();
  }

  long waitingSinceMs() {
    return waitingSinceMs;
  }

  long inFlightBytes() {
    return inFlight.get();
  }

  boolean isClosed() {
    return closed;
  }

  void waitForSnapshot(long nowMs) {
    waitingSinceMs = nowMs;
    movedMs = nowMs;
    state = State.WAIT_START;
  }

  /** The snapshot of that position has begun: nothing of the stream behind it may be lost. */
  void beginSnapshot(long at) {
    position = at;
    state = State.WAIT_END;
  }

  void beginFile() {
    state = State.SEND_BULK;
  }

  /**
   * The replica has the data set.
   *
   * @param onAck whether the stream waits for an acknowledgement from now on
   */
  void online(boolean onAck, long nowMs) {
    ackMs = nowMs;
    movedMs = nowMs;
    awaitsAck = onAck;
    state = State.ONLINE;
    if (!onAck) {
      startStream();
    }
    replication.onReplicasChanged();
  }

  /** The replica has what is before that position, and gets the rest. */
  void onlineAt(long at, long nowMs) {
    position = at;
    ackMs = nowMs;
    movedMs = nowMs;
    state = State.ONLINE;
  }

  void transmitted() {
    state = State.TRANSMITTED;
  }

  void startStream() {
    awaitsAck = false;
    streaming = true;
    schedulePump();
  }

  /** REPLCONF ACK. */
  void acknowledged(long offset, long fsyncedOffset, long nowMs) {
    ackOffset = Math.max(ackOffset, offset);
    ackFsynced = Math.max(ackFsynced, fsyncedOffset);
    ackMs = nowMs;
    if (awaitsAck && isOnline()) {
      startStream();
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void onMore() {
    if (streaming) {
      schedulePump();
    }
  }

  @Override
  public void onLag(long bytes) {
    OutputBufferLimits.Limit limit = replication.outputLimit();
    long hard = Math.max(limit.hardBytes(), replication.backlogSize());
    if (limit.hardBytes() > 0 && bytes > hard) {
      closeForLag();
    }
  }

  private void closeForLag() {
    if (!closed) {
      LOG.warn("Replica {} closed for overcoming of output buffer limits.", this);
      connection.kill();
    }
  }

  private void schedulePump() {
    if (!pumpScheduled.getAndSet(true)) {
      loop.execute(this::pump);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop writes, others read
  private void pump() {
    pumpScheduled.set(false);
    if (closed || !streaming) {
      return;
    }
    boolean written = false;
    long limit = Math.min(replication.sendLimit(), replication.offset());
    while (inFlight.get() < IN_FLIGHT_BYTES_MAX && position < limit) {
      int most = (int) Math.min(limit - position, PIECE_BYTES);
      ByteBuf piece = channel.alloc().directBuffer(most);
      int length = replication.backlog().read(this, most, piece);
      if (length == 0) {
        piece.release();
        break;
      }
      position += length;
      write(piece).addListener(_ -> pumpAgain());
      written = true;
    }
    if (written) {
      channel.flush();
    }
  }

  private void pumpAgain() {
    if (!closed && position < replication.offset()) {
      schedulePump();
    }
  }

  /** Gives bytes to the socket, without a flush. */
  ChannelFuture write(ByteBuf bytes) {
    int length = bytes.readableBytes();
    replication.counts().bytesSent.add(length);
    inFlight.addAndGet(length);
    return channel.write(bytes).addListener(done -> sent(length, done.isSuccess()));
  }

  private void sent(int length, boolean ok) {
    inFlight.addAndGet(-length);
    if (ok) {
      movedMs = replication.nowMs();
    }
    replication.syncs().onSent();
  }

  /** Sends bytes that are no part of the stream; the array is borrowed. Any thread. */
  void send(byte[] bytes, int offset, int length) {
    if (!closed) {
      ByteBuf copy = channel.alloc().directBuffer(length).writeBytes(bytes, offset, length);
      var _ = write(copy);
      channel.flush();
    }
  }

  void send(String ascii) {
    byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
    send(bytes, 0, bytes.length);
  }

  /**
   * Shows the replica that its primary lives, while it waits; but not in the middle of a snapshot.
   *
   * @param last the state until which nothing has been sent that must stand together
   */
  void sendNewLine(State last) {
    loop.execute(
        () -> {
          // Decided here: whoever begins to send has set the state before it comes to this loop.
          if (!closed && (state == State.WAIT_START || state == last)) {
            var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(NEW_LINE));
          }
        });
  }

  /** Disconnects the replica. Any thread. */
  void close() {
    connection.kill();
  }

  /** Disconnects the replica once it has been sent everything. Any thread. */
  void closeWhenSent() {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> close());
  }

  /** The connection is gone. */
  public void onClosed() {
    closed = true;
    if (state != State.NONE) {
      replication.detached(this);
    }
  }

  /** Once a second: ends a replica that is silent, or takes nothing, for too long. */
  void tick(long nowMs, long timeoutMs) {
    if (isOnline() && options.isPsync() && nowMs - heardMs() > timeoutMs) {
      LOG.warn("Disconnecting timedout replica (streaming sync): {}", this);
      close();
    } else if (inFlight.get() > 0 && !streaming && nowMs - movedMs > timeoutMs) {
      LOG.warn("Disconnecting timedout replica (full sync): {}", this);
      close();
    } else {
      checkSoftLimit(nowMs);
    }
  }

  private void checkSoftLimit(long nowMs) {
    OutputBufferLimits.Limit limit = replication.outputLimit();
    long soft = Math.max(limit.softBytes(), replication.backlogSize());
    if (limit.softBytes() == 0 || pendingBytes() <= soft) {
      softLimitSinceMs = 0;
      return;
    }
    softLimitSinceMs = softLimitSinceMs == 0 ? nowMs : softLimitSinceMs;
    if (nowMs - softLimitSinceMs > limit.softSeconds() * 1000) {
      closeForLag();
    }
  }

  /** Address and port, for the log. */
  @Override
  public String toString() {
    return ip() + ":" + options.port();
  }
}
