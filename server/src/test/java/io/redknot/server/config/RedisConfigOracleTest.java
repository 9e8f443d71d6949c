package io.redknot.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks a real redis-server 7.0 and expects the same of us. */
final class RedisConfigOracleTest {
  /** Names of 7.2 or of Redknot that 7.0 does not know. */
  private static final Set<String> NOT_IN_ORACLE =
      Set.of(
          "redknot-shards",
          "redknot-transport",
          "rdb-version",
          "cluster-announce-human-nodename",
          "locale-collate",
          "client-default-resp",
          "cluster-ping-interval",
          "redknot-huge-pages",
          "cluster-slot-stats-enabled",
          "cluster-fast-failover",
          "cluster-fast-failover-grace",
          "loading-process-events-interval-bytes",
          "req-res-logfile",
          "use-exit-on-panic",
          "set-max-listpack-entries",
          "set-max-listpack-value");

  /** Names that differ: hidden since 7.2, set by the test, or counted by cores. */
  private static final Set<String> DIFFERENT =
      Set.of("aof-disable-auto-gc", "bind", "port", "io-threads");

  @TempDir private Path directory;

  @BeforeAll
  static void needsTheOracle() {
    assertTrue(RedisOracle.isInstalled(), "install Debian's redis-server");
  }

  @Test
  void namesAndDefaultsAreThoseOfRedis() throws Exception {
    Map<String, String> expected = new TreeMap<>();
    try (RedisOracle redis = RedisOracle.start(directory)) {
      List<String> reply = redis.call("CONFIG", "GET", "*");
      for (int i = 0; i < reply.size(); i += 2) {
        expected.put(reply.get(i), reply.get(i + 1));
      }
    }
    Map<String, String> actual = new TreeMap<>();
    for (NamedText named : TestConfigs.defaults(directory).get(List.of("*"))) {
      actual.put(named.name(), named.value());
    }
    actual.keySet().removeAll(NOT_IN_ORACLE);
    expected.keySet().removeAll(DIFFERENT);
    actual.keySet().removeAll(DIFFERENT);
    assertEquals(expected, actual);
  }

  @Test
  void configSetAnswersAndStoresWhatRedisDoes() throws Exception {
    List<String> names = new ArrayList<>();
    for (Directive<?> row : ConfigTable.all()) {
      boolean same = !NOT_IN_ORACLE.contains(row.name()) && !DIFFERENT.contains(row.name());
      // The rest would cut the connection, start files, or ask OpenSSL or the system.
      boolean harmless =
          !row.name().startsWith("tls-")
              && !Set.of(
                      "requirepass",
                      "maxclients",
                      "appendonly",
                      "oom-score-adj",
                      "watchdog-period",
                      "loglevel")
                  .contains(row.name());
      if (same && harmless) {
        names.addAll(row.names());
      }
    }
    ServerConfig config = TestConfigs.defaults(directory);
    List<String> differences = new ArrayList<>();
    try (RedisOracle redis = RedisOracle.start(directory)) {
      for (String name : names) {
        for (String value : ConfigSamples.valuesFor(name)) {
          String expected = setAndGet(redis, name, value);
          String actual = setAndGet(config, name, value);
          if (!expected.equals(actual)) {
            differences.add("%s '%s': %s but %s".formatted(name, value, expected, actual));
          }
        }
      }
    }
    assertEquals(List.of(), differences, () -> String.join("\n", differences));
  }

  private static String setAndGet(RedisOracle redis, String name, String value) throws Exception {
    String reply = redis.call("CONFIG", "SET", name, value).getFirst();
    return reply + ", then " + redis.call("CONFIG", "GET", name).get(1);
  }

  private static String setAndGet(ServerConfig config, String name, String value) {
    String error = config.set(List.of(name, value), true, false);
    return (error == null ? "OK" : error) + ", then " + config.text(name);
  }

  @Test
  void severalNamesAtOnceAreRefusedAsByRedis() throws Exception {
    ServerConfig config = TestConfigs.defaults(directory);
    try (RedisOracle redis = RedisOracle.start(directory)) {
      for (List<String> pairs : ConfigSamples.PAIRS) {
        List<String> command = new ArrayList<>(List.of("CONFIG", "SET"));
        command.addAll(pairs);
        String expected = redis.call(command.toArray(String[]::new)).getFirst();
        String error = config.set(pairs, true, false);
        assertEquals(expected, error == null ? "OK" : error, pairs.toString());
      }
    }
  }

  @Test
  void aRewrittenFileHasTheSameLines() throws Exception {
    Path ours = directory.resolve("ours.conf");
    Path theirs = directory.resolve("theirs.conf");
    String port = "port " + Ports.claim() + "\n";
    TestConfigs.write(ours, port + ConfigSamples.FILE);
    TestConfigs.write(theirs, port + ConfigSamples.FILE);
    Map<String, String> changes = ConfigSamples.CHANGES;
    ServerConfig config = TestConfigs.start(directory, "ours.conf");
    List<String> users;
    try (RedisOracle redis = RedisOracle.start(directory, "theirs.conf")) {
      for (Map.Entry<String, String> change : changes.entrySet()) {
        redis.call("CONFIG", "SET", change.getKey(), change.getValue());
        assertNull(config.set(List.of(change.getKey(), change.getValue()), true, false));
      }
      config.put("port", redis.call("CONFIG", "GET", "port").get(1));
      config.put("bind", "127.0.0.1");
      users = new ArrayList<>(redis.call("ACL", "LIST"));
      assertEquals("OK", redis.call("CONFIG", "REWRITE").getFirst());
      users.sort((a, b) -> Boolean.compare(!a.contains("alice"), !b.contains("alice")));
      assertNull(config.rewrite(users, false));
    }
    List<String> expected = Files.readAllLines(theirs);
    List<String> actual = Files.readAllLines(ours);
    int signature = expected.indexOf("# Generated by CONFIG REWRITE");
    assertEquals(expected.subList(0, signature), actual.subList(0, signature));
    // What is appended has no order of its own in Redis.
    assertEquals(new TreeSet<>(expected), new TreeSet<>(actual));
    assertEquals(expected.size(), actual.size());
  }

  @Test
  void aWrongFileIsRefusedWithTheSameText() throws Exception {
    for (String text : ConfigSamples.WRONG_FILES) {
      TestConfigs.write(directory.resolve("wrong.conf"), text);
      String printed = RedisOracle.failedStart(directory, "wrong.conf");
      int from = printed.indexOf("*** FATAL");
      String expected = printed.substring(Math.max(from, 0)).replaceAll("Redis 7[^)]*", "Redis V");
      String ours =
          assertThrows(
                  ConfigFileException.class,
                  () -> TestConfigs.start(directory, "wrong.conf"),
                  text + " but redis says " + printed)
              .text();
      String actual = ours.replaceAll("Redis 7[^)]*", "Redis V").replaceAll("\\n\\([^\\n]*$", "");
      assertEquals(expected.strip(), actual, text);
    }
  }
}
