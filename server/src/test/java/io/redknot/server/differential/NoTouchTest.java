package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which commands renew the access clocks of their keys: for any client those that do so with Redis,
 * and for one with CLIENT NO-TOUCH none but TOUCH.
 */
final class NoTouchTest {
  private static final String KEY = "{t}k";
  private static final long IDLE_S = 1000;
  private static final long FREQUENCY = 100;
  private static final long GONE = -1;

  /** What the key holds at first, by the word in front of a line. */
  private static final Map<String, List<String>> VALUES =
      Map.of(
          "string", List.of("SET {t}k 123456"),
          "list", List.of("RPUSH {t}k a b c"),
          "hash", List.of("HSET {t}k f 1 g 2"),
          "set", List.of("SADD {t}k 1 2 3"),
          "zset", List.of("ZADD {t}k 1 a 2 b 3 c"),
          "geo", List.of("GEOADD {t}k 13.36 38.11 p 15.08 37.50 q"),
          "hll", List.of("PFADD {t}k a b"),
          "stream",
              List.of(
                  "XADD {t}k 1-1 f v",
                  "XADD {t}k 2-1 f v",
                  "XGROUP CREATE {t}k g 0",
                  "XREADGROUP GROUP g c COUNT 1 STREAMS {t}k >"));

  private static @TempDir Path directory;
  private static ServerPair servers;
  private static RawConnection reference;
  private static RawConnection redknot;
  private static RawConnection unnoticed;

  @BeforeAll
  static void start() throws IOException {
    servers = ServerPair.standalone(directory, List.of("--lfu-log-factor", "0"));
    reference = new RawConnection(servers.referencePort());
    redknot = new RawConnection(servers.redknotPort());
    unnoticed = new RawConnection(servers.redknotPort());
    assertEquals("+OK", unnoticed.call("CLIENT", "NO-TOUCH", "on").header());
  }

  @AfterAll
  static void stop() throws IOException {
    unnoticed.close();
    redknot.close();
    reference.close();
    servers.close();
  }

  private static List<String> lines() {
    try (InputStream in =
        Objects.requireNonNull(NoTouchTest.class.getResourceAsStream("accesses.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      return text.lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static Stream<String> examples() {
    return lines().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void commandsAreNoticedAsInRedis(String line) throws IOException {
    prepare(reference, line, "IDLETIME", IDLE_S);
    prepare(redknot, line, "IDLETIME", IDLE_S);
    Reply theirs = run(reference, line);
    Reply ours = run(redknot, line);
    assertEquals(theirs.isError(), ours.isError(), () -> theirs.shown() + ours.shown());
    assertEquals(isIdle(reference), isIdle(redknot), line);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void onlyTouchIsNoticedOfWhoWantsNotToBe(String line) throws IOException {
    prepare(redknot, line, "IDLETIME", IDLE_S);
    assertTrue(!run(unnoticed, line).isError(), line);
    Reply idle = redknot.call("OBJECT", "IDLETIME", KEY);
    if (line.contains(" TOUCH ")) {
      assertTrue(idle.integer() < IDLE_S, line);
    } else {
      assertTrue(idle.isNull() || idle.integer() >= IDLE_S, () -> line + ": " + idle.shown());
    }
  }

  @Test
  void accessesAreCountedAsInRedisAndNotOfWhoWantsNotToBeNoticed() throws IOException {
    policy("allkeys-lfu");
    try {
      for (String line : lines()) {
        if (!line.contains(" IDLETIME ")) {
          countAccesses(line);
        }
      }
    } finally {
      policy("noeviction");
    }
  }

  private static void policy(String name) throws IOException {
    reference.call("CONFIG", "SET", "maxmemory-policy", name);
    redknot.call("CONFIG", "SET", "maxmemory-policy", name);
  }

  private static void countAccesses(String line) throws IOException {
    prepare(reference, line, "FREQ", FREQUENCY);
    prepare(redknot, line, "FREQ", FREQUENCY);
    run(reference, line);
    run(redknot, line);
    long theirs = frequency(reference);
    long ours = frequency(redknot);
    assertEquals(theirs, ours, line);
    prepare(redknot, line, "FREQ", FREQUENCY);
    run(unnoticed, line);
    long unnoticedly = frequency(redknot);
    boolean stays = unnoticedly == GONE || unnoticedly == FREQUENCY;
    assertTrue(stays != line.contains(" TOUCH "), line);
  }

  private static long frequency(RawConnection server) throws IOException {
    Reply frequency = server.call("OBJECT", "FREQ", KEY);
    return frequency.isNull() ? GONE : frequency.integer();
  }

  @Test
  void everyCommandWithKeysIsThere() throws IOException {
    Set<String> missing = new TreeSet<>();
    for (Reply command : redknot.call("COMMAND").elements()) {
      addNames(command, missing);
    }
    for (String line : lines()) {
      String[] words = line.toLowerCase(Locale.ROOT).split(" ", -1);
      missing.remove(words[1]);
      missing.remove(words[1] + "|" + words[2]);
    }
    // Their keys are channels, or no command finds them: they are watched, or sent away.
    missing.removeAll(Set.of("ssubscribe", "sunsubscribe", "spublish", "watch", "migrate"));
    // These give a key a clock, and the last two are for tests of Redis or another policy.
    missing.removeAll(Set.of("restore", "restore-asking", "pfdebug", "object|freq"));
    assertEquals(Set.of(), missing);
  }

  private static void addNames(Reply command, Set<String> names) {
    List<Reply> columns = command.elements();
    List<Reply> subcommands = columns.get(9).elements();
    subcommands.forEach(subcommand -> addNames(subcommand, names));
    if (subcommands.isEmpty() && !columns.get(8).elements().isEmpty()) {
      names.add(columns.get(0).content());
    }
  }

  private static void prepare(RawConnection server, String line, String clock, long value)
      throws IOException {
    server.call("FLUSHALL");
    String type = line.substring(0, line.indexOf(' '));
    for (String command : Objects.requireNonNull(VALUES.get(type))) {
      assertTrue(!server.call(command.split(" ", -1)).isError(), command);
    }
    List<byte[]> restore = new ArrayList<>();
    for (String word : List.of("RESTORE", KEY, "0")) {
      restore.add(word.getBytes(StandardCharsets.ISO_8859_1));
    }
    Reply payload = server.call("DUMP", KEY);
    restore.add(payload.content().getBytes(StandardCharsets.ISO_8859_1));
    for (String word : List.of("REPLACE", clock, Long.toString(value))) {
      restore.add(word.getBytes(StandardCharsets.ISO_8859_1));
    }
    server.send(List.of(restore));
    assertEquals("+OK", server.read().header());
  }

  private static Reply run(RawConnection server, String line) throws IOException {
    return server.call(line.substring(line.indexOf(' ') + 1).split(" ", -1));
  }

  private static String isIdle(RawConnection server) throws IOException {
    Reply idle = server.call("OBJECT", "IDLETIME", KEY);
    return idle.isNull() ? "gone" : idle.integer() >= IDLE_S ? "unnoticed" : "noticed";
  }
}
