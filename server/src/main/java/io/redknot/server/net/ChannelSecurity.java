package io.redknot.server.net;

import io.netty.channel.Channel;

/**
 * What stands between the sockets of this node and who speaks on them: the place of encryption. All
 * TCP connections pass here before they are used, whoever has opened them.
 */
@FunctionalInterface
public interface ChannelSecurity {
  /** What a connection is for, and who has opened it. */
  enum Purpose {
    /** A client has, or a replica: they come to the same port. */
    CLIENT,
    /** This node, to follow its primary. */
    PRIMARY,
    /** Another node of the cluster, on the bus port. */
    BUS_ACCEPTED,
    /** This node, to another node's bus port. */
    BUS_CONNECTED,
    /** This node, to who takes keys that are moved. */
    MIGRATION
  }

  /** Bytes go over the network as they are. */
  ChannelSecurity NONE = (channel, purpose) -> false;

  /**
   * Puts handlers at the end of a pipeline in which nothing stands yet that reads or writes. They
   * hold {@code channelActive} back until both ends have agreed, and keep what is written until
   * then; what they hand on are buffers of whole or partial messages, as a socket does. On the
   * channel's event loop.
   *
   * @return whether there are any
   */
  boolean secure(Channel channel, Purpose purpose);
}
