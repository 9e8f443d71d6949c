package io.redknot.cluster.wire;

/**
 * Where a node is reached. A port of 0 means there is none; an empty ip means it is unknown.
 *
 * @param ip text of the address, at most 45 characters
 * @param tcpPort client port without TLS
 * @param tlsPort client port with TLS
 * @param busPort port of the cluster bus
 */
public record NodeAddress(String ip, int tcpPort, int tlsPort, int busPort) {
  public static final NodeAddress UNKNOWN = new NodeAddress("", 0, 0, 0);

  /**
   * An address out of a message, which names the port of the bus's own kind first.
   *
   * @param tls whether the bus runs over TLS, so that {@code port} is the TLS port
   */
  public static NodeAddress ofWire(String ip, int port, int secondaryPort, int bus, boolean tls) {
    return tls
        ? new NodeAddress(ip, secondaryPort, port, bus)
        : new NodeAddress(ip, port, secondaryPort, bus);
  }

  /** The client port that goes first in a message. */
  public int wirePort(boolean tls) {
    return tls ? tlsPort : tcpPort;
  }

  /** The client port that goes second in a message. */
  public int wireSecondaryPort(boolean tls) {
    return tls ? tcpPort : tlsPort;
  }

  public NodeAddress withIp(String newIp) {
    return new NodeAddress(newIp, tcpPort, tlsPort, busPort);
  }

  public boolean isKnown() {
    return !ip.isEmpty() && busPort != 0;
  }
}
