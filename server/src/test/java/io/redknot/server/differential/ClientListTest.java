package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CLIENT LIST and CLIENT KILL say and do of clients in many states what redis-server's do. */
final class ClientListTest {
  /** What differs from connection to connection, and what is measured of another program. */
  private static final Set<String> OWN =
      Set.of(
          "id",
          "addr",
          "laddr",
          "fd",
          "age",
          "idle",
          "qbuf-free",
          "multi-mem",
          "rbs",
          "rbp",
          "tot-mem");

  /** Those that Redis 7.2 has added. */
  private static final List<String> ADDED = List.of("lib-name", "lib-ver");

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

  private static Map<String, String> fields(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : line.strip().split(" ", -1)) {
      int equals = field.indexOf('=');
      fields.put(field.substring(0, equals), field.substring(equals + 1));
    }
    return fields;
  }

  private static String id(RawClient client) {
    return client.ask("client", "id").substring(1).strip();
  }

  /**
   * The fields of a client that has given commands, those behind {@code send:} without a reply.
   *
   * @param enough decides whether they are to be looked at once more: another thread may be about
   *     to change them
   */
  private static Map<String, String> shown(
      int port, String commands, Predicate<Map<String, String>> enough) {
    try (RawClient control = new RawClient(port);
        RawClient client = new RawClient(port);
        RawClient other = new RawClient(port)) {
      control.ask("flushall");
      String id = id(client);
      String otherId = id(other);
      for (String command : commands.split("; ", -1)) {
        String[] words = command.replace("$other", otherId).replace("$me", id).split(" ");
        if (words[0].equals("other:")) {
          other.ask(List.of(words).subList(1, words.length).toArray(String[]::new));
        } else if (words[0].equals("send:")) {
          client.send(command.substring("send: ".length()).replace("|", "\r\n"));
        } else {
          client.ask(words);
        }
      }
      Map<String, String> seen = new LinkedHashMap<>();
      try {
        Eventually.await(
            "what is expected",
            () -> {
              seen.clear();
              seen.putAll(fields(line(control, id)));
              assertEquals(List.of("", ""), added(seen));
              seen.computeIfPresent("redir", (_, to) -> named(to, id, otherId));
              return enough.test(seen);
            });
      } catch (AssertionError _) {
        // The caller compares and tells what is different.
        return seen;
      }
      return seen;
    }
  }

  private static List<String> added(Map<String, String> fields) {
    return ADDED.stream().map(name -> fields.getOrDefault(name, "")).toList();
  }

  private static String named(String value, String id, String otherId) {
    return value.equals(id) ? "me" : value.equals(otherId) ? "other" : value;
  }

  private static String line(RawClient control, String id) {
    return control
        .askText("client", "list")
        .lines()
        .filter(line -> line.startsWith("id=" + id + " "))
        .findFirst()
        .orElse("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ping",
        "multi; set a b; get a",
        "set a b; watch a b c; multi; set x y",
        "watch a; other: set a 1; multi",
        "multi; set a",
        "subscribe a; psubscribe b*; ssubscribe c",
        "send: blpop k 100|",
        "send: blpop k 100|echo hello|",
        "send: xread block 100000 streams s $|",
        "send: wait 3 100000|",
        "select 2; send: bzpopmin z z2 100|",
        "client tracking on",
        "client tracking on bcast prefix a",
        "client tracking on redirect $other",
        "client tracking on redirect $me",
        "client no-evict on; client setname foo",
        "monitor",
        "hello 3",
        "readonly",
        "get a; nosuch",
        "get a; client nosuch",
        "get a; set a",
        "config get save",
        "object encoding a",
        "select 3; reset"
      })
  void fieldsAreThoseOfRedis(String commands) {
    // Redis reads what was sent when it gets to it: then the client is blocked.
    boolean blocks = commands.contains("send:");
    boolean more = commands.contains("echo");
    Map<String, String> theirs =
        shown(
            redis.port(),
            commands,
            seen ->
                (!blocks || "b".equals(seen.get("flags")))
                    && (!more || !"0".equals(seen.get("qbuf"))));
    Map<String, String> ours =
        shown(redknot.port(), commands, seen -> comparable(seen).equals(comparable(theirs)));
    ours.keySet().removeAll(ADDED);
    assertEquals(List.copyOf(theirs.keySet()), List.copyOf(ours.keySet()));
    assertEquals(comparable(theirs), comparable(ours));
  }

  private static Map<String, String> comparable(Map<String, String> fields) {
    Map<String, String> rest = new LinkedHashMap<>(fields);
    rest.keySet().removeAll(OWN);
    rest.keySet().removeAll(ADDED);
    return rest;
  }

  @Test
  void totalIsWhatTheOthersAddUpToAndMore() {
    try (RawClient client = new RawClient(redknot.port())) {
      String id = id(client);
      client.ask("multi");
      client.ask("set", "k", "v".repeat(100_000));
      client.send("*2\r\n$300000\r\n" + "v".repeat(200_000));
      try (RawClient control = new RawClient(redknot.port())) {
        Eventually.await("requests", () -> number(line(control, id), "qbuf") >= 200_000);
        String line = line(control, id);
        long parts = number(line, "qbuf") + number(line, "qbuf-free") + number(line, "multi-mem");
        assertEquals(2500 + parts, number(line, "tot-mem"), line);
      }
    }
  }

  private static long number(String line, String field) {
    return Long.parseLong(fields(line).getOrDefault(field, "-1"));
  }

  /** The reply, and who of the two is still there. */
  private static String kill(int port, String command) {
    try (RawClient killer = new RawClient(port);
        RawClient other = new RawClient(port)) {
      String[] words =
          command
              .replace("$me", id(killer))
              .replace("$other", id(other))
              .replace("$from", other.address())
              .replace("$to", "127.0.0.1:" + port)
              .split(" ");
      return killer.ask(words) + isAlive(killer) + isAlive(other);
    }
  }

  private static boolean isAlive(RawClient client) {
    try {
      return client.ask("ping").equals("+PONG\r\n");
    } catch (IllegalStateException | UncheckedIOException closed) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "client kill 1.2.3.4:5",
        "client kill $from",
        "client kill id $other",
        "client kill ID 0",
        "client kill id x",
        "client kill id 999999",
        "client kill id $other id $me",
        "client kill id $me",
        "client kill id $me skipme no",
        "client kill id $me skipme maybe",
        "client kill type normal",
        "client kill type normal skipme no",
        "client kill type pubsub",
        "client kill type master",
        "client kill type slave",
        "client kill type x",
        "client kill user default",
        "client kill user DEFAULT",
        "client kill addr $from",
        "client kill laddr $to",
        "client kill laddr $to skipme no",
        "client kill addr",
        "client kill addr $from type",
        "client kill skipme yes",
        "client kill skipme no",
        "client kill addr $from laddr $to user default type normal id $other",
        "client kill addr $from laddr 1.1.1.1:1",
        "client kill maxage 10",
        "client unblock $other timeout x",
        "client pause 1 all x",
        "client list id $other x",
        "client list id -1",
        "client list type x"
      })
  void whoIsKilledIsWhoRedisKills(String command) {
    assertEquals(kill(redis.port(), command), kill(redknot.port(), command));
  }
}
