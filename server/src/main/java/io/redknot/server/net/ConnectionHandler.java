package io.redknot.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.OutputBufferLimits;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.Dispatcher;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: takes bytes, has requests executed in order, and writes the replies of a
 * read together.
 *
 * <p>Requests are parsed in the loop's scratch array. Only what a read leaves unfinished, or what
 * may not be executed yet, moves to an array of the connection's own.
 *
 * <p>A connection does not execute while a command of it waits ({@link Suspension}) or while the
 * client does not fetch its replies; it then stops reading, so that the client feels it.
 */
public final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  /** Replies are written out within a batch when they have grown beyond this. */
  private static final int FLUSH_BYTES = 64 * 1024;

  /** A waiting connection reads ahead so far. */
  private static final int READ_AHEAD_BYTES_MAX = 1024 * 1024;

  /** What a client may leave unread beyond the socket's buffer that has not proved who it is. */
  private static final int UNAUTHENTICATED_BYTES_MAX = 1024;

  private final Server server;
  private final IoLoop loop;
  private final Dispatcher dispatcher;
  private final RequestBuffer requests = new RequestBuffer();
  private final Args args = new Args();
  private final RespParser parser = new RespParser(args);
  private final Channel channel;
  private @Nullable ChannelHandlerContext netty;
  private final Session session;
  private final CommandContext context;
  private volatile @Nullable Suspension suspension;
  private volatile boolean killed;
  private boolean registered;
  private boolean running;
  private boolean stalled;
  private boolean closing;
  private int runningBytes;
  private int suspendedBytes;
  private long softLimitSinceMs;

  ConnectionHandler(Server server, IoLoop loop, Channel channel, PeerAddress peer) {
    this.server = server;
    this.loop = loop;
    this.dispatcher = server.dispatcher();
    this.channel = channel;
    this.session = new Session(server.clients().nextId(), peer, server.clock().nowMs());
    this.context = new CommandContext(server, loop, this);
    session.authenticated(server.config().requirepass.get().isEmpty());
    parser.authenticated(session.authenticated());
  }

  /** The client's session. */
  public Session session() {
    return session;
  }

  /** The command that waits; null where none does. */
  public @Nullable Suspension suspension() {
    return suspension;
  }

  /** Bytes of requests received and not answered; a moment old for other threads. */
  public int queryBufferBytes() {
    return Math.max(requests.size(), runningBytes);
  }

  /** Bytes of the arguments of the request that is being executed. */
  public long argumentBytes() {
    long bytes = 0;
    if (runningBytes > 0 && eventLoop().inEventLoop()) {
      for (int i = 0; i < args.count(); i++) {
        bytes += args.length(i);
      }
    }
    return bytes;
  }

  /** Bytes of replies not yet taken by the socket; a moment old for other threads. */
  public long outputBufferBytes() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  /** Whether the client is to be disconnected. */
  public boolean isKilled() {
    return killed;
  }

  EventLoop eventLoop() {
    return loop.eventLoop();
  }

  /** Disconnects the client: it executes nothing more from now on. Any thread. */
  public void kill() {
    killed = true;
    server.clients().remove(this);
    eventLoop().execute(this::close);
  }

  /** Leaves the current command unanswered; see {@link Suspension}. Event loop only. */
  public Suspension suspend() {
    Suspension made = new Suspension(this);
    suspension = made;
    return made;
  }

  /** The client has proved who it is, or has to do so again. */
  public void authenticated(boolean value) {
    session.authenticated(value);
    parser.authenticated(value);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    netty = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!Admission.admit(server, loop, ctx, session.peer())) {
      closing = true;
      return;
    }
    registered = true;
    loop.stats().connectionsReceived++;
    server.clients().add(this);
    loop.add(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    if (registered) {
      server.clients().remove(this);
      loop.remove(this);
    }
    dispatcher.monitors().remove(this);
    requests.clear();
    Suspension waiting = suspension;
    if (waiting != null) {
      waiting.abandon();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    int length = in.readableBytes();
    loop.stats().reads++;
    loop.stats().bytesIn += length;
    if (closing || killed) {
      in.release();
      return;
    }
    byte[] scratch = loop.scratch();
    int carried = requests.size();
    if (suspension != null || stalled || carried > IoLoop.CARRIED_BYTES_MAX) {
      requests.append(in, length, parser.missingHint(carried + length));
      in.release();
      executePending();
    } else {
      requests.moveTo(scratch);
      in.readBytes(scratch, carried, length);
      in.release();
      executeScratch(scratch, carried + length);
    }
    checkQueryBuffer();
  }

  private void beginRequests() {
    loop.beginBatch(session.resp3());
    session.interactedAt(loop.nowMs());
    parser.limitBulkBytes(server.config().protoMaxBulkLen.get());
  }

  private void executeScratch(byte[] scratch, int end) {
    beginRequests();
    int done = execute(scratch, 0, end);
    if (done < end && !closing) {
      requests.put(scratch, done, end, parser.missingHint(end - done));
    }
  }

  private void executePending() {
    beginRequests();
    if (mayExecute()) {
      requests.consumedTo(execute(requests.array(), requests.from(), requests.to()));
    }
  }

  private boolean mayExecute() {
    return suspension == null && !stalled && !closing && !killed;
  }

  /** Executes what is complete and allowed; returns where it ended. */
  int execute(byte[] bytes, int from, int to) {
    running = true;
    int at = from;
    while (at < to && mayExecute()) {
      RespParser.Outcome outcome = parser.parse(bytes, at, to);
      if (outcome == RespParser.Outcome.NEED_MORE) {
        break;
      }
      if (outcome == RespParser.Outcome.ERROR) {
        protocolError();
        break;
      }
      if (outcome == RespParser.Outcome.COMMAND && !executeOne()) {
        break;
      }
      at += parser.consumed();
    }
    running = false;
    server.cron().onActivity();
    return at;
  }

  /** Returns false where the request stays unanswered. */
  private boolean executeOne() {
    RespWriter out = loop.out();
    runningBytes = parser.consumed();
    dispatcher.dispatch(context, args, out);
    runningBytes = 0;
    if (suspension != null) {
      suspendedBytes = parser.consumed();
      return false;
    }
    if (session.closeAfterReply()) {
      closing = true;
    } else if (out.size() > FLUSH_BYTES) {
      flush();
    }
    return true;
  }

  private void protocolError() {
    session.closeAfterThisReply();
    closing = true;
    dispatcher.protocolError(context, parser.error(), loop.out());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    finishBatch();
    ctx.fireChannelReadComplete();
  }

  private void finishBatch() {
    if (session.closeAfterReply()) {
      closing = true;
      requests.clear();
      flushAndClose();
      return;
    }
    flush();
    if (stalled || (suspension != null && requests.size() > READ_AHEAD_BYTES_MAX)) {
      channel.config().setAutoRead(false);
    }
  }

  private void flush() {
    RespWriter out = loop.out();
    long bytes = out.size();
    ChannelHandlerContext ctx = netty;
    if (bytes == 0 || ctx == null) {
      return;
    }
    loop.stats().writes++;
    loop.stats().bytesOut += bytes;
    send(ctx, loop.drain(ctx.alloc()));
  }

  private void send(ChannelHandlerContext ctx, ByteBuf bytes) {
    var _ = ctx.writeAndFlush(bytes, ctx.voidPromise());
    if (!channel.isWritable()) {
      stalled = true;
      checkOutputBuffer(loop.nowMs());
    }
  }

  /**
   * Sends what is no reply, behind the replies of the current batch; the array is kept. Any thread.
   */
  public void push(byte[] bytes) {
    eventLoop().execute(() -> sendPushed(bytes));
  }

  private void sendPushed(byte[] bytes) {
    ChannelHandlerContext ctx = netty;
    if (closing || ctx == null) {
      return;
    }
    loop.stats().writes++;
    loop.stats().bytesOut += bytes.length;
    send(ctx, Unpooled.wrappedBuffer(bytes));
  }

  private void flushAndClose() {
    RespWriter out = loop.out();
    ChannelHandlerContext ctx = netty;
    if (ctx == null) {
      return;
    }
    loop.stats().bytesOut += out.size();
    ByteBuf last = out.size() == 0 ? Unpooled.EMPTY_BUFFER : out.drain(ctx.alloc());
    var _ = ctx.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable() && stalled) {
      stalled = false;
      softLimitSinceMs = 0;
      // Within a batch the batch itself goes on.
      if (!running) {
        eventLoop().execute(this::goOn);
      }
    }
  }

  /** Ends the waiting of a command: with its reply, or (null) by executing it again. */
  void resume(Suspension ended, Suspension.@Nullable Reply reply) {
    if (suspension != ended || closing) {
      return;
    }
    suspension = null;
    if (reply != null) {
      loop.beginBatch(session.resp3());
      dispatcher.completeSuspended(context, reply, loop.out());
      requests.consumedTo(requests.from() + suspendedBytes);
    }
    goOn();
  }

  private void goOn() {
    if (closing) {
      return;
    }
    executePending();
    finishBatch();
    if (mayExecute()) {
      channel.config().setAutoRead(true);
    }
  }

  private void checkQueryBuffer() {
    int bytes = requests.size();
    if (bytes > loop.stats().queryBufferPeakBytes) {
      loop.stats().queryBufferPeakBytes = bytes;
    }
    if (bytes > server.config().clientQueryBufferLimit.get()) {
      LOG.warn("Closing client that reached max query buffer length: {}", session.peer().remote());
      close();
    }
  }

  private OutputBufferLimits.Limit outputLimit() {
    OutputBufferLimits limits = server.config().clientOutputBufferLimit.get();
    return switch (session.kind()) {
      case NORMAL, MASTER -> limits.normal();
      case REPLICA -> limits.replica();
      case PUBSUB -> limits.pubsub();
    };
  }

  private void checkOutputBuffer(long nowMs) {
    OutputBufferLimits.Limit limit = outputLimit();
    long bytes = outputBufferBytes();
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
    if (tooLong || stranger || (hard > 0 && bytes > hard)) {
      LOG.warn("Client {} closed for overcoming of output buffer limits.", session.peer().remote());
      close();
    }
  }

  /** Once a second. */
  void tick(long nowMs) {
    if (stalled) {
      checkOutputBuffer(nowMs);
    }
    long timeoutSeconds = server.config().timeout.get();
    if (timeoutSeconds > 0
        && suspension == null
        && !session.monitoring()
        && nowMs - session.lastInteractionMs() > timeoutSeconds * 1000) {
      LOG.debug("Closing idle client");
      close();
    }
  }

  private void close() {
    closing = true;
    var _ = channel.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("Closing client {} after a failure", session.peer().remote(), cause);
    }
    close();
  }
}
