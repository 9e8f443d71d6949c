package io.redknot.server.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.redknot.server.config.Choices;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The two ways to do I/O: Linux's epoll through native code, or what every JVM has. */
public enum Transport {
  EPOLL,
  NIO;

  /** The numbers are those of Linux, where alone there is epoll. */
  private static final ChannelOption<Integer> IPV6_ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  /** What is done to a socket's file before anybody can connect to it. */
  interface BeforeListening {
    void run() throws IOException;
  }

  /**
   * Has a thread of its own load what every start needs and what takes long: the native library,
   * the buffers, the source of random numbers. Whoever needs them waits for it, or finds them
   * there.
   */
  public static void loadAhead() {
    Thread loader =
        new Thread(
            () -> {
              var _ = Epoll.isAvailable();
              var _ = ByteBufAllocator.DEFAULT;
              var _ = new SecureRandom().nextBoolean();
            },
            "redknot-load-ahead");
    loader.setDaemon(true);
    loader.start();
  }

  /** By {@code redknot-transport}; {@code auto} takes the best there is. */
  public static Transport of(Choices.Transport choice) {
    return switch (choice) {
      case NIO -> NIO;
      case EPOLL -> {
        Epoll.ensureAvailability();
        yield EPOLL;
      }
      case AUTO -> Epoll.isAvailable() ? EPOLL : NIO;
    };
  }

  /** What makes event loops of this kind. */
  public IoHandlerFactory handlerFactory() {
    return this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  /**
   * Has a server listen on a TCP address. A socket of IPv6 leaves IPv4 to another one, if {@link
   * #keepsFamiliesApart}.
   */
  public ChannelFuture bind(ServerBootstrap server, InetSocketAddress address) {
    if (this == NIO) {
      return server.channelFactory(NioServerSocketChannel::new).bind(address);
    }
    boolean ipv6 = address.getAddress() instanceof Inet6Address;
    SocketProtocolFamily family = ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
    server.channelFactory(() -> new EpollServerSocketChannel(family));
    return (ipv6 ? server.option(IPV6_ONLY, 1) : server).bind(address);
  }

  /** Whether all addresses of IPv4 and all of IPv6 may have a socket each on one port. */
  public boolean keepsFamiliesApart() {
    return this == EPOLL;
  }

  /**
   * A channel that listens on a Unix domain socket.
   *
   * @param path where there is nothing yet
   * @param before with epoll it has run before anybody can connect; otherwise soon after that
   */
  ServerChannel listenAt(Path path, int backlog, BeforeListening before) throws IOException {
    return this == EPOLL
        ? epollListenAt(path, backlog, before)
        : nioListenAt(path, backlog, before);
  }

  private static ServerChannel epollListenAt(Path path, int backlog, BeforeListening before)
      throws IOException {
    Socket socket = Socket.newSocketDomain();
    try {
      socket.bind(new DomainSocketAddress(path.toString()));
      before.run();
      socket.listen(backlog);
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
    return new EpollServerDomainSocketChannel(socket.intValue(), true);
  }

  private static ServerChannel nioListenAt(Path path, int backlog, BeforeListening before)
      throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      socket.bind(UnixDomainSocketAddress.of(path), backlog);
      before.run();
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
    return new NioServerDomainSocketChannel(socket);
  }

  /** A channel that connects. */
  public Channel newChannel() {
    return this == EPOLL ? new EpollSocketChannel() : new NioSocketChannel();
  }

  /** Has the kernel probe a silent peer, with Redis's spacing. */
  void keepAlive(Channel channel, int seconds) {
    if (this == EPOLL) {
      channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, seconds);
      channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, Math.max(1, seconds / 3));
      channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, 3);
    }
  }

  /** Number of the channel's file descriptor, -1 where the JVM hides it. */
  static int descriptor(Channel channel) {
    return channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
  }
}
