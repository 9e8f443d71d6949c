package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MonitorTest {
  private static final String OK = "+OK\r\n";
  private static final String BARRED = "-ERR Replica can't interact with the keyspace\r\n";

  private RunningServer server;
  private RawClient watcher;
  private RawClient client;

  @BeforeEach
  void start() {
    server = RunningServer.start("--io-threads", "2");
    watcher = server.connect();
    client = server.connect();
    assertEquals(OK, watcher.ask("MONITOR"));
  }

  @AfterEach
  void stop() {
    watcher.close();
    client.close();
    server.close();
  }

  /** The next line that the watcher gets, without time and port. */
  private String seen() {
    String line = watcher.line();
    assertTrue(line.matches("(?s)\\+\\d{10}\\.\\d{6} \\[\\d+ 127\\.0\\.0\\.1:\\d+] .*"), line);
    return line.replaceFirst("(?s)^\\+[0-9.]+ ", "").replaceFirst(":\\d+]", "]");
  }

  @Test
  void commandsAreShownInTheirOrderAndAsTheyWereTyped() {
    client.ask("SELECT", "3");
    client.ask("Set", "k", "a\"\\\n\r\t\b\u0007\u0001\u00ff ~");
    assertEquals("[3 127.0.0.1] \"SELECT\" \"3\"", seen());
    assertEquals("[3 127.0.0.1] \"Set\" \"k\" \"a\\\"\\\\\\n\\r\\t\\b\\a\\x01\\xff ~\"", seen());
  }

  @Test
  void secretsAdministrationAndRefusedCommandsAreNotShown() {
    client.ask("CONFIG", "GET", "port");
    client.ask("NOSUCH");
    client.ask("GET");
    client.ask("AUTH", "secret");
    client.ask("HELLO", "3", "AUTH", "me", "secret");
    client.ask("PING");
    assertEquals("[0 127.0.0.1] \"AUTH\" \"(redacted)\"", seen());
    assertEquals("[0 127.0.0.1] \"HELLO\" \"3\" \"AUTH\" \"(redacted)\" \"(redacted)\"", seen());
    assertEquals("[0 127.0.0.1] \"PING\"", seen());
  }

  @Test
  void aWatcherSeesItsOwnCommandsAfterTheirRepliesButMayNotUseKeys() {
    watcher.command("MONITOR");
    assertEquals(BARRED, watcher.ask("GET", "k"));
    assertEquals(BARRED, watcher.ask("SET", "k", "v"));
    assertEquals("+PONG\r\n", watcher.ask("PING"));
    assertEquals("[0 127.0.0.1] \"PING\"", seen());
    assertTrue(watcher.ask("CLIENT", "INFO").contains(" flags=O "));
  }

  @Test
  void commandsOfATransactionAreShownWhenTheyRunAndExecBehindThem() {
    client.ask("MULTI");
    client.ask("SET", "k", "1");
    client.ask("SELECT", "2");
    client.ask("MONITOR");
    client.ask("PING");
    assertEquals("[0 127.0.0.1] \"MULTI\"", seen());
    String replies = client.ask("EXEC");
    assertTrue(replies.contains("-ERR MONITOR isn't allowed for DENY BLOCKING client"), replies);
    assertEquals("[0 127.0.0.1] \"SET\" \"k\" \"1\"", seen());
    assertEquals("[2 127.0.0.1] \"SELECT\" \"2\"", seen());
    assertEquals("[2 127.0.0.1] \"PING\"", seen());
    assertEquals("[2 127.0.0.1] \"EXEC\"", seen());
  }

  @Test
  void resetEndsTheWatching() {
    assertEquals("+RESET\r\n", watcher.ask("RESET"));
    client.ask("PING");
    assertEquals("$-1\r\n", watcher.ask("GET", "k"));
    assertFalse(watcher.ask("CLIENT", "INFO").contains(" flags=O "));
    assertEquals(OK, watcher.ask("MONITOR"));
    client.ask("ECHO", "x");
    assertEquals("[0 127.0.0.1] \"ECHO\" \"x\"", seen());
  }
}
