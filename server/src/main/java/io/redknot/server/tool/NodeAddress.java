package io.redknot.server.tool;

/** Where a node's client port is. {@code host} is an address the other nodes can reach, too. */
record NodeAddress(String host, int port) {
  /** How much higher the bus port is unless it is configured. */
  static final int BUS_PORT_DISTANCE = 10_000;

  private static final int PORT_MAX = 65535;

  /**
   * Reads {@code host:port}; the last colon separates, so that IPv6 addresses work unbracketed.
   *
   * @throws UsageException if there is no host, or no port from 1 to 65535
   */
  static NodeAddress parse(String text) throws UsageException {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new UsageException("'" + text + "' is not host:port");
    }
    int port = UsageException.number("the port of " + text, text.substring(colon + 1), 1, PORT_MAX);
    return new NodeAddress(text.substring(0, colon), port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
