package io.redknot.server;

import io.redknot.cluster.store.NodesConfException;
import java.io.IOException;

/** The program: {@code redknot-server [--port N]}. */
public final class Main {
  private Main() {}

  /** Runs the server until it is told to stop. */
  public static void main(String[] args) throws InterruptedException, IOException {
    int port = args.length == 2 ? Integer.parseInt(args[1]) : 6379;
    Server server =
        new Server(
            new ServerSettings() {
              @Override
              public int port() {
                return port;
              }
            },
            new SystemClock());
    try {
      server.start();
    } catch (IOException | NodesConfException failure) {
      System.err.println(failure.getMessage());
      System.exit(1);
    }
    server.awaitStopRequest();
    server.stop();
    System.exit(0);
  }
}
