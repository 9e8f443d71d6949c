package io.redknot.cluster;

import io.redknot.cluster.wire.BusMessage;

/** What the driver has to do with a connection of the bus. */
public sealed interface LinkAction {
  long linkId();

  /** Open a connection; report it with {@code onLinkUp} or {@code onNotConnected}. */
  record Connect(long linkId, String ip, int port) implements LinkAction {}

  /** Close a connection, with no report back. */
  record Close(long linkId) implements LinkAction {}

  /** Queue a message. */
  record Send(long linkId, BusMessage message) implements LinkAction {}
}
