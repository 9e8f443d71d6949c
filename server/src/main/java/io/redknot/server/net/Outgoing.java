package io.redknot.server.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
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
    connect(
        bootstrap.connect(to, new InetSocketAddress(source, 0)),
        cause -> {
          if (isOfSource(cause)) {
            connect(bootstrap.connect(to), onFailure);
          } else {
            onFailure.accept(cause);
          }
        });
  }

  private static void connect(ChannelFuture begun, Consumer<Throwable> onFailure) {
    var _ =
        begun.addListener(
            done -> {
              if (!done.isSuccess()) {
                onFailure.accept(done.cause());
              }
            });
  }

  private static boolean isOfSource(Throwable cause) {
    return cause instanceof BindException
        || cause instanceof UnresolvedAddressException
        || String.valueOf(cause.getMessage()).startsWith("bind");
  }
}
