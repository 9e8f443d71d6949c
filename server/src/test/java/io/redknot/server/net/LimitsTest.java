package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits on what clients may send, leave unread, or be. */
class LimitsTest {
  @Test
  void oneClientTooManyIsToldSoAndClosed() {
    try (RunningServer server = RunningServer.start("--maxclients", "2");
        RawClient first = server.connect();
        RawClient second = server.connect()) {
      assertEquals("+PONG\r\n", first.ask("ping"));
      assertEquals("+PONG\r\n", second.ask("ping"));
      try (RawClient third = server.connect()) {
        assertEquals("-ERR max number of clients reached\r\n", third.readToEnd());
      }
      assertEquals("+OK\r\n", first.ask("quit"));
      Eventually.await("the place to be free", () -> server.server().clients().count() == 1);
      try (RawClient again = server.connect()) {
        assertEquals("+PONG\r\n", again.ask("ping"));
      }
      assertEquals(1, server.server().stats().sum().connectionsRejected);
    }
  }

  @Test
  void beforeAuthenticationRequestsAreKeptSmall() {
    try (RunningServer server = RunningServer.start("--requirepass", "secret")) {
      try (RawClient client = server.connect()) {
        assertEquals("-NOAUTH Authentication required.\r\n", client.ask("ping"));
        assertEquals(
            "-ERR Protocol error: unauthenticated multibulk length\r\n",
            client.send("*11\r\n").readToEnd());
      }
      try (RawClient client = server.connect()) {
        assertEquals(
            "-ERR Protocol error: unauthenticated bulk length\r\n",
            client.send("*1\r\n$16385\r\n").readToEnd());
      }
      try (RawClient client = server.connect()) {
        assertEquals("+OK\r\n", client.ask("auth", "secret"));
        String large = "x".repeat(20_000);
        assertEquals("$20000\r\n" + large + "\r\n", client.ask("echo", large));
      }
    }
  }

  @Test
  void theQueryBufferLimitClosesWithoutAWord() {
    try (RunningServer server = RunningServer.start("--client-query-buffer-limit", "1mb");
        RawClient client = server.connect()) {
      client.send("*2\r\n$4\r\necho\r\n$3000000\r\n");
      try {
        client.send("x".repeat(2_900_000));
      } catch (UncheckedIOException closedWhileSending) {
        assertTrue(server.server().clients().count() <= 1);
      }
      assertEquals("", client.readToEnd());
    }
  }

  @Test
  void argumentsMayBeNoLongerThanTheConfigurationSays() {
    try (RunningServer server = RunningServer.start("--proto-max-bulk-len", "2mb");
        RawClient client = server.connect()) {
      assertEquals(
          "-ERR Protocol error: invalid bulk length\r\n",
          client.send("*2\r\n$4\r\necho\r\n$2097153\r\n").readToEnd());
    }
  }

