package io.redknot.server.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Connections of this node to others, from the address that {@code bind-source-addr} names. */
public final class Outgoing {
  private Outgoing() {}

  /**
   * Connects; where the source is no address of this host, from any that is.
   *
   * @param source an address; empty: any
   * @param onFailure takes why there is no connection, on the event loop
   */
  public static void connect(
      Bootstrap bootstrap, InetSocketAddress to, String source, Consumer<Throwable> onFailure) {
    if (source.isEmpty()) {
      connect(bootstrap.connect(to), onFailure);
      return;
    }
    // Step by step, so that it is known which of them failed.
    ChannelFuture made = bootstrap.register();
    Channel channel = made.channel();
    whenDone(made, () -> bind(bootstrap, channel, to, source, onFailure), onFailure);
  }

  private static void bind(
      Bootstrap bootstrap,
      Channel channel,
      InetSocketAddress to,
      String source,
      Consumer<Throwable> onFailure) {
    whenDone(
        channel.bind(new InetSocketAddress(source, 0)),
        () -> {
          ChannelFuture connected = channel.connect(to);
          connect(connected.addListener(ChannelFutureListener.CLOSE_ON_FAILURE), onFailure);
        },
        notOurs -> {
          var _ = channel.close();
          connect(bootstrap.connect(to), onFailure);
        });
  }

  private static void connect(ChannelFuture begun, Consumer<Throwable> onFailure) {
    whenDone(begun, () -> {}, onFailure);
  }

  private static void whenDone(
      ChannelFuture begun, Runnable onSuccess, Consumer<Throwable> onFailure) {
    var _ =
        begun.addListener(
            done -> {
              if (done.isSuccess()) {
                onSuccess.run();
              } else {
                onFailure.accept(done.cause());
              }
            });
  }
}
