package io.redknot.server.persistence;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.server.replication.RecordedStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of DEBUG by which test suites turn checks and clockworks off. */
class DebugSubcommandsTest {
  private static final String OK = "+OK\r\n";
  private static final String BAD_PAYLOAD = "-ERR DUMP payload version or checksum are wrong\r\n";

  private @TempDir Path directory;
  private RunningServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = RunningServer.start("--dir", directory.toString(), "--enable-debug-command", "yes");
    client = server.connect();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void replicasAreGivenCommandsThatAreNotCarriedOut() {
    RecordedStream file = new RecordedStream();
    RecordedStream replica = new RecordedStream(true);
    client.ask("SET", "a", "1");
    server.server().propagator().attach(file);
    server.server().propagator().attach(replica);
    assertEquals(OK, client.ask("DEBUG", "REPLICATE", "DEL", "a"));
    assertEquals(":1\r\n", client.ask("EXISTS", "a"));
    assertEquals(List.of(), file.take());
    assertEquals(List.of("0:DEL a"), replica.take());
  }

  @Test
  void checksumOfPayloadIsPassedOverWhereThatIsWanted() {
    String payload = "\0\3abc\12\0" + "12345678";
    assertEquals(BAD_PAYLOAD, client.ask("RESTORE", "a", "0", payload));
    assertEquals(OK, client.ask("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", "1"));
    assertEquals(OK, client.ask("RESTORE", "a", "0", payload));
    assertEquals("$3\r\nabc\r\n", client.ask("GET", "a"));
    assertEquals(OK, client.ask("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", "0"));
    assertEquals(BAD_PAYLOAD, client.ask("RESTORE", "b", "0", payload));
  }

  @Test
  void checksumOfFileIsPassedOverWhereThatIsWanted() throws IOException {
    client.ask("SET", "a", "before");
    client.ask("SAVE");
    Path file = directory.resolve("dump.rdb");
    String saved = Files.readString(file, ISO_8859_1);
    Files.writeString(file, saved.replace("before", "behind"), ISO_8859_1);
    assertTrue(client.ask("DEBUG", "RELOAD", "NOSAVE").startsWith("-ERR"));
    client.ask("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", "1");
    assertEquals(OK, client.ask("DEBUG", "RELOAD", "NOSAVE"));
    assertEquals("$6\r\nbehind\r\n", client.ask("GET", "a"));
  }

  @Test
  void nothingExpiresUnaskedWhileTheCronIsPaused() {
    assertEquals(OK, client.ask("DEBUG", "PAUSE-CRON", "1"));
    client.ask("SET", "a", "1", "PX", "1");
    long periods = server.server().clock().nowMs() + 250;
    while (server.server().clock().nowMs() < periods) {
      assertEquals(":1\r\n", client.ask("DBSIZE"));
    }
    assertEquals(OK, client.ask("DEBUG", "PAUSE-CRON", "0"));
    Eventually.await("an empty database", () -> client.ask("DBSIZE").equals(":0\r\n"));
  }
}
