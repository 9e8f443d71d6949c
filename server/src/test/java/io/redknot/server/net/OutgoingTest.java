package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The address from which a node connects to others. */
class OutgoingTest {
  private @TempDir Path directory;

  /** What its primary shows of a replica that connects from there. */
  private String shown(String source) throws IOException {
    String folder = Files.createDirectories(directory.resolve("replica")).toString();
    try (RunningServer primary = RunningServer.start("--repl-diskless-sync-delay", "0");
        RawClient client = primary.connect();
        RunningServer _ =
            RunningServer.start(
                "--dir",
                folder,
                "--bind-source-addr",
                source,
                "--replicaof",
                "127.0.0.1 " + primary.port())) {
      Eventually.await(
          "it is online", () -> client.askText("INFO", "replication").contains("state=online"));
      return client.askText("INFO", "replication");
    }
  }

  @Test
  void replicaConnectsFromTheAddressThatIsNamed() throws IOException {
    String shown = shown("127.0.0.7");
    assertTrue(shown.contains("slave0:ip=127.0.0.7,"), shown);
  }

  @Test
  void addressOfAnotherHostIsPassedOver() throws IOException {
    String shown = shown("203.0.113.9");
    assertTrue(shown.contains("slave0:ip=127.0.0.1,"), shown);
  }
}
