package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** INFO, parsed as clients do it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InfoTest {
  private static final List<String> DEFAULT =
      List.of(
          "Server",
          "Clients",
          "Memory",
          "Persistence",
          "Stats",
          "Replication",
          "CPU",
          "Modules",
          "Errorstats",
          "Cluster",
          "Keyspace");

  private RunningServer server;
  private RawClient client;

  @BeforeAll
  void start() {
    server = RunningServer.start("--databases", "4");
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @BeforeEach
  void connect() {
    client = server.connect();
    client.ask("FLUSHALL");
    client.ask("CONFIG", "RESETSTAT");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private Map<String, String> fields(String... words) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : client.askText(words).split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        assertEquals(null, fields.put(line.substring(0, colon), line.substring(colon + 1)), line);
      } else {
        assertTrue(line.isEmpty() || line.startsWith("# "), line);
      }
    }
    return fields;
  }

  private long number(String field) {
    return Long.parseLong(Objects.requireNonNull(fields("INFO", "everything").get(field), field));
  }

  private List<String> titles(String... words) {
    return client
        .askText(words)
        .lines()
        .filter(line -> line.startsWith("# "))
        .map(line -> line.substring(2))
        .toList();
  }

  @Test
  void sectionsAreThoseOfRedisInItsOrder() {
    assertEquals(DEFAULT, titles("INFO"));
    assertEquals(DEFAULT, titles("INFO", "default"));
    assertEquals(13, titles("INFO", "all").size());
    assertEquals(titles("INFO", "all"), titles("INFO", "everything"));
    assertEquals(List.of("Server", "Keyspace"), titles("INFO", "keyspace", "SERVER", "server"));
    assertEquals(List.of("Commandstats"), titles("INFO", "commandstats", "nonsense"));
    assertEquals("", client.askText("INFO", "nonsense"));
    assertEquals(12, titles("INFO", "default", "commandstats").size());
  }

  @Test
  void itIsAVerbatimStringInResp3() {
    client.ask("HELLO", "3");
    assertTrue(client.ask("INFO", "cluster").startsWith("=34\r\ntxt:# Cluster\r\ncluster_en"));
  }

  @Test
  void serverSectionNamesBothVersionsAndThisProcess() {
    Map<String, String> fields = fields("INFO", "server");
    assertEquals("7.2.4", fields.get("redis_version"));
    assertEquals("redknot", fields.get("server_name"));
    assertEquals("standalone", fields.get("redis_mode"));
    assertEquals(String.valueOf(ProcessHandle.current().pid()), fields.get("process_id"));
    assertEquals(String.valueOf(server.port()), fields.get("tcp_port"));
    assertEquals("name=tcp,bind=127.0.0.1,port=" + server.port(), fields.get("listener0"));
    assertTrue(String.valueOf(fields.get("run_id")).matches("[0-9a-f]{40}"), fields.toString());
  }

  @Test
  void clientsAreCounted() {
    Eventually.await("one client", () -> number("connected_clients") == 1);
    try (RawClient other = server.connect()) {
      other.ask("PING");
      assertEquals(2, number("connected_clients"));
    }
    Eventually.await("one client again", () -> number("connected_clients") == 1);
  }

  @Test
  void keysShowInTheirDatabaseAndInMemory() {
    long before = number("used_memory");
    assertFalse(fields("INFO", "keyspace").containsKey("db0"));
    client.ask("SET", "a", "x".repeat(1_000_000));
    client.ask("SET", "b", "y", "PX", "100000");
    client.ask("SELECT", "3");
    client.ask("SET", "c", "z");
    Map<String, String> keyspace = fields("INFO", "keyspace");
    assertEquals(List.of("db0", "db3"), List.copyOf(keyspace.keySet()));
    assertEquals("keys=1,expires=0,avg_ttl=0", keyspace.get("db3"));
    assertTrue(String.valueOf(keyspace.get("db0")).startsWith("keys=2,expires=1,avg_ttl="));
    assertTrue(number("used_memory") - before > 900_000);
    assertTrue(number("used_memory_peak") >= number("used_memory"));
  }

  @Test
  void hitsAndMissesAreCountedAndResetStatForgetsThem() {
    client.ask("SET", "a", "1");
    client.ask("GET", "a");
    client.ask("GET", "none");
    client.ask("GET", "none");
    assertEquals(1, number("keyspace_hits"));
    assertEquals(2, number("keyspace_misses"));
    client.ask("CONFIG", "RESETSTAT");
    assertEquals(0, number("keyspace_hits"));
    assertEquals(0, number("keyspace_misses"));
  }

  @Test
  void commandsAreCountedByTheirFullNames() {
    client.ask("GET", "a");
    client.ask("GET", "a");
    client.ask("GET");
    client.ask("INCRBY", "a", "x");
    client.ask("CONFIG", "GET", "port");
    Map<String, String> stats = fields("INFO", "commandstats");
    assertTrue(
        String.valueOf(stats.get("cmdstat_get"))
            .matches(
                "calls=2,usec=\\d+,usec_per_call=\\d+\\.\\d\\d,rejected_calls=1,failed_calls=0"),
        stats.toString());
    assertTrue(String.valueOf(stats.get("cmdstat_incrby")).endsWith("failed_calls=1"));
    assertTrue(stats.containsKey("cmdstat_config|get"), stats.toString());
    assertFalse(stats.containsKey("cmdstat_set"), stats.toString());
  }

  @Test
  void errorsAreCountedByTheirCode() {
    client.ask("NONSENSE");
    client.ask("SET", "text", "abc");
    client.ask("INCR", "text");
    assertEquals("count=2", fields("INFO", "errorstats").get("errorstat_ERR"));
    assertEquals(2, number("total_error_replies"));
  }

  @Test
  void latenciesHaveTheConfiguredPercentiles() {
    client.ask("CONFIG", "SET", "latency-tracking-info-percentiles", "0 50.5 100");
    client.ask("PING");
    String value =
        String.valueOf(fields("INFO", "latencystats").get("latency_percentiles_usec_ping"));
    assertTrue(value.matches("p0=\\d+\\.\\d{3},p50\\.5=\\d+\\.\\d{3},p100=\\d+\\.\\d{3}"), value);
    client.ask("CONFIG", "SET", "latency-tracking-info-percentiles", "50 99 99.9");
  }

  @Test
  void aPrimaryWithoutReplicasSaysSo() {
    Map<String, String> fields = fields("INFO", "replication");
    assertEquals("master", fields.get("role"));
    assertEquals("0", fields.get("connected_slaves"));
    assertTrue(String.valueOf(fields.get("master_replid")).matches("[0-9a-f]{40}"));
    assertEquals("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", client.ask("ROLE"));
  }

  @Test
  void ratesFollowTheLoad() {
    Eventually.await(
        "commands per second",
        () -> {
          client.ask("PING");
          return number("instantaneous_ops_per_sec") > 0;
        });
    assertTrue(number("total_net_input_bytes") > 0);
  }
}
