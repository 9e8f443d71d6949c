package io.redknot.server.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Both ends of a connection as the texts that CLIENT LIST shows.
 *
 * @param remote {@code ip:port}, {@code [ip6]:port}, or {@code path:0} for a Unix socket
 * @param local the same for this end
 * @param loopback whether the client is on this machine
 * @param unix whether it is a Unix socket
 * @param descriptor number of the socket's file descriptor, -1 where it is not known
 */
public record PeerAddress(
    String remote, String local, boolean loopback, boolean unix, int descriptor) {

  /** The other side's address, without its port. */
  public String remoteHost() {
    int colon = remote.lastIndexOf(':');
    String host = colon < 0 ? remote : remote.substring(0, colon);
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** From the addresses that a TCP channel has. */
  public static PeerAddress tcp(
      @Nullable SocketAddress remote, @Nullable SocketAddress local, int descriptor) {
    boolean loopback =
        remote instanceof InetSocketAddress inet
            && inet.getAddress() != null
            && inet.getAddress().isLoopbackAddress();
    return new PeerAddress(text(remote), text(local), loopback, false, descriptor);
  }

  /** Of a Unix socket at a path. */
  static PeerAddress unix(String path, int descriptor) {
    return new PeerAddress(path + ":0", path + ":0", true, true, descriptor);
  }

  private static String text(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return "?:0";
    }
    InetAddress ip = inet.getAddress();
    if (ip == null) {
      return inet.getHostString() + ":" + inet.getPort();
    }
    String host = NetUtil.toAddressString(ip);
    return host.indexOf(':') >= 0
        ? "[" + host + "]:" + inet.getPort()
        : host + ":" + inet.getPort();
  }
}