  @Test
  void aClientThatDoesNotReadIsServedOnUntilAllLeaveTooMuchUnread() {
    String payload = "y".repeat(1 << 20);
    int requests = (int) (UnreadOutput.BYTES_MAX / payload.length()) + 28;
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect();
        RawClient other = server.connect()) {
      String id = client.ask("client", "id");
      ConnectionHandler handler =
          server.server().clients().find(Long.parseLong(id.substring(1, id.length() - 2)));
      assertNotNull(handler);
      Thread sender = sending(client, RawClient.resp("echo", payload), requests);
      Eventually.await(
          "replies to pile up", () -> handler.memory().outputBytes() > UnreadOutput.BYTES_MAX);
      // Requests are kept from there on, all that it has to send.
      Eventually.await("requests to be kept", () -> queryBytes(other, id) > 8L << 20);
      join(sender);
      assertTrue(handler.memory().outputBytes() < UnreadOutput.BYTES_MAX + 4L * payload.length());
      assertEquals("+PONG\r\n", other.ask("ping"));
      assertEchoes(client, payload, requests);
    }
  }

  @Test
  void whatIsKeptOfClientsThatWaitIsLimitedForAllTogether() {
    String payload = "y".repeat(1 << 16);
    int requests = (int) (ReadAhead.BYTES_MAX / payload.length()) + 64;
    int count = 2 * (int) (ReadAhead.ALL_BYTES_MAX / ReadAhead.BYTES_MAX) + 2;
    List<RawClient> clients = new ArrayList<>();
    List<Thread> senders = new ArrayList<>();
    try (RunningServer server = RunningServer.start();
        RawClient other = server.connect()) {
      ClientRegistry registry = server.server().clients();
      assertEquals("+PONG\r\n", other.ask("ping"));
      for (int i = 0; i < count; i++) {
        RawClient client = server.connect().command("blpop", "k" + i, "0");
        clients.add(client);
        senders.add(sending(client, RawClient.resp("echo", payload), requests));
      }
      Eventually.await(
          "much to be kept", () -> registry.readAhead().bytes() > ReadAhead.ALL_BYTES_MAX);
      Eventually.await(
          "no more to be received",
          () ->
              registry.all().stream()
                      .filter(client -> !client.channel().config().isAutoRead())
                      .count()
                  == count);
      long kept = registry.all().stream().mapToLong(client -> client.memory().queryBytes()).sum();
      assertTrue(kept < ReadAhead.ALL_BYTES_MAX * 3 / 2, () -> "kept: " + kept);
      for (int i = 0; i < count; i++) {
        assertEquals(":1\r\n", other.ask("rpush", "k" + i, "v"));
        assertTrue(clients.get(i).reply().endsWith("$1\r\nv\r\n"));
        assertEchoes(clients.get(i), payload, requests);
      }
      senders.forEach(LimitsTest::join);
      clients.forEach(RawClient::close);
      Eventually.await("nothing to be kept", () -> registry.readAhead().bytes() == 0);
    }
  }

  private static Thread sending(RawClient client, String request, int times) {
    return Thread.ofVirtual()
        .start(
            () -> {
              for (int i = 0; i < times; i++) {
                client.send(request);
              }
            });
  }

  private static void assertEchoes(RawClient client, String payload, int times) {
    for (int i = 0; i < times; i++) {
      assertTrue(client.reply().endsWith(payload + "\r\n"), "reply " + i);
    }
    assertEquals("+PONG\r\n", client.ask("ping"));
  }

  private static long queryBytes(RawClient client, String id) {
    String line = client.ask("client", "list", "id", id.substring(1, id.length() - 2));
    String name = " qbuf=";
    int at = line.indexOf(name) + name.length();
    return Long.parseLong(line.substring(at, line.indexOf(' ', at)));
  }

  @Test
  void beforeAuthenticationAClientThatDoesNotReadIsDisconnected() {
    try (RunningServer server = RunningServer.start("--requirepass", "secret");
        RawClient client = server.connect()) {
      assertEquals("-NOAUTH Authentication required.\r\n", client.ask("ping"));
      assertEquals(1, server.server().clients().count());
      Thread sender = Thread.ofVirtual().start(() -> sendUntilClosed(client));
      Eventually.await(
          "the client to be disconnected", () -> server.server().clients().count() == 0);
      join(sender);
    }
  }

  private static void sendUntilClosed(RawClient client) {
    String requests = RawClient.resp("get", "k").repeat(1000);
    boolean open = true;
    while (open) {
      try {
        client.send(requests);
      } catch (UncheckedIOException closed) {
        open = false;
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  @Test
  void theHardOutputLimitDisconnects() {
    try (RunningServer server =
            RunningServer.start("--client-output-buffer-limit", "normal", "100000", "0", "0");
        RawClient other = server.connect();
        RawClient client = server.connect()) {
      assertEquals("+OK\r\n", other.ask("set", "k", "v".repeat(10_000)));
      client.send(RawClient.resp("echo", "z".repeat(100_000)));
      // Not even the beginning of it, however quickly the client reads.
      assertEquals("", client.readToEnd());
      try (RawClient many = server.connect()) {
        String count = RawClient.resp("incr", "count");
        many.send(RawClient.resp("get", "k").repeat(15) + count);
        assertEquals("", many.readToEnd());
        assertEquals("$-1\r\n", other.ask("get", "count"));
      }
      try (RawClient transaction = server.connect()) {
        String large = RawClient.resp("get", "k").repeat(15);
        String multi = RawClient.resp("multi") + large + RawClient.resp("incr", "count");
        transaction.send(multi + RawClient.resp("exec"));
        assertFalse(transaction.readToEnd().contains("vv"));
        // What is too much for the client is done nevertheless.
        assertEquals("$1\r\n1\r\n", other.ask("get", "count"));
      }
    }
  }

  @Test
  void subscriberThatDoesNotReadIsDisconnectedAtItsLimit() {
    for (String limit : List.of("100000 0 0", "0 100000 1")) {
      try (RunningServer server = RunningServer.start();
          RawClient client = server.connect();
          RawClient publisher = server.connect()) {
        publisher.ask("config", "set", "client-output-buffer-limit", "pubsub " + limit);
        client.ask("subscribe", "channel");
        ConnectionHandler subscriber =
            server.server().clients().all().stream()
                .filter(handler -> handler.session().kind() == ClientKind.PUBSUB)
                .findFirst()
                .orElseThrow();
        String message = "m".repeat(1000);
        // What waits can become less again: the kernel makes room for more as it goes.
        Eventually.await(
            "the subscriber to be disconnected",
            () -> {
              if (subscriber.memory().outputBytes() < 150_000) {
                publisher.ask("publish", "channel", message);
              }
              return subscriber.isGone();
            });
      }
    }
  }

  @Test
  void randomPicksAreRefusedThatNoOutputBufferMayHold() {
    String refusal = "-ERR reply would be larger than output buffers may be\r\n";
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect()) {
      client.ask("sadd", "s", "member");
      client.ask("zadd", "z", "1", "member");
      client.ask("hset", "h", "field", "v".repeat(1000));
      assertEquals(refusal, client.ask("srandmember", "s", "-400000000"));
      assertEquals(refusal, client.ask("zrandmember", "z", "-400000000", "withscores"));
      assertEquals(refusal, client.ask("hrandfield", "h", "-400000000", "withvalues"));
      // With a limit it is as with any reply that is too large; some are short enough at first.
      client.ask("config", "set", "client-output-buffer-limit", "normal 1mb 0 0");
      for (String picks :
          List.of(
              "srandmember s -400000000",
              "zrandmember z -400000000 withscores",
              "hrandfield h -400000000 withvalues",
              "srandmember s -150000",
              "zrandmember z -150000",
              "hrandfield h -1200 withvalues")) {
        try (RawClient picking = server.connect()) {
          picking.send(RawClient.resp(picks.split(" ", -1)));
          assertEquals("", picking.readToEnd(), picks);
        }
      }
      assertEquals(12 * 60_000 + 8, client.ask("srandmember", "s", "-60000").length());
      assertEquals("+PONG\r\n", client.ask("ping"));
    }
  }

  @Test
  void idleClientsAreClosedAndBusyOnesAreNot() {
    try (RunningServer server = RunningServer.start("--timeout", "1");
        RawClient idle = server.connect();
        RawClient busy = server.connect()) {
      List<String> seen = new ArrayList<>();
      Eventually.await(
          "the idle client to be closed",
          () -> {
            seen.add(busy.ask("ping"));
            return server.server().clients().count() == 1;
          });
      assertEquals("", idle.readToEnd());
      assertTrue(seen.stream().allMatch("+PONG\r\n"::equals));
    }
  }
}
