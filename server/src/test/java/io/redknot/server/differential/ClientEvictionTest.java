package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whom {@code maxmemory-clients} disconnects: what holds of redis-server holds here. */
final class ClientEvictionTest {
  private static final int LIMIT_BYTES = 3_000_000;

  /** For what takes little: many of it are needed. */
  private static final int SMALL_LIMIT_BYTES = 200_000;

  private static final int MANY = 20_000;

  enum Kind {
    REDIS,
    REDKNOT
  }

  private static @TempDir Path directory;
  private static ReferenceServer redis;
  private static RunningServer redknot;

  @BeforeAll
  static void start() throws IOException {
    redis = new ReferenceServer(directory, List.of());
    redknot = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    redknot.close();
    redis.close();
  }

  private static int port(Kind kind) {
    return kind == Kind.REDIS ? redis.port() : redknot.port();
  }

  /** Somebody who looks and is never disconnected himself. */
  private static RawClient control(Kind kind) {
    RawClient control = new RawClient(port(kind));
    assertEquals("+OK\r\n", control.ask("client", "no-evict", "on"));
    assertEquals("+OK\r\n", control.ask("config", "resetstat"));
    return control;
  }

  private static void limit(RawClient control, Object value) {
    assertEquals("+OK\r\n", control.ask("config", "set", "maxmemory-clients", value.toString()));
  }

  private static RawClient named(Kind kind, String name) {
    RawClient client = new RawClient(port(kind));
    assertEquals("+OK\r\n", client.ask("client", "setname", name));
    return client;
  }

  private static boolean isThere(RawClient control, String name) {
    return control.askText("client", "list").contains(" name=" + name + " ");
  }

  private static long field(RawClient control, String name, String field) {
    Matcher found =
        Pattern.compile(" name=" + name + " .* " + field + "=(\\d+)")
            .matcher(control.askText("client", "list"));
    return found.find() ? Long.parseLong(found.group(1)) : -1;
  }

  private static long evicted(RawClient control) {
    Matcher found =
        Pattern.compile("evicted_clients:(\\d+)").matcher(control.askText("info", "stats"));
    assertTrue(found.find());
    return Long.parseLong(found.group(1));
  }

  private static void awaitEvicted(RawClient control, String name) {
    Eventually.await(name + " to be evicted", () -> !isThere(control, name));
  }

  private static boolean isSent(RawClient client, String bytes) {
    try {
      client.send(bytes);
      return true;
    } catch (UncheckedIOException closed) {
      return false;
    }
  }

  /** A request that lacks its end, so that what has come of it is kept. */
  private static String unfinished(int bytes) {
    return "*2\r\n$" + bytes + "\r\n" + "v".repeat(bytes);
  }

