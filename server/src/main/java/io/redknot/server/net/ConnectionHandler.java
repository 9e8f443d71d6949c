package io.redknot.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.persistence.CommitGate;
import io.redknot.server.replication.ReplicaLink;
import java.io.IOException;
import java.util.function.Supplier;
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
 * <p>A connection does not execute while a command of it waits ({@link Suspension}), nor for a
 * client that leaves much unread while all do ({@link UnreadOutput}); what it sends meanwhile is
 * kept, up to a limit ({@link ReadAhead}).
 */
public final class ConnectionHandler extends ChannelInboundHandlerAdapter
    implements Flushes.Target {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  private final Server server;
  private final IoLoop loop;
  private final Dispatcher dispatcher;
  private final CommitGate commits;
  private final RequestBuffer requests = new RequestBuffer();
  private final Args args = new Args();
  private final RespParser parser = new RespParser(args);
  private final Channel channel;
  private @Nullable ChannelHandlerContext netty;
  private final Session session;
  private final CommandContext context;
  private volatile @Nullable Suspension suspension;
  private volatile boolean killed;
  private boolean flushAwaited;
  private boolean registered;
  private boolean running;
  private boolean stalled;

  private final HeldReplies held;
  private final ReadAhead.Share kept;

  /** Where the client's last change ended before the command that waits. */
  private long changedBefore;

  /** Nothing is executed because the disk does not keep pace. */
  private boolean throttled;

  private boolean waitsForDisk;
  private boolean closing;
  private final ClientMemory memory;
  private final OutputGuard outputGuard;

  /** So long may the replies of the batch become that is executed. */
  private long batchBytesMax;

  ConnectionHandler(Server server, IoLoop loop, Channel channel, PeerAddress peer) {
    this.server = server;
    this.loop = loop;
    this.dispatcher = server.dispatcher();
    this.commits = server.persister().appendOnly().gate();
    this.channel = channel;
    this.session = new Session(server.clients().nextId(), peer, server.clock().nowMs());
    this.held = new HeldReplies(commits, session);
    this.kept = server.clients().readAhead().new Share();
    this.memory = new ClientMemory(session, channel, requests, parser, args);
    this.outputGuard = new OutputGuard(server.config(), session, memory, loop.unread());
    this.context = new CommandContext(server, loop.turn(), this);
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

  /** What the connection takes of memory. */
  public ClientMemory memory() {
    return memory;
  }

  /** Whether the client is to be disconnected. */
  public boolean isKilled() {
    return killed;
  }

  /** The socket's channel; who writes to it does so behind replies. */
  public Channel channel() {
    return channel;
  }

  public EventLoop eventLoop() {
    return loop.eventLoop();
  }

  /** Whether the client gets nothing any more. Any thread. */
  public boolean isGone() {
    return killed || !channel.isActive();
  }

  /** Disconnects the client: it executes nothing more from now on. Any thread. */
  public void kill() {
    killed = true;
    server.clients().remove(this);
    eventLoop().execute(this::close);
  }

  /** Leaves the current command unanswered; see {@link Suspension}. Event loop only. */
  public Suspension suspend() {
    Suspension made = new Suspension(this, this::resume);
    suspension = made;
    return made;
  }

  /**
   * Has the bytes of the current request stay as they are where they are, for whoever reads them on
   * another thread while the command is suspended and after. Only for requests larger than a read,
   * which lie in an array that is this connection's own. Event loop only.
   */
  public void lendRequest() {
    if (requests.size() <= IoLoop.CARRIED_BYTES_MAX) {
      throw new IllegalStateException("a request in the array of the loop");
    }
    requests.lend();
  }

  /** Something was executed for the client: where it has left before, it leaves that too. */
  public void departAgain() {
    if (closing) {
      Departure.of(server, this);
    }
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
      server.clientEviction().remove(this);
      loop.remove(this);
    }
    Departure.of(server, this);
    outputGuard.forget();
    kept.count(0);
    ReplicaLink replica = session.replica();
    if (replica != null) {
      replica.onClosed();
    }
    requests.clear();
    Suspension waiting = suspension;
    if (waiting != null) {
      loop.deadlines().remove(waiting);
      waiting.abandon();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (session.isTold()) {
      loop.deliveries().runAll();
    }
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
    if (suspension != null || stalled || throttled || carried > IoLoop.CARRIED_BYTES_MAX) {
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
    batchBytesMax = outputGuard.batchBytesMax();
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
    return suspension == null && !stalled && !throttled && !closing && !killed;
  }

  /**
   * Whether more requests are received. Also while none is executed, as there are clients that send
   * all they have before they read the first reply: both sides would wait for ever.
   */
  private boolean mayRead() {
    boolean serves = suspension == null && !stalled;
    return !closing && !throttled && (serves || kept.mayGrow(requests.size()));
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
    long changed = session.changedUntil();
    memory.running(parser.consumed());
    dispatcher.dispatch(context, args, out);
    memory.running(0);
    if (suspension != null) {
      changedBefore = changed;
      memory.suspended(parser.consumed());
      return false;
    }
    held.ran(changed);
    if (session.closeAfterReply()) {
      closing = true;
    } else if (out.size() >= batchBytesMax) {
      flush();
      countMemory();
    }
    if (commits.isFull()) {
      throttled = true;
      awaitDisk();
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
    countMemory();
    kept.count(mayExecute() ? 0 : requests.capacity());
    if (!mayRead()) {
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
    server.tracking().beforeReplies();
    if (killed || outputGuard.refuses(bytes)) {
      // It gets nothing of what is too much, as if it had been closed within its command.
      out.clear();
      close();
      return;
    }
    loop.stats().writes++;
    loop.stats().bytesOut += bytes;
    send(ctx);
  }

  /** Sends now, or as soon as the disk has got there. */
  private void send(ChannelHandlerContext ctx) {
    if (session.isTold()) {
      held.seen();
    }
    boolean hold = held.mustHold();
    ByteBuf bytes = loop.drain(ctx.alloc(), hold);
    if (hold) {
      var _ = ctx.write(bytes, ctx.voidPromise());
      awaitDisk();
    } else {
      var _ = ctx.writeAndFlush(bytes, ctx.voidPromise());
    }
    checkOutputBuffer(loop.nowMs());
  }

  /** Goes on when the disk has got further. */
  private void awaitDisk() {
    if (waitsForDisk) {
      return;
    }
    waitsForDisk = true;
    loop.await(this);
    // It may have got there before anybody knew that this connection waits.
    boolean mayExecute = throttled && !commits.isFull();
    if (mayExecute || held.maySend()) {
      loop.wake();
    }
  }

  /** The disk has got further, or its rules have changed. */
  void onDisk() {
    waitsForDisk = false;
    ChannelHandlerContext ctx = netty;
    if (ctx == null || !channel.isActive()) {
      return;
    }
    if (held.release()) {
      ctx.flush();
    }
    boolean goesOn = throttled && !commits.isFull();
    if (goesOn) {
      throttled = false;
    }
    if (held.any() || throttled) {
      awaitDisk();
    }
    if (goesOn && !running) {
      goOn();
    }
  }

  /** Sends what is no reply, between the replies of batches; the array is kept. Any thread. */
  public void push(byte[] bytes) {
    boolean _ = push(bytes.length, () -> bytes);
  }

  /**
   * As {@link #push(byte[])}, of a message that is made on the event loop; an empty one is none.
   *
   * @param bytes about how long it is
   * @return false where it is lost because too much is on its way
   */
  public boolean push(int bytes, Supplier<byte[]> message) {
    return loop.deliver(new Push(this, bytes, message));
  }

  /** As {@link #push(byte[])}, never lost: for what is on its way at most once. */
  public void pushAnyway(Supplier<byte[]> message) {
    loop.deliveries().addAnyway(new Push(this, 0, message));
  }

  /**
   * Has a message written, and flushed behind what else the loop delivers in this turn. Only from a
   * {@link Delivery}.
   *
   * @param message is the connection's from now on
   */
  public void deliver(ByteBuf message) {
    ChannelHandlerContext ctx = netty;
    if (closing || ctx == null) {
      message.release();
      return;
    }
    loop.stats().bytesOut += message.readableBytes();
    var _ = ctx.write(message, ctx.voidPromise());
    if (!flushAwaited) {
      flushAwaited = true;
      loop.deliveries().flushSoon(this);
    }
    checkOutputBuffer(loop.nowMs());
  }

  @Override
  public void flushDelivered() {
    flushAwaited = false;
    ChannelHandlerContext ctx = netty;
    if (closing || ctx == null) {
      return;
    }
    held.seen();
    if (held.mustHold()) {
      awaitDisk();
    } else {
      loop.stats().writes++;
      ctx.flush();
    }
    countMemory();
  }

  private void countMemory() {
    if (server.clientEviction().isOn()) {
      server.clientEviction().onChange(this);
    }
  }

  /** The event loop of the connection, with what its connections share. */
  public IoLoop loop() {
    return loop;
  }

  private void flushAndClose() {
    RespWriter out = loop.out();
    ChannelHandlerContext ctx = netty;
    if (ctx == null) {
      return;
    }
    server.tracking().beforeReplies();
    Departure.of(server, this);
    loop.stats().bytesOut += out.size();
    ByteBuf last = out.size() == 0 ? Unpooled.EMPTY_BUFFER : out.drain(ctx.alloc());
    var _ = ctx.write(last).addListener(ChannelFutureListener.CLOSE);
    if (held.mustHold()) {
      awaitDisk();
    } else {
      ctx.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable() && stalled) {
      stalled = false;
      // Within a batch the batch itself goes on.
      if (!running) {
        eventLoop().execute(this::goOn);
      }
    }
  }

  /** Ends the waiting of a command: with its reply, or (null) by executing it again. */
  void resume(Suspension ended, Suspension.@Nullable Reply reply) {
    loop.deadlines().remove(ended);
    if (suspension != ended || closing) {
      return;
    }
    suspension = null;
    int requestBytes = memory.resumed();
    if (reply != null) {
      loop.beginBatch(session.resp3());
      dispatcher.completeSuspended(context, reply, loop.out());
      // It may have changed data since: by the hand of whom it waited for.
      held.ran(changedBefore);
      requests.consumedTo(requests.from() + requestBytes);
    }
    goOn();
  }

  private void goOn() {
    if (closing) {
      return;
    }
    // A late reply may have been the last one.
    if (!session.closeAfterReply()) {
      executePending();
    }
    finishBatch();
    if (mayRead()) {
      channel.config().setAutoRead(true);
    }
  }

  private void checkQueryBuffer() {
    int bytes = requests.size();
    if (bytes > loop.stats().queryBufferPeakBytes) {
      loop.stats().queryBufferPeakBytes = bytes;
    }
    // Where replies are not fetched, what waits is whole requests.
    if (!stalled && bytes > server.config().clientQueryBufferLimit.get()) {
      LOG.warn("Closing client that reached max query buffer length: {}", session.peer().remote());
      close();
    }
  }

  private void checkOutputBuffer(long nowMs) {
    if (outputGuard.isOver(nowMs)) {
      close();
    }
    stalled |= !channel.isWritable() && loop.unread().isTooMuch();
  }

  /** Once a second. */
  void tick(long nowMs) {
    checkOutputBuffer(nowMs);
    long timeoutSeconds = server.config().timeout.get();
    if (timeoutSeconds > 0
        && suspension == null
        && !session.monitoring()
        && session.kind() == ClientKind.NORMAL
        && nowMs - session.lastInteractionMs() > timeoutSeconds * 1000) {
      LOG.debug("Closing idle client");
      close();
    }
  }

  private void close() {
    closing = true;
    server.clients().remove(this);
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
