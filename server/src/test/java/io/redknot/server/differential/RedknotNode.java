package io.redknot.server.differential;

import io.redknot.server.Server;
import io.redknot.server.ServerSettings;
import io.redknot.server.SystemClock;
import java.io.IOException;
import java.util.List;

/** A Redknot server inside the test's process. */
final class RedknotNode implements AutoCloseable {
  private final Server server;
  private final int port;

  RedknotNode(long protoMaxBulkLen) throws IOException {
    port = FreePort.find();
    server = new Server(new Settings(port, protoMaxBulkLen), new SystemClock());
    server.start();
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    server.stop();
  }

  private record Settings(int port, long protoMaxBulkLen) implements ServerSettings {
    @Override
    public List<String> bind() {
      return List.of("127.0.0.1");
    }
  }
}
