package io.redknot.server.differential;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a test runs that has to say the same of both. */
enum ServerKind {
  REDIS {
    @Override
    ReplicaPrimary start(Path directory, String... options) throws IOException {
      ReferenceServer server =
          new ReferenceServer(
              Files.createDirectories(directory), RdbExchangeTest.with(withoutDelay(options)));
      return new Running(server.port(), server);
    }
  },
  REDKNOT {
    @Override
    ReplicaPrimary start(Path directory, String... options) throws IOException {
      List<String> all =
          new ArrayList<>(List.of("--dir", Files.createDirectories(directory).toString()));
      all.addAll(List.of(withoutDelay(options)));
      RunningServer server = RunningServer.start(all.toArray(String[]::new));
      return new Running(server.port(), server);
    }
  };

  private record Running(int port, AutoCloseable server) implements ReplicaPrimary {
    @Override
    public void close() throws IOException {
      try {
        server.close();
      } catch (IOException | RuntimeException failure) {
        throw failure;
      } catch (Exception failure) {
        throw new IOException(failure);
      }
    }
  }

  /** A started server with a folder of its own. */
  abstract ReplicaPrimary start(Path directory, String... options) throws IOException;

  private static String[] withoutDelay(String... options) {
    List<String> all = new ArrayList<>(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return all.toArray(String[]::new);
  }
}
