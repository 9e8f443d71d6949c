package io.redknot.server.migration;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Clock;
import io.redknot.server.net.ChannelSecurity;
import io.redknot.server.net.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one event loop to servers that take keys. One that is not needed any more is kept
 * for a while, since a slot is moved by many calls of MIGRATE.
 *
 * <p>Each loop has its own, so that a call of MIGRATE, the connection to the other server and what
 * waits for its replies are of one thread: to wake another one up takes as long as moving some
 * keys.
 *
 * <p>Thread: the event loop.
 */
public final class MigrationTargets {
  /** So many connections wait for the next use. */
  private static final int KEPT_MAX = 64;

  /** And so long. */
  private static final long KEPT_MS = 10_000;

  private static final int PORT_MAX = 0xffff;

  /** A connection that waits, since when, and for whom. */
  private record Kept(TargetConnection connection, long sinceMs, String target) {}

  private final EventLoop loop;
  private final Transport transport;
  private final ChannelSecurity security;
  private final Clock clock;
  private final Map<String, Deque<Kept>> kept = new HashMap<>();
  private final AtomicInteger keptCount = new AtomicInteger();
  private final RespWriter requests = new RespWriter();
  private boolean expires;

  public MigrationTargets(
      EventLoop loop, Transport transport, ChannelSecurity security, Clock clock) {
    this.loop = loop;
    this.transport = transport;
    this.security = security;
    this.clock = clock;
  }

  EventLoop loop() {
    return loop;
  }

  /** An empty writer for requests; whoever asks for it takes what it has written before it ends. */
  RespWriter requests() {
    requests.clear();
    return requests;
  }

  /** Number of connections that wait for their next use. Any thread. */
  public int keptCount() {
    return keptCount.get();
  }

  /** A connection that was used before; null where there is none. */
  @Nullable TargetConnection takeKept(String target) {
    Deque<Kept> of = kept.get(target);
    while (of != null && !of.isEmpty()) {
      keptCount.decrementAndGet();
      TargetConnection connection = of.removeLast().connection;
      if (connection.channel().isActive()) {
        return connection;
      }
    }
    return null;
  }

  /** Gives a connection back whose exchange has ended. */
  void keep(String target, TargetConnection connection) {
    if (keptCount.get() >= KEPT_MAX || !connection.channel().isActive()) {
      var _ = connection.channel().close();
      return;
    }
    keptCount.incrementAndGet();
    kept.computeIfAbsent(target, _ -> new ArrayDeque<>())
        .addLast(new Kept(connection, clock.nowMs(), target));
    if (!expires) {
      expires = true;
      expireLater();
    }
  }

  private void expireLater() {
    var _ = loop.schedule(this::expire, KEPT_MS / 2, TimeUnit.MILLISECONDS);
  }

  private void expire() {
    long before = clock.nowMs() - KEPT_MS;
    for (Deque<Kept> of : kept.values()) {
      while (!of.isEmpty() && of.getFirst().sinceMs < before) {
        keptCount.decrementAndGet();
        var _ = of.removeFirst().connection.channel().close();
      }
    }
    kept.values().removeIf(Deque::isEmpty);
    expires = !kept.isEmpty();
    if (expires) {
      expireLater();
    }
  }

  /**
   * Makes a connection; null tells that there is none to be had within the time.
   *
   * @param orUnknown runs instead where nobody has that name
   */
  void connect(
      MigrationRequest request, Consumer<@Nullable TargetConnection> then, Runnable orUnknown) {
    int port = port(request.port());
    if (port < 0) {
      then.accept(null);
      return;
    }
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(request.host());
    if (literal != null) {
      connect(address(request.host(), literal), port, request.timeoutMs(), then);
      return;
    }
    // Looking a name up may take long, and blocks.
    Thread.ofVirtual()
        .start(
            () -> {
              InetAddress found = lookUp(request.host());
              loop.execute(
                  () -> {
                    if (found == null) {
                      orUnknown.run();
                    } else {
                      connect(found, port, request.timeoutMs(), then);
                    }
                  });
            });
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port > 0 && port <= PORT_MAX ? port : -1;
    } catch (NumberFormatException none) {
      return -1;
    }
  }

  private static InetAddress address(String host, byte[] literal) {
    try {
      return InetAddress.getByAddress(host, literal);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static @Nullable InetAddress lookUp(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException unknown) {
      return null;
    }
  }

  private void connect(
      InetAddress address, int port, long timeoutMs, Consumer<@Nullable TargetConnection> then) {
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channelFactory(transport::newChannel)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(timeoutMs, 1 << 30))
            .handler(new Greeter())
            .connect(new InetSocketAddress(address, port));
    connecting.addListener(
        (ChannelFutureListener)
            done ->
                then.accept(
                    done.isSuccess()
                        ? done.channel().pipeline().get(TargetConnection.class)
                        : null));
  }

  /** Gives a new channel its handler. */
  private final class Greeter extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      security.secure(channel, ChannelSecurity.Purpose.MIGRATION);
      channel.pipeline().addLast(new TargetConnection(channel));
    }
  }
}