  @ParameterizedTest
  @EnumSource
  void unfinishedRequestBeyondLimitCostsTheConnection(Kind kind) {
    try (RawClient control = control(kind);
        RawClient large = named(kind, "large");
        RawClient small = named(kind, "small")) {
      limit(control, LIMIT_BYTES);
      large.send(unfinished(LIMIT_BYTES / 2));
      Eventually.await(
          "the request to arrive", () -> field(control, "large", "qbuf") >= LIMIT_BYTES / 2);
      assertEquals(0, evicted(control));
      boolean _ = isSent(large, "\r\n$" + LIMIT_BYTES + "\r\n" + "v".repeat(LIMIT_BYTES));
      awaitEvicted(control, "large");
      assertEquals(1, evicted(control));
      assertEquals("+PONG\r\n", small.ask("ping"));
      limit(control, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void limitMayBeShareOfMaxmemory(Kind kind) {
    try (RawClient control = control(kind);
        RawClient client = named(kind, "client")) {
      assertEquals("+OK\r\n", control.ask("config", "set", "maxmemory", "20000000"));
      limit(control, "10%");
      client.send(unfinished(1_000_000));
      Eventually.await("it to arrive", () -> field(control, "client", "tot-mem") >= 1_000_000);
      assertEquals("+OK\r\n", control.ask("config", "set", "maxmemory", "5000000"));
      awaitEvicted(control, "client");
      assertEquals("+OK\r\n", control.ask("config", "set", "maxmemory", "0"));
      assertTrue(control.askText("config", "get", "maxmemory-clients").endsWith("10%"));
      limit(control, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void queuedCommandsCount(Kind kind) {
    String quarter = RawClient.resp("set", "k", "v".repeat(LIMIT_BYTES / 4));
    try (RawClient control = control(kind);
        RawClient client = named(kind, "client")) {
      limit(control, LIMIT_BYTES);
      assertEquals("+OK\r\n", client.ask("multi"));
      assertEquals("+QUEUED\r\n+QUEUED\r\n", answer(client.send(quarter + quarter), 2));
      assertEquals("*2\r\n+OK\r\n+OK\r\n", client.ask("exec"));
      assertEquals("+OK\r\n", client.ask("multi"));
      boolean _ = isSent(client, quarter.repeat(5));
      awaitEvicted(control, "client");
      limit(control, 0);
    }
  }

  private static String answer(RawClient client, int replies) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < replies; i++) {
      all.append(client.reply());
    }
    return all.toString();
  }

  /** A client gives commands, each of which takes a little more, and reads the replies. */
  private static void grow(Kind kind, String... words) {
    try (RawClient control = control(kind);
        RawClient client = named(kind, "client")) {
      limit(control, SMALL_LIMIT_BYTES);
      Thread reader = Thread.ofVirtual().start(client::readToEnd);
      boolean open = true;
      for (int i = 0; i < MANY && open; i++) {
        String[] command = words.clone();
        for (int w = 0; w < command.length; w++) {
          command[w] = command[w].replace("?", "%012d".formatted(i));
        }
        open = isSent(client, RawClient.resp(command));
      }
      awaitEvicted(control, "client");
      assertEquals(1, evicted(control));
      limit(control, 0);
      reader.join();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  @ParameterizedTest
  @EnumSource
  void watchedKeysCount(Kind kind) {
    grow(kind, "watch", "key?");
  }

  @ParameterizedTest
  @EnumSource
  void subscriptionsCount(Kind kind) {
    grow(kind, "subscribe", "channel?");
    grow(kind, "psubscribe", "pattern?");
    grow(kind, "ssubscribe", "channel?");
  }

  @ParameterizedTest
  @EnumSource
  void prefixesOfTrackedKeysCount(Kind kind) {
    grow(kind, "client", "tracking", "on", "bcast", "prefix", "?");
  }

  @ParameterizedTest
  @EnumSource
  void messagesNotReadCount(Kind kind) {
    try (RawClient control = control(kind);
        RawClient slow = named(kind, "slow")) {
      String limits = "pubsub 0 0 0";
      assertEquals("+OK\r\n", control.ask("config", "set", "client-output-buffer-limit", limits));
      limit(control, LIMIT_BYTES);
      slow.ask("subscribe", "channel");
      String message = "m".repeat(200_000);
      // What the sockets take does not count.
      for (int i = 0; i < 1000 && isThere(control, "slow"); i++) {
        assertTrue(control.ask("publish", "channel", message).startsWith(":"));
      }
      assertFalse(isThere(control, "slow"));
      assertEquals(1, evicted(control));
      limit(control, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoIsNotToBeEvictedStaysUntilThatEnds(Kind kind) {
    try (RawClient control = control(kind);
        RawClient client = named(kind, "client")) {
      limit(control, LIMIT_BYTES);
      assertEquals("+OK\r\n", client.ask("client", "no-evict", "on"));
      assertEquals("+OK\r\n", client.ask("multi"));
      client.ask("set", "k", "v".repeat(LIMIT_BYTES));
      assertTrue(field(control, "client", "tot-mem") > LIMIT_BYTES);
      assertEquals(0, evicted(control));
      // Queued it would do nothing: the limit falls instead, and rises.
      limit(control, 1);
      assertTrue(isThere(control, "client"));
      limit(control, LIMIT_BYTES);
      assertEquals("*1\r\n+OK\r\n", client.ask("exec"));
      assertEquals("+OK\r\n", client.ask("client", "no-evict", "off"));
      boolean _ = isSent(client, unfinished(LIMIT_BYTES));
      awaitEvicted(control, "client");
      limit(control, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void lowerLimitEvictsLargestFirstAndNoMoreThanNeeded(Kind kind) {
    int[] sizes = {128 * 1024, 1024 * 1024, 3 * 1024 * 1024};
    List<RawClient> clients = new ArrayList<>();
    try (RawClient control = control(kind)) {
      for (int size = 0; size < sizes.length; size++) {
        for (int i = 0; i < 3; i++) {
          String name = "size" + size + "-" + i;
          int bytes = sizes[size];
          RawClient client = named(kind, name);
          clients.add(client);
          client.send(unfinished(bytes));
          Eventually.await("it to arrive", () -> field(control, name, "qbuf") >= bytes);
        }
      }
      limit(control, total(control) + 100_000);
      assertEquals(0, evicted(control));
      limit(control, total(control) - 1_000_000);
      assertEquals(1, evicted(control));
      assertEquals(2, count(control, "size2"));
      // Less than the second of them would leave, more than the first.
      limit(control, total(control) - largest(control, "size2") - 100_000);
      assertEquals(0, count(control, "size2"));
      assertEquals(3, count(control, "size1"));
      limit(control, 1);
      assertEquals(0, count(control, "size1"));
      assertEquals(9 - count(control, "size0"), evicted(control));
      limit(control, 0);
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  /** Of clients that have sent equally much: how their buffers have grown depends on the pieces. */
  private static long largest(RawClient control, String name) {
    return IntStream.range(0, 3)
        .filter(i -> isThere(control, name + "-" + i))
        .mapToLong(i -> field(control, name + "-" + i, "tot-mem"))
        .max()
        .orElseThrow();
  }

  private static int count(RawClient control, String name) {
    return (int)
        control.askText("client", "list").lines().filter(c -> c.contains("name=" + name)).count();
  }

  private static long total(RawClient control) {
    return control
        .askText("client", "list")
        .lines()
        .mapToLong(line -> Long.parseLong(line.replaceAll(".* tot-mem=(\\d+) .*", "$1")))
        .sum();
  }
}
