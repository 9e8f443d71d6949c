package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RESTORE of payloads so large that they are read aside. */
class LargeRestoreTest {
  private static final int ELEMENTS = 60_000;
  private static final int BATCH = 1000;

  private RunningServer server;
  private RawClient client;
  private String payload;

  @BeforeEach
  void start() {
    server = RunningServer.start();
    client = server.connect();
    for (int i = 0; i < ELEMENTS; i += BATCH) {
      List<String> words = new ArrayList<>(List.of("zadd", "large"));
      for (int k = i; k < i + BATCH; k++) {
        words.addAll(List.of(Integer.toString(k), "the member of number " + k));
      }
      assertEquals(":" + BATCH + "\r\n", client.ask(words.toArray(String[]::new)));
    }
    payload = client.askText("dump", "large");
    assertTrue(payload.length() > 1024 * 1024);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void theKeyHasAllElementsInOrder() {
    assertEquals("+OK\r\n", client.ask("restore", "copy", "0", payload));
    assertEquals(":" + ELEMENTS + "\r\n", client.ask("zcard", "copy"));
    assertEquals(
        client.ask("zrange", "large", "0", "-1", "withscores"),
        client.ask("zrange", "copy", "0", "-1", "withscores"));
    assertEquals(":59999\r\n", client.ask("zrank", "copy", "the member of number 59999"));
    assertEquals(":-1\r\n", client.ask("ttl", "copy"));
  }

  @Test
  void whatFollowsOnTheConnectionComesAfterIt() {
    client.command("restore", "copy", "4102444800000", payload, "absttl");
    client.command("zcard", "copy").command("pexpiretime", "copy");
    assertEquals("+OK\r\n", client.reply());
    assertEquals(":" + ELEMENTS + "\r\n", client.reply());
    assertEquals(":4102444800000\r\n", client.reply());
  }

  @Test
  void aKeyThatIsThereIsReplacedOnlyOnRequest() {
    client.ask("set", "k", "v");
    assertEquals(
        "-BUSYKEY Target key name already exists.\r\n", client.ask("restore", "k", "0", payload));
    assertEquals("$1\r\nv\r\n", client.ask("get", "k"));
    assertEquals("+OK\r\n", client.ask("restore", "k", "0", payload, "replace"));
    assertEquals("+zset\r\n", client.ask("type", "k"));
  }

  @Test
  void aDamagedPayloadChangesNothing() {
    client.ask("set", "k", "v");
    char[] damaged = payload.toCharArray();
    damaged[damaged.length / 2] = (char) (damaged[damaged.length / 2] ^ 1);
    assertEquals(
        "-ERR DUMP payload version or checksum are wrong\r\n",
        client.ask("restore", "k", "0", new String(damaged), "replace"));
    assertEquals("$1\r\nv\r\n", client.ask("get", "k"));
  }

  @Test
  void whatWouldChangeTheKeyWaitsUntilItIsThere() {
    try (RawClient other = server.connect()) {
      client.command("restore", "copy", "0", payload);
      Eventually.await(
          "the value to be read", () -> server.server().dispatcher().movingKeys().isAny());
      assertEquals(":1\r\n", other.ask("zadd", "copy", "70000", "one more"));
      assertEquals("+OK\r\n", client.reply());
      assertEquals(":" + (ELEMENTS + 1) + "\r\n", other.ask("zcard", "copy"));
    }
  }

  @Test
  void aTransactionReadsItAtOnce() {
    client.ask("multi");
    client.ask("restore", "copy", "0", payload);
    client.ask("zcard", "copy");
    assertEquals("*2\r\n+OK\r\n:" + ELEMENTS + "\r\n", client.ask("exec"));
  }
}
