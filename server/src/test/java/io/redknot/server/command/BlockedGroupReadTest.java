package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a waiting XREADGROUP is told when its group is gone; as since Redis 7.2. */
class BlockedGroupReadTest {
  private static final String NO_GROUP =
      "-NOGROUP No such key 'x' or consumer group 'g' in XREADGROUP with GROUP option\r\n";

  private RunningServer server;
  private RawClient reader;
  private RawClient client;

  @BeforeEach
  void start() {
    server = RunningServer.start();
    reader = server.connect();
    client = server.connect();
    waitForEntry();
  }

  private void waitForEntry() {
    client.ask("XGROUP", "CREATE", "x", "g", "$", "MKSTREAM");
    reader.command("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "x", ">");
    Eventually.await(
        "a blocked client", () -> client.askText("INFO", "clients").contains("blocked_clients:1"));
  }

  @AfterEach
  void stop() {
    reader.close();
    client.close();
    server.close();
  }

  @Test
  void removedKeyEndsTheWaiting() {
    client.ask("DEL", "x");
    assertEquals(NO_GROUP, reader.reply());
  }

  @Test
  void removedGroupEndsTheWaiting() {
    client.ask("XGROUP", "DESTROY", "x", "g");
    assertEquals(NO_GROUP, reader.reply());
  }

  @Test
  void flushEndsTheWaiting() {
    client.ask("FLUSHALL");
    assertEquals(NO_GROUP, reader.reply());
  }

  @Test
  void exchangedDatabaseEndsTheWaiting() {
    client.ask("SWAPDB", "0", "1");
    assertEquals(NO_GROUP, reader.reply());
  }

  @Test
  void expiryEndsTheWaitingWithoutAnyCommand() {
    client.ask("PEXPIRE", "x", "1");
    assertEquals(NO_GROUP, reader.reply());
  }

  @Test
  void keyOfAnotherTypeEndsTheWaiting() {
    client.ask("SET", "x", "1");
    assertTrue(reader.reply().startsWith("-WRONGTYPE "));
  }

  @Test
  void streamThatTakesTheNameIsRead() {
    client.ask("XGROUP", "CREATE", "y", "g", "0", "MKSTREAM");
    client.ask("XADD", "y", "1-1", "f", "v");
    client.ask("RENAME", "y", "x");
    assertTrue(reader.reply().contains("\r\n1-1\r\n"));
  }

  @Test
  void otherChangesOfTheGroupDoNot() {
    client.ask("XGROUP", "CREATECONSUMER", "x", "g", "d");
    client.ask("XGROUP", "DESTROY", "x", "other");
    client.ask("XADD", "x", "1-1", "f", "v");
    assertTrue(reader.reply().contains("\r\n1-1\r\n"));
  }
}
