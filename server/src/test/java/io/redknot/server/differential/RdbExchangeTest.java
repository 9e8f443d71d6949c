package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RunningServer;
import io.redknot.storage.keyspace.HashSlot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values and files go from Redknot to redis-server and back, and are the same there: by the digest
 * that redis-server makes of a value, and for streams by what XINFO tells of them.
 */
final class RdbExchangeTest {
  private static final List<String> DEBUG = List.of("--enable-debug-command", "local");

  /** Calls after which a cluster that does not become ready is given up. */
  private static final int CALLS_MAX = 500_000;

  private static final byte[] NOISE = noise(5000, 1);

  private @TempDir Path directory;

  static byte[] noise(int length, long seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static List<byte[]> words(Object... words) {
    List<byte[]> bytes = new ArrayList<>();
    for (Object word : words) {
      bytes.add(word instanceof byte[] raw ? raw : latin(word.toString()));
    }
    return bytes;
  }

  /** Keys of every type, small and large, with what is hard to write. */
  static List<List<byte[]>> data() {
    List<List<byte[]>> commands = new ArrayList<>();
    for (String number : List.of("0", "-128", "300", "-70000", "2147483648", "007", "-0")) {
      commands.add(words("SET", "number" + number, number));
    }
    commands.add(words("SET", "empty", ""));
    commands.add(words("SET", "same", "a".repeat(10_000)));
    commands.add(words("SET", "noise", NOISE));
    commands.add(words("SET", "huge", noise(400_000, 2)));
    commands.add(words("SET", "expiring", "x", "PXAT", "4102444800123"));
    commands.add(words("PFADD", "hll", "a", "b", "c"));
    commands.add(words("GEOADD", "geo", "13.361389", "38.115556", "Palermo"));
    for (int size : new int[] {1, 7, 300, 3000}) {
      addCollections(commands, size);
    }
    commands.add(words("EXPIREAT", "hash300", "4102444800"));
    commands.add(words("HSET", "hash-odd", "", "", NOISE, "12", "f", NOISE, "-1", "00"));
    commands.add(words("RPUSH", "list-odd", "", NOISE, "12", noise(200_000, 3), "z"));
    commands.add(words("SADD", "set-odd", "", NOISE, "12", noise(200_000, 4)));
    commands.add(words("SADD", "set-wide", "1", "40000", "-5000000000"));
    commands.add(
        words("ZADD", "zset-odd", "inf", "a", "-inf", "b", "0.1", "", "-3.5e300", NOISE, "7", "8"));
    addStreams(commands);
    return commands;
  }

  private static void addCollections(List<List<byte[]>> commands, int size) {
    for (int i = 0; i < size; i++) {
      commands.add(words("RPUSH", "list" + size, i % 3 == 0 ? "" + i : "element-" + i));
      commands.add(words("SADD", "ints" + size, i * 1000L * (i % 7)));
      commands.add(words("SADD", "set" + size, "member-" + i));
      commands.add(words("HSET", "hash" + size, "field-" + i, i % 2 == 0 ? "" + i : "value" + i));
      commands.add(words("ZADD", "zset" + size, i % 10 / 4.0, "member-" + i));
    }
  }

  private static void addStreams(List<List<byte[]>> commands) {
    for (int i = 1; i <= 500; i++) {
      String field = i % 5 == 0 ? "other" : "field";
      commands.add(words("XADD", "stream", i + "-" + i % 3, field, "v" + i, "n", i));
    }
    commands.add(words("XDEL", "stream", "5-2", "77-2"));
    commands.add(words("XGROUP", "CREATE", "stream", "g", "0"));
    commands.add(words("XGROUP", "CREATE", "stream", "fresh", "$", "ENTRIESREAD", "3"));
    commands.add(words("XREADGROUP", "GROUP", "g", "one", "COUNT", "40", "STREAMS", "stream", ">"));
    commands.add(words("XREADGROUP", "GROUP", "g", "two", "COUNT", "40", "STREAMS", "stream", ">"));
    commands.add(words("XACK", "stream", "g", "3-0", "50-2"));
    commands.add(words("XADD", "emptied", "1-1", "a", "b"));
    commands.add(words("XDEL", "emptied", "1-1"));
  }

  static void run(RawConnection connection, List<List<byte[]>> commands) throws IOException {
    connection.send(commands);
    for (List<byte[]> command : commands) {
      Reply reply = connection.read();
      assertFalse(reply.isError(), () -> shown(command) + ": " + reply.shown());
    }
  }

  private static String shown(List<byte[]> command) {
    StringBuilder text = new StringBuilder();
    for (byte[] word : command) {
      text.append(Step.shown(word, 40)).append(' ');
    }
    return text.toString();
  }

  static List<String> keys(RawConnection connection) throws IOException {
    return connection.call("KEYS", "*").elements().stream().map(RdbExchangeTest::text).toList();
  }

  static byte[] bytes(Reply bulk) {
    String raw = bulk.raw();
    return latin(raw.substring(raw.indexOf('\n') + 1, raw.length() - 2));
  }

  private static String text(Reply bulk) {
    return new String(bytes(bulk), StandardCharsets.ISO_8859_1);
  }

  /** Takes a value with its expiry from one server to another one, under a name. */
  static void carry(RawConnection from, String key, RawConnection to, String name)
      throws IOException {
    byte[] payload = bytes(from.call("DUMP", key));
    long expiryMs = Math.max(0, from.call("PEXPIRETIME", key).integer());
    run(to, List.of(words("RESTORE", name, expiryMs, payload, "ABSTTL")));
  }

  private static String digest(RawConnection redis, String key) throws IOException {
    return redis.call("DEBUG", "DIGEST-VALUE", key).raw();
  }

  /** What a stream tells of itself, without what depends on the clock. */
  static String told(RawConnection connection, String key) throws IOException {
    String raw = connection.call("XINFO", "STREAM", key, "FULL", "COUNT", "0").raw();
    return raw.replaceAll("\\d{13}", "TIME")
        .replaceAll("(?s)\\$11\r\nactive-time\r\n:(TIME|-1)\r\n", "")
        .replaceAll("\\*\\d+\r\n(?=\\$4\r\nname)", "*\r\n");
  }

  static void assertSame(RawConnection redis, String expected, String actual) throws IOException {
    assertEquals(digest(redis, expected), digest(redis, actual), expected);
  }

  @Test
  void valuesGoBothWays() throws IOException {
    try (ReferenceServer reference = new ReferenceServer(directory, DEBUG);
        RunningServer server = RunningServer.start("--dir", directory.toString());
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      run(redis, data());
      run(redknot, data());
      List<String> all = keys(redis);
      assertEquals(all.size(), keys(redknot).size());
      for (String key : all) {
        carry(redknot, key, redis, key + ".ours");
        assertSame(redis, key, key + ".ours");
        carry(redis, key, redknot, key + ".theirs");
        carry(redknot, key + ".theirs", redis, key + ".back");
        assertSame(redis, key, key + ".back");
      }
      for (String key : List.of("stream", "emptied")) {
        assertEquals(told(redis, key), told(redis, key + ".ours"));
        assertEquals(told(redis, key), told(redis, key + ".back"));
        assertEquals(told(redknot, key), told(redknot, key + ".theirs"));
      }
    }
  }

  @Test
  void redisLoadsWhatRedknotSaves() throws Exception {
    Path file = directory.resolve("ours.rdb");
    try (RunningServer server =
            RunningServer.start("--dir", directory.toString(), "--dbfilename", "ours.rdb");
        RawConnection redknot = new RawConnection(server.port())) {
      run(redknot, data());
      redknot.call("SELECT", "3");
      redknot.call("SET", "in-three", "3");
      redknot.call("SELECT", "0");
      assertEquals("+OK", redknot.call("SAVE").header());
      assertChecked(file);
      try (ReferenceServer loaded =
              new ReferenceServer(directory, with("--dbfilename", "ours.rdb"));
          RawConnection redis = new RawConnection(loaded.port())) {
        assertEquals(keys(redknot).size(), keys(redis).size());
        for (String key : keys(redknot)) {
          carry(redknot, key, redis, key + ".ours");
          assertSame(redis, key, key + ".ours");
        }
        assertEquals(":4102444800123", redis.call("PEXPIRETIME", "expiring").header());
        assertEquals(told(redis, "stream.ours"), told(redis, "stream"));
        redis.call("SELECT", "3");
        assertEquals("$1\r\n3\r\n", redis.call("GET", "in-three").raw());
      }
    }
  }

  static List<String> with(String... options) {
    List<String> all = new ArrayList<>(DEBUG);
    all.addAll(Arrays.asList(options));
    return all;
  }

  private static void assertChecked(Path file) throws IOException, InterruptedException {
    Process check =
        new ProcessBuilder("redis-check-rdb", file.toString()).redirectErrorStream(true).start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertEquals(0, check.waitFor(), said);
    assertTrue(said.contains("RDB looks OK"), said);
  }

  @Test
  void redknotLoadsWhatRedisSaves() throws IOException {
    try (ReferenceServer reference =
            new ReferenceServer(directory, with("--dbfilename", "theirs.rdb"));
        RawConnection redis = new RawConnection(reference.port())) {
      run(redis, data());
      assertEquals("+OK", redis.call("SAVE").header());
      for (String cluster : List.of("no", "yes")) {
        try (RunningServer server =
                RunningServer.start(
                    "--dir",
                    Files.createDirectories(directory.resolve(cluster)).toString(),
                    "--dbfilename",
                    copied(cluster),
                    "--cluster-enabled",
                    cluster);
            RawConnection redknot = new RawConnection(server.port())) {
          if (cluster.equals("yes")) {
            awaitSlots(redknot);
          }
          List<String> all = keys(redknot);
          assertEquals(redis.call("DBSIZE").integer(), all.size());
          for (String key : all) {
            carry(redknot, key, redis, "{" + key + "}.back");
            assertSame(redis, key, "{" + key + "}.back");
            redis.call("DEL", "{" + key + "}.back");
          }
          assertEquals(":4102444800000", redknot.call("PEXPIRETIME", "hash300").header());
        }
      }
    }
  }

  @Test
  void whatIsSavedInVersionElevenIsLoadedAgain() throws IOException {
    String[] arguments = {
      "--dir", directory.toString(), "--dbfilename", "eleven.rdb", "--rdb-version", "11"
    };
    try (RunningServer server = RunningServer.start(arguments);
        RawConnection redknot = new RawConnection(server.port())) {
      run(redknot, data());
      assertEquals("+OK", redknot.call("SAVE").header());
      byte[] head = Arrays.copyOf(Files.readAllBytes(directory.resolve("eleven.rdb")), 9);
      assertEquals("REDIS0011", new String(head, StandardCharsets.ISO_8859_1));
      byte[] small = bytes(redknot.call("DUMP", "set7"));
      assertEquals(List.of(20, 11), List.of((int) small[0], (int) small[small.length - 10]));
      assertEquals(21, bytes(redknot.call("DUMP", "stream"))[0]);
      try (ReferenceServer reference = new ReferenceServer(directory, DEBUG);
          RunningServer again = RunningServer.start(arguments);
          RawConnection redis = new RawConnection(reference.port());
          RawConnection loaded = new RawConnection(again.port())) {
        run(redis, data());
        assertEquals("+OK", loaded.call("CONFIG", "SET", "rdb-version", "10").header());
        assertEquals(keys(redis).size(), keys(loaded).size());
        for (String key : keys(loaded)) {
          carry(loaded, key, redis, key + ".back");
          assertSame(redis, key, key + ".back");
        }
        assertEquals(told(redknot, "stream"), told(loaded, "stream"));
      }
    }
  }

  /** The node has the slots of its keys since it started; it gets all others. */
  private static void awaitSlots(RawConnection redknot) throws IOException {
    List<Object> others = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
    Set<Integer> own = new HashSet<>();
    keys(redknot).forEach(key -> own.add(HashSlot.of(latin(key), 0, key.length())));
    IntStream.range(0, 16384).filter(slot -> !own.contains(slot)).forEach(others::add);
    run(redknot, List.of(words(others.toArray())));
    Reply reply = redknot.call("GET", "empty");
    for (int i = 0; i < CALLS_MAX && reply.isError(); i++) {
      reply = redknot.call("GET", "empty");
    }
    assertFalse(reply.isError(), reply.shown() + redknot.call("CLUSTER", "INFO").raw());
  }

  private String copied(String folder) throws IOException {
    Files.copy(directory.resolve("theirs.rdb"), directory.resolve(folder).resolve("theirs.rdb"));
    return "theirs.rdb";
  }
}
