package io.redknot.server.differential;

import io.redknot.server.net.RunningServer;

/** A Redknot server inside the test's process. */
final class RedknotNode implements AutoCloseable {
  private final RunningServer server;

  RedknotNode(long protoMaxBulkLen) {
    server = RunningServer.start("--proto-max-bulk-len", Long.toString(protoMaxBulkLen));
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
  }
}
