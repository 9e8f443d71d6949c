package io.redknot.server.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.redknot.server.Server;
import io.redknot.server.ServerFiles;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.Turn;
import io.redknot.server.persistence.CommitGate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loops and the sockets on which clients arrive. */
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /**
   * So much a client may always leave unread. With more it is not served until it falls below a
   * half, where all clients together leave too much unread.
   */
  static final int UNREAD_BYTES_MAX = 256 * 1024;

  private static final long TICK_MS = 1000;

  private final Server server;
  private final Transport transport;
  private final MultiThreadIoEventLoopGroup group;

  /** Has a thread of its own so that a client's event loop may wait for a socket to open. */
  private final MultiThreadIoEventLoopGroup acceptors;

  private final IdentityHashMap<EventLoop, IoLoop> loops = new IdentityHashMap<>();
  private final UnreadOutput unread = new UnreadOutput();

  @GuardedBy("this")
  private final List<Channel> sockets = new ArrayList<>();

  @GuardedBy("this")
  private @Nullable UnixSocket unixSocket;

  public Listener(Server server) {
    this.server = server;
    this.transport = Transport.of(server.config().redknotTransport.get());
    this.group =
        new MultiThreadIoEventLoopGroup(
            server.config().ioThreads.getInt(),
            new DefaultThreadFactory("io"),
            transport.handlerFactory());
    this.acceptors =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("accept"), transport.handlerFactory());
    for (EventExecutor executor : group) {
      EventLoop eventLoop = (EventLoop) executor;
      IoLoop loop =
          new IoLoop(
              eventLoop,
              server.clock(),
              server.stats().addLoop(),
              ByteBufAllocator.DEFAULT,
              unread);
      loops.put(eventLoop, loop);
      var _ = eventLoop.scheduleAtFixedRate(loop::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** The loops get to know when what their clients wait for is on disk; one alone sees to it. */
  public void waitAt(CommitGate gate) {
    loops.values().forEach(gate::add);
    if (loops.size() == 1) {
      gate.onlyLoop(anyIoLoop());
    }
  }

  /** How connections are made. */
  public Transport transport() {
    return transport;
  }

  /** As {@link #anyLoop}, with what its commands share. */
  public IoLoop anyIoLoop() {
    return Objects.requireNonNull(loops.get(group.next()));
  }

  /** An event loop for what the server does from time to time. */
  public EventLoop anyLoop() {
    return group.next();
  }

  /** Number of messages that were lost because too much was on its way to an event loop. */
  public long droppedMessages() {
    return loops.values().stream().mapToLong(IoLoop::droppedMessages).sum();
  }

  /** What the commands share that one of the event loops runs. */
  public Turn turnOf(EventLoop eventLoop) {
    IoLoop loop = loops.get(eventLoop);
    if (loop == null) {
      throw new IllegalStateException("unknown event loop");
    }
    return loop.turn();
  }

  /** Runs something once every event loop has ended what it is doing now. */
  public void afterAllLoops(Runnable then) {
    AtomicInteger left = new AtomicInteger(loops.size());
    for (EventLoop eventLoop : loops.keySet()) {
      eventLoop.execute(
          () -> {
            if (left.decrementAndGet() == 0) {
              then.run();
            }
          });
    }
  }

  /**
   * Opens the configured TCP addresses and the Unix socket.
   *
   * @throws IOException where an address that is not optional cannot be had, or none at all
   */
  public synchronized void open() throws IOException {
    ServerConfig config = server.config();
    openTcp();
    if (!config.unixsocket.get().isEmpty()) {
      openUnixSocket(config);
    }
    if (sockets.isEmpty() && unixSocket == null) {
      throw new IOException("Configured to not listen anywhere, exiting.");
    }
  }

  @GuardedBy("this")
  private void openUnixSocket(ServerConfig config) throws IOException {
    UnixSocket opened = new UnixSocket(ServerFiles.path(config, config.unixsocket.get()));
    ServerChannel channel =
        opened.open(transport, config.tcpBacklog.getInt(), config.unixsocketperm.getInt());
    ServerBootstrap unix = bootstrap(true).channelFactory(() -> channel);
    ChannelFuture registered = unix.register().awaitUninterruptibly();
    if (!registered.isSuccess()) {
      opened.close();
      throw new IOException("Failed opening Unix socket: " + registered.cause().getMessage());
    }
    unixSocket = opened;
  }

  /**
   * Opens the configured TCP addresses.
   *
   * @throws IOException where an address that is not optional cannot be had, or none at all
   */
  @GuardedBy("this")
  private void openTcp() throws IOException {
    ServerConfig config = server.config();
    List<String> words = config.bind.get().words();
    if (config.port.get() == 0 || words.isEmpty()) {
      return;
    }
    for (BindAddress address : BindAddress.parse(words, transport)) {
      bind(address, config.port.getInt());
    }
    if (sockets.isEmpty()) {
      throw new IOException("Failed listening on port " + config.port.get() + " (tcp), aborting.");
    }
  }

  /**
   * Listens on the TCP addresses that are configured now, in place of those it has listened on.
   *
   * @throws IOException as {@link #open}; none is listened on then
   */
  public synchronized void reopen() throws IOException {
    closeTcp();
    try {
      openTcp();
    } catch (IOException failure) {
      closeTcp();
      throw failure;
    }
  }

  @GuardedBy("this")
  private void bind(BindAddress address, int port) throws IOException {
    ServerBootstrap tcp =
        bootstrap(false)
            .option(ChannelOption.SO_BACKLOG, server.config().tcpBacklog.getInt())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    ChannelFuture bound = address.bind(tcp, transport, port);
    if (bound.isSuccess()) {
      sockets.add(bound.channel());
      return;
    }
    String text =
        "Could not create server TCP listening socket "
            + address.text()
            + ":"
            + port
            + ": "
            + BindAddress.reason(bound.cause());
    if (address.optional() && !BindAddress.inUse(bound.cause())) {
      LOG.debug("{}", text);
      return;
    }
    LOG.warn("Warning: {}", text);
    throw new IOException("Failed listening on port " + port + " (tcp), aborting.");
  }

  private ServerBootstrap bootstrap(boolean unix) {
    return new ServerBootstrap()
        .group(acceptors, group)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(UNREAD_BYTES_MAX / 2, UNREAD_BYTES_MAX))
        .childHandler(new Initializer(unix));
  }

  /** The port of the first socket; 0 where there is none. */
  public synchronized int boundPort() {
    if (sockets.isEmpty()) {
      return 0;
    }
    SocketAddress address = sockets.getFirst().localAddress();
    return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  /** Closes the sockets on which clients arrive; those connected stay. */
  private synchronized void closeSockets() {
    closeTcp();
    UnixSocket open = unixSocket;
    if (open != null) {
      open.close();
      unixSocket = null;
    }
  }

  @GuardedBy("this")
  private void closeTcp() {
    for (Channel socket : sockets) {
      socket.close().awaitUninterruptibly();
    }
    sockets.clear();
  }

  /** Closes all connections and ends the event loops. */
  public void close() {
    closeSockets();
    acceptors.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    for (IoLoop loop : loops.values()) {
      loop.releaseBuffers();
    }
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    private final boolean unix;

    Initializer(boolean unix) {
      this.unix = unix;
    }

    @Override
    protected void initChannel(Channel channel) {
      IoLoop loop = loops.get(channel.eventLoop());
      if (loop == null) {
        throw new IllegalStateException("unknown event loop");
      }
      if (unix || !server.security().secure(channel, ChannelSecurity.Purpose.CLIENT)) {
        // Others than the handler of a connection keep what they have read.
        channel.config().setRecvByteBufAllocator(loop.receiveBuffer());
      }
      PeerAddress peer = unix ? unixPeer(channel) : tcpPeer(channel);
      channel.pipeline().addLast(new ConnectionHandler(server, loop, channel, peer));
    }

    private PeerAddress unixPeer(Channel channel) {
      return PeerAddress.unix(server.config().unixsocket.get(), Transport.descriptor(channel));
    }

    private PeerAddress tcpPeer(Channel channel) {
      int keepAliveSeconds = server.config().tcpKeepalive.getInt();
      if (keepAliveSeconds > 0) {
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        transport.keepAlive(channel, keepAliveSeconds);
      }
      return PeerAddress.tcp(
          channel.remoteAddress(), channel.localAddress(), Transport.descriptor(channel));
    }
  }
}
