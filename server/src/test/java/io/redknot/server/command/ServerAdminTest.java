package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.Ports;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** CONFIG, SLOWLOG, LATENCY, MEMORY, DEBUG and what else administrators send. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerAdminTest {
  private static final String OK = "+OK\r\n";

  private RunningServer server;
  private RawClient client;

  @BeforeAll
  void start() {
    server =
        RunningServer.start("--enable-debug-command", "local", "--rename-command", "ECHO", "shout");
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @BeforeEach
  void connect() {
    client = server.connect();
    client.ask("FLUSHALL");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void configGetIsAMapInResp3AndFlatInResp2() {
    assertEquals("*2\r\n$7\r\nmaxmemory\r\n".replace("$7", "$9") + "$1\r\n0\r\n", get("maxmemory"));
    assertEquals("*0\r\n", get("nonsense"));
    client.ask("HELLO", "3");
    assertEquals("%1\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n", get("maxmemory"));
  }

  private String get(String pattern) {
    return client.ask("CONFIG", "GET", pattern);
  }

  @Test
  void configSetRefusesInTheWordsOfRedisAndChangesNothingThen() {
    assertEquals(
        "-ERR CONFIG SET failed (possibly related to argument 'port') - duplicate parameter\r\n",
        client.ask("CONFIG", "SET", "port", "1", "port", "2"));
    assertEquals(
        "-ERR CONFIG SET failed (possibly related to argument 'timeout')"
            + " - argument couldn't be parsed into an integer\r\n",
        client.ask("CONFIG", "SET", "slowlog-max-len", "77", "timeout", "soon"));
    assertEquals("*2\r\n$15\r\nslowlog-max-len\r\n$3\r\n128\r\n", get("slowlog-max-len"));
    assertEquals("-ERR syntax error\r\n", client.ask("CONFIG", "SET", "timeout", "1", "hz"));
    assertEquals(
        "-ERR The server is running without a config file\r\n", client.ask("CONFIG", "REWRITE"));
  }

  @Test
  void configSetTakesEffectAtRunTime() {
    assertEquals(OK, client.ask("CONFIG", "SET", "requirepass", "secret"));
    try (RawClient other = server.connect()) {
      assertEquals("-NOAUTH Authentication required.\r\n", other.ask("PING"));
      assertEquals(OK, other.ask("AUTH", "secret"));
      assertEquals("+PONG\r\n", other.ask("PING"));
    }
    assertEquals(OK, client.ask("CONFIG", "SET", "requirepass", ""));
    assertEquals(OK, client.ask("CONFIG", "SET", "maxclients", "1"));
    try (RawClient other = server.connect()) {
      assertEquals("-ERR max number of clients reached\r\n", other.readToEnd());
    }
    assertEquals(OK, client.ask("CONFIG", "SET", "maxclients", "100"));
  }

  @Test
  void slowCommandsAreKeptWithTheirClient() {
    client.ask("CLIENT", "SETNAME", "tortoise");
    client.ask("CONFIG", "SET", "slowlog-log-slower-than", "0");
    client.ask("SLOWLOG", "RESET");
    client.ask("SET", "key", "x".repeat(200));
    String all = client.ask("SLOWLOG", "GET", "1");
    assertTrue(
        all.contains("$3\r\nkey\r\n$147\r\n" + "x".repeat(128) + "... (72 more bytes)\r\n"), all);
    String tail =
        "$" + client.address().length() + "\r\n" + client.address() + "\r\n$8\r\ntortoise\r\n";
    assertTrue(all.endsWith(tail), all);
    client.ask("CONFIG", "SET", "slowlog-max-len", "2");
    assertEquals(":2\r\n", client.ask("SLOWLOG", "LEN"));
    client.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000", "slowlog-max-len", "128");
    client.ask("SLOWLOG", "RESET");
    assertEquals("*0\r\n", client.ask("SLOWLOG", "GET", "-1"));
    String refusal = "-ERR count should be greater than or equal to -1\r\n";
    assertEquals(refusal, client.ask("SLOWLOG", "GET", "-2"));
    assertEquals(refusal, client.ask("SLOWLOG", "GET", "many"));
  }

  @Test
  void aCommandThatWaitedIsSlowByItsAnswer() {
    client.ask("CONFIG", "SET", "slowlog-log-slower-than", "0");
    try (RawClient waiting = server.connect()) {
      waiting.command("BLPOP", "waited", "0");
      Eventually.await(
          "blocked", () -> client.ask("INFO", "clients").contains("blocked_clients:1"));
      client.ask("MULTI");
      client.ask("RPUSH", "waited", "x");
      client.ask("SLOWLOG", "RESET");
      client.ask("EXEC");
      assertEquals("*2\r\n$6\r\nwaited\r\n$1\r\nx\r\n", waiting.reply());
    }
    String last = client.ask("SLOWLOG", "GET", "1");
    client.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000");
    assertTrue(last.contains("*3\r\n$5\r\nBLPOP\r\n$6\r\nwaited\r\n$1\r\n0\r\n"), last);
  }

  @Test
  void secretsAreNotKeptInTheSlowLog() {
    client.ask("CONFIG", "SET", "slowlog-log-slower-than", "0");
    client.ask("SLOWLOG", "RESET");
    client.ask("CONFIG", "SET", "masterauth", "s3cret", "timeout", "0");
    client.ask("AUTH", "user", "s3cret");
    client.ask("HELLO", "3", "AUTH", "who", "s3cret");
    String log = client.ask("SLOWLOG", "GET", "-1");
    client.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000", "masterauth", "");
    assertTrue(log.contains("$10\r\nmasterauth\r\n$10\r\n(redacted)\r\n$7\r\ntimeout"), log);
    assertTrue(log.contains("$4\r\nAUTH\r\n$10\r\n(redacted)\r\n$10\r\n(redacted)\r\n"), log);
    assertTrue(log.contains("$10\r\n(redacted)\r\n$10\r\n(redacted)\r\n"), log);
    assertFalse(log.contains("s3cret"), log);
  }

  @Test
  void anotherPortIsListenedOnAtOnceAndATakenOneIsRefused() throws IOException {
    int free = Ports.claim();
    int before = server.port();
    assertEquals(OK, client.ask("CONFIG", "SET", "port", String.valueOf(free)));
    try (RawClient other = new RawClient(free)) {
      assertEquals("+PONG\r\n", other.ask("PING"));
    }
    int taken = Ports.claim();
    try (ServerSocket holder = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
      assertEquals(
          "-ERR CONFIG SET failed (possibly related to argument 'port')"
              + " - Unable to listen on this port. Check server logs.\r\n",
          client.ask("CONFIG", "SET", "timeout", "9", "port", String.valueOf(taken)));
      assertTrue(holder.isBound());
    }
    assertEquals("*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n", get("timeout"));
    try (RawClient other = new RawClient(free)) {
      assertEquals("+PONG\r\n", other.ask("PING"));
    }
    assertEquals(OK, client.ask("CONFIG", "SET", "port", String.valueOf(before)));
  }

  @Test
  void latencySpikesAreKeptFromTheThresholdOn() {
    assertTrue(client.askText("LATENCY", "DOCTOR").contains("latency-monitor-threshold"));
    client.ask("LATENCY", "RESET");
    client.ask("CONFIG", "SET", "latency-monitor-threshold", "10");
    assertEquals(OK, client.ask("DEBUG", "SLEEP", "0.02"));
    String latest = client.ask("LATENCY", "LATEST");
    assertTrue(latest.startsWith("*1\r\n*4\r\n$7\r\ncommand\r\n:"), latest);
    assertTrue(client.ask("LATENCY", "HISTORY", "command").startsWith("*1\r\n*2\r\n:"));
    assertTrue(client.askText("LATENCY", "GRAPH", "command").startsWith("command - high "));
    assertTrue(client.askText("LATENCY", "DOCTOR").contains("command: 1 spikes"));
    assertEquals(":1\r\n", client.ask("LATENCY", "RESET", "command", "other"));
    assertEquals("*0\r\n", client.ask("LATENCY", "LATEST"));
    assertEquals(
        "-ERR No samples available for event 'command'\r\n",
        client.ask("LATENCY", "GRAPH", "command"));
    client.ask("CONFIG", "SET", "latency-monitor-threshold", "0");
  }

  @Test
  void histogramsCountEveryCallOfTheNamedCommands() {
    client.ask("CONFIG", "RESETSTAT");
    client.ask("SET", "a", "1");
    client.ask("GET", "a");
    client.ask("GET", "a");
    client.ask("HELLO", "3");
    String reply = client.ask("LATENCY", "HISTOGRAM", "get", "nonsense", "del");
    assertTrue(
        reply.startsWith("%1\r\n$3\r\nget\r\n%2\r\n$5\r\ncalls\r\n:2\r\n$14\r\nhistogram_usec"),
        reply);
    assertTrue(reply.endsWith("\r\n:2\r\n"), reply);
    assertTrue(client.ask("LATENCY", "HISTOGRAM", "config").contains("config|resetstat"));
  }

  @Test
  void memoryIsToldOfKeysAndOfTheServer() {
    client.ask("SET", "a", "x".repeat(1000));
    String usage = client.ask("MEMORY", "USAGE", "a", "SAMPLES", "0");
    assertTrue(Integer.parseInt(usage.substring(1).strip()) > 1000, usage);
    assertEquals("$-1\r\n", client.ask("MEMORY", "USAGE", "none"));
    assertEquals("-ERR syntax error\r\n", client.ask("MEMORY", "USAGE", "a", "SAMPLES", "-1"));
    assertEquals("-ERR syntax error\r\n", client.ask("MEMORY", "USAGE", "a", "SAMPLES"));
    assertEquals(OK, client.ask("MEMORY", "PURGE"));
    client.ask("HELLO", "3");
    String stats = client.ask("MEMORY", "STATS");
    assertTrue(stats.startsWith("%29\r\n$14\r\npeak.allocated\r\n:"), stats);
    assertTrue(stats.contains("$4\r\ndb.0\r\n%3\r\n"), stats);
    assertEquals("+PONG\r\n", client.ask("PING"), "the map has as many entries as it says");
  }

  @Test
  void debugShowsWhatTheJavaHeapHolds() {
    String histogram = client.askText("DEBUG", "JMAP");
    assertTrue(histogram.contains("#instances"), histogram);
    assertTrue(histogram.contains(" io.redknot.server.Server"), histogram);
    assertTrue(client.ask("DEBUG", "HELP").contains("+JMAP\r\n"));
    client.ask("HELLO", "3");
    assertTrue(client.ask("DEBUG", "jmap").startsWith("="));
    assertTrue(client.ask("DEBUG", "JMAP", "x").startsWith("-ERR unknown subcommand"));
  }

  @Test
  void debugShowsHowAValueIsKept() {
    client.ask("SET", "n", "12");
    String object = client.ask("DEBUG", "OBJECT", "n");
    assertTrue(
        object.matches("(?s)\\+Value at:0x.* refcount:1 encoding:int .*lru_seconds.*"), object);
    assertEquals("-ERR no such key\r\n", client.ask("DEBUG", "OBJECT", "none"));
    assertEquals(
        "-ERR unknown subcommand or wrong number of arguments for 'x'. Try DEBUG HELP.\r\n",
        client.ask("DEBUG", "x"));
    assertEquals("$11\r\nHello World\r\n", client.ask("DEBUG", "PROTOCOL", "string"));
    assertEquals("-MY error\r\n", client.ask("DEBUG", "ERROR", "MY error"));
  }

  @Test
  void renamedCommandIsKnownUnderItsNewNameOnly() {
    assertEquals("$1\r\nx\r\n", client.ask("Shout", "x"));
    assertEquals(
        "-ERR unknown command 'ECHO', with args beginning with: 'x' \r\n", client.ask("ECHO", "x"));
    assertEquals("-ERR wrong number of arguments for 'echo' command\r\n", client.ask("SHOUT"));
  }

  @Test
  void modulesCannotBeLoadedAndThereAreNone() {
    assertEquals("*0\r\n", client.ask("MODULE", "LIST"));
    assertTrue(client.ask("MODULE", "LOAD", "x.so").startsWith("-ERR MODULE command not allowed."));
  }

  @Test
  void thereAreNoFunctionsToListOrToForget() {
    assertEquals("+OK\r\n", client.ask("FUNCTION", "FLUSH"));
    assertEquals("+OK\r\n", client.ask("FUNCTION", "FLUSH", "Async"));
    assertEquals(
        "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n",
        client.ask("FUNCTION", "FLUSH", "later"));
    assertEquals(
        "-ERR unknown subcommand or wrong number of arguments for 'FLUSH'. Try FUNCTION HELP.\r\n",
        client.ask("FUNCTION", "FLUSH", "SYNC", "x"));
    assertEquals("*0\r\n", client.ask("FUNCTION", "LIST"));
    assertEquals("*0\r\n", client.ask("FUNCTION", "LIST", "WithCode", "LibraryName", "a*"));
    assertEquals(
        "-ERR library name argument was not given\r\n",
        client.ask("FUNCTION", "LIST", "LIBRARYNAME"));
    assertEquals(
        "-ERR Unknown argument WITHCODE\r\n",
        client.ask("FUNCTION", "LIST", "WITHCODE", "WITHCODE"));
  }

  @Test
  void lolwutEndsInTheVersion() {
    assertTrue(client.askText("LOLWUT").endsWith("Redis ver. 7.2.4\n"));
    assertTrue(client.askText("LOLWUT", "VERSION", "5", "3").endsWith("Redis ver. 7.2.4\n"));
  }

  @Test
  void shutdownRefusesWhatContradictsItself() {
    assertEquals("-ERR syntax error\r\n", client.ask("SHUTDOWN", "SAVE", "NOSAVE"));
    assertEquals("-ERR syntax error\r\n", client.ask("SHUTDOWN", "ABORT", "NOW"));
    assertEquals("-ERR syntax error\r\n", client.ask("SHUTDOWN", "soon"));
    assertEquals("-ERR No shutdown in progress.\r\n", client.ask("SHUTDOWN", "ABORT"));
  }

  @Test
  void idleClientsAreClosedOnceATimeoutIsSet() {
    try (RawClient idle = server.connect()) {
      idle.ask("PING");
      client.ask("CONFIG", "SET", "timeout", "1");
      assertEquals("", idle.readToEnd());
    }
    try (RawClient other = server.connect()) {
      assertEquals(OK, other.ask("CONFIG", "SET", "timeout", "0"));
    }
  }
}
