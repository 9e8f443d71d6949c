package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * OBJECT of values of every type, small and large, as redis-server tells them, save for encodings
 * that are of 7.2; and MEMORY USAGE, whose bytes are our own but grow with what is stored.
 */
final class ObjectAndMemoryTest {
  private static final int SMALL = 5;
  private static final int LARGE = 1200;
  private static final int ELEMENT_BYTES = 20;
  private static final String KEY = "k";

  /** No test takes so long. */
  private static final long IDLE_S_MAX = 1000;

  private static @TempDir Path directory;
  private static ServerPair servers;
  private RawConnection redis;
  private RawConnection redknot;

  @BeforeAll
  static void start() throws IOException {
    servers = ServerPair.standalone(directory, List.of());
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @BeforeEach
  void connect() throws IOException {
    redis = new RawConnection(servers.referencePort());
    redknot = new RawConnection(servers.redknotPort());
    same("FLUSHALL");
    same("CONFIG", "SET", "maxmemory-policy", "noeviction");
  }

  @AfterEach
  void disconnect() throws IOException {
    redis.close();
    redknot.close();
  }

  private String same(String... words) throws IOException {
    String expected = redis.call(words).raw();
    assertEquals(expected, redknot.call(words).raw(), String.join(" ", words));
    return expected;
  }

  private static String element(int i) {
    String number = Integer.toString(i);
    return "e".repeat(ELEMENT_BYTES - number.length()) + number;
  }

  /** Gives the key elements of 20 bytes each, or integers, from one number to another. */
  private void fill(String type, int from, int to) throws IOException {
    if (type.equals("string")) {
      same("SET", KEY, "x".repeat(to * ELEMENT_BYTES));
      return;
    }
    for (int i = from; i < to; i++) {
      List<String> words =
          switch (type) {
            case "list" -> List.of("RPUSH", KEY, element(i));
            case "hash" -> List.of("HSET", KEY, element(i), "v");
            case "set" -> List.of("SADD", KEY, element(i));
            case "integers" -> List.of("SADD", KEY, Integer.toString(100_000 + i));
            case "zset" -> List.of("ZADD", KEY, Integer.toString(i), element(i));
            default -> List.of("XADD", KEY, (i + 1) + "-1", "f", element(i));
          };
      same(words.toArray(new String[0]));
    }
  }

  private String encoding() throws IOException {
    return redknot.call("OBJECT", "ENCODING", KEY).content();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "string, raw, raw",
    "list, listpack, quicklist",
    "hash, listpack, hashtable",
    "set, listpack, hashtable",
    "integers, intset, hashtable",
    "zset, listpack, skiplist",
    "stream, stream, stream"
  })
  void objectTellsOfEveryTypeSmallAndLarge(String type, String small, String large)
      throws IOException {
    fill(type, 0, SMALL);
    assertEquals(small, encoding());
    assertUseIsTold();
    fill(type, SMALL, LARGE);
    assertEquals(large, encoding());
    assertUseIsTold();
    same("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu");
    assertTrue(same("OBJECT", "IDLETIME", KEY).startsWith("-ERR An LFU"));
    same("DEL", KEY);
    fill(type, 0, 1);
    assertEquals(":5\r\n", same("OBJECT", "FREQ", KEY));
  }

  private void assertUseIsTold() throws IOException {
    assertEquals(":1\r\n", same("OBJECT", "REFCOUNT", KEY));
    assertTrue(same("OBJECT", "FREQ", KEY).startsWith("-ERR An LFU"));
    same("TOUCH", KEY);
    assertTrue(redknot.call("OBJECT", "IDLETIME", KEY).integer() < IDLE_S_MAX);
  }

  @Test
  void objectOfNoKeyAndOfNoSubcommand() throws IOException {
    for (String subcommand : List.of("ENCODING", "REFCOUNT", "IDLETIME", "FREQ")) {
      same("OBJECT", subcommand, "none");
      same("OBJECT", subcommand);
      same("OBJECT", subcommand, "none", "more");
    }
    same("OBJECT");
    same("OBJECT", "BOGUS", KEY);
    same("OBJECT", "HELP", KEY);
    List<String> help = redknot.call("OBJECT", "HELP").raw().lines().toList();
    List<String> theirs = redis.call("OBJECT", "HELP").raw().lines().toList();
    assertEquals(names(theirs), names(help));
  }

  /** The lines of a help text that name a subcommand. */
  private static List<String> names(List<String> help) {
    return help.stream().filter(line -> line.matches("\\+[A-Z].*")).map(String::strip).toList();
  }

  private long usage(String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of("MEMORY", "USAGE", KEY));
    words.addAll(List.of(more));
    return redknot.call(words.toArray(new String[0])).integer();
  }

  @ParameterizedTest(name = "{0}: at least {1} bytes an element, at most {2}")
  @CsvSource({
    "string, 20, 42",
    "list, 21, 48",
    "hash, 22, 64",
    "set, 20, 64",
    "integers, 2, 48",
    "zset, 28, 128",
    "stream, 21, 64"
  })
  void usageGrowsWithTheElements(String type, int least, int most) throws IOException {
    fill(type, 0, SMALL);
    long before = usage();
    assertSamplesMakeNoDifference(before);
    int from = SMALL;
    for (int to : new int[] {50, 500, LARGE}) {
      fill(type, from, to);
      long now = usage();
      long grown = now - before;
      int added = to - from;
      assertTrue(grown > 0, to + " elements take " + now + " bytes, fewer ones " + before);
      if (to == LARGE) {
        assertTrue(grown >= (long) added * least, grown + " bytes for " + added);
        assertTrue(grown <= (long) added * most, grown + " bytes for " + added);
      }
      assertSamplesMakeNoDifference(now);
      before = now;
      from = to;
    }
  }

  private void assertSamplesMakeNoDifference(long usage) throws IOException {
    for (String samples : List.of("0", "1", "5", "100000", "9223372036854775807")) {
      assertEquals(usage, usage("SAMPLES", samples), samples);
    }
  }

  @Test
  void usageRefusesWhatRedisRefuses() throws IOException {
    fill("hash", 0, SMALL);
    same("MEMORY", "USAGE", "none");
    same("MEMORY", "USAGE", "none", "SAMPLES", "3");
    same("MEMORY", "USAGE");
    for (String samples : List.of("-1", "x", "", "1.5", "9223372036854775808")) {
      same("MEMORY", "USAGE", KEY, "SAMPLES", samples);
      same("MEMORY", "USAGE", "none", "SAMPLES", samples);
    }
    same("MEMORY", "USAGE", KEY, "SAMPLES");
    same("MEMORY", "USAGE", KEY, "BOGUS", "1");
    same("MEMORY", "USAGE", KEY, "SAMPLES", "1", "BOGUS");
  }
}
