package io.redknot.server.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.redknot.server.config.Choices;
import java.security.SecureRandom;

/** The two ways to do I/O: Linux's epoll through native code, or what every JVM has. */
public enum Transport {
  EPOLL,
  NIO;

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

  /** A channel that accepts. */
  public ServerChannel newServerChannel() {
    return this == EPOLL ? new EpollServerSocketChannel() : new NioServerSocketChannel();
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
