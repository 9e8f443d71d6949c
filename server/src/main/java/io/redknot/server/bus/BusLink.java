package io.redknot.server.bus;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.redknot.cluster.wire.BusDecoder;
import io.redknot.cluster.wire.BusDecoder.Decoded;
import io.redknot.cluster.wire.IpText;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One connection of the bus: cuts messages out of its bytes and hands them to the loop.
 *
 * <p>Bytes are kept only as far as they have arrived, so that a length that a peer claims costs
 * nothing.
 */
final class BusLink extends ChannelInboundHandlerAdapter {
  private static final int KEPT_BYTES = 8 * 1024;

  private final ClusterLoop loop;
  private final BusDecoder decoder;
  private final Channel channel;
  private long id = -1;
  private byte[] bytes = new byte[KEPT_BYTES];
  private int end;

  BusLink(ClusterLoop loop, Channel channel, BusDecoder decoder) {
    this.loop = loop;
    this.channel = channel;
    this.decoder = decoder;
  }

  /** The core's number for this link. */
  void id(long value) {
    id = value;
  }

  long id() {
    return id;
  }

  void close() {
    var _ = channel.close();
  }

  /** Queues a message; a link that is not open drops it, as the bus never promises delivery. */
  void send(byte[] message) {
    if (channel.isActive()) {
      var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(message));
    }
  }

  /** The local end's address. */
  String localIp() {
    return ip((InetSocketAddress) channel.localAddress());
  }

  /** The peer's address. */
  String peerIp() {
    return ip((InetSocketAddress) channel.remoteAddress());
  }

  private static String ip(InetSocketAddress address) {
    return IpText.of(address.getAddress());
  }

  /** Bytes given to the channel and not yet taken by the socket. */
  long sendBufferBytes() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    loop.opened(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loop.closed(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    int length = in.readableBytes();
    if (bytes.length - end < length) {
      bytes = Arrays.copyOf(bytes, Math.max(end + length, Math.min(bytes.length * 2, 1 << 30)));
    }
    in.readBytes(bytes, end, length);
    in.release();
    end += length;
    decodeAll();
  }

  private void decodeAll() {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, end);
    boolean more = true;
    while (more && channel.isActive()) {
      more =
          switch (decoder.decode(buffer)) {
            case Decoded.NeedMore _ -> false;
            case Decoded.Message found -> {
              loop.received(this, found.message());
              yield true;
            }
            case Decoded.Ignored ignored -> {
              loop.ignored(this, ignored);
              yield true;
            }
            case Decoded.Corrupt corrupt -> {
              loop.corrupt(this, corrupt.reason());
              yield false;
            }
          };
    }
    keep(buffer.position());
  }

  private void keep(int from) {
    int rest = end - from;
    if (rest == 0 && bytes.length > KEPT_BYTES) {
      bytes = new byte[KEPT_BYTES];
    } else {
      System.arraycopy(bytes, from, bytes, 0, rest);
    }
    end = rest;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.failed(this, cause);
    close();
  }
}
