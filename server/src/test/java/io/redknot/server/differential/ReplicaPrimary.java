package io.redknot.server.differential;

import java.io.IOException;

/** A server of either kind, in whichever role. */
interface ReplicaPrimary extends AutoCloseable {
  int port();

  @Override
  void close() throws IOException;
}
