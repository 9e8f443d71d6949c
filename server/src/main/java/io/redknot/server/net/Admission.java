package io.redknot.server.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import java.nio.charset.StandardCharsets;

/** Decides whether a new connection may stay; one that may not is told why and closed. */
final class Admission {
  private static final String TOO_MANY = "-ERR max number of clients reached\r\n";
  private static final String TOO_MANY_IN_CLUSTER =
      "-ERR max number of clients + cluster connections reached\r\n";
  private static final String PROTECTED =
      "-DENIED Redis is running in protected mode because protected mode is enabled "
          + "and no password is set for the default user. In this mode connections are only "
          + "accepted from the loopback interface. If you want to connect from external "
          + "computers to Redis you may adopt one of the following solutions: 1) Just "
          + "disable protected mode sending the command 'CONFIG SET protected-mode no' from "
          + "the loopback interface by connecting to Redis from the same host the server is "
          + "running, however MAKE SURE Redis is not publicly accessible from internet if "
          + "you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively "
          + "you can just disable the protected mode by editing the Redis configuration "
          + "file, and setting the protected mode option to 'no', and then restarting the "
          + "server. 3) If you started the server manually just for testing, restart it with "
          + "the '--protected-mode no' option. 4) Set up an authentication password for the "
          + "default user. NOTE: You only need to do one of the above things in order for "
          + "the server to start accepting connections from the outside.\r\n";

  private Admission() {}

  static boolean admit(Server server, IoLoop loop, ChannelHandlerContext ctx, PeerAddress peer) {
    ServerConfig config = server.config();
    if (config.protectedMode.get() && !peer.loopback() && config.requirepass.get().isEmpty()) {
      refuse(loop, ctx, PROTECTED);
      return false;
    }
    if (!server.clients().admit(config.maxclients.get())) {
      refuse(loop, ctx, config.clusterEnabled.get() ? TOO_MANY_IN_CLUSTER : TOO_MANY);
      return false;
    }
    return true;
  }

  private static void refuse(IoLoop loop, ChannelHandlerContext ctx, String reply) {
    loop.stats().connectionsRejected++;
    var _ =
        ctx.writeAndFlush(Unpooled.copiedBuffer(reply, StandardCharsets.US_ASCII))
            .addListener(ChannelFutureListener.CLOSE);
  }
}
