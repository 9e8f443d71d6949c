package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** PFSELFTEST, and what PFDEBUG tells of sketches that are sparse and dense, as redis-server. */
final class SketchDebuggingTest {
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
  }

  @AfterEach
  void disconnect() throws IOException {
    redis.close();
    redknot.close();
  }

  /** Sends a command to both servers, which must say the same. */
  private String same(String... words) throws IOException {
    String expected = redis.call(words).raw();
    assertEquals(expected, redknot.call(words).raw(), String.join(" ", words));
    return expected;
  }

  private void add(String key, int elements) throws IOException {
    List<String> words = new ArrayList<>(List.of("PFADD", key));
    for (int i = 0; i < elements; i++) {
      words.add("element" + i);
    }
    same(words.toArray(new String[0]));
  }

  @Test
  void selfTestSucceeds() throws IOException {
    assertEquals("+OK\r\n", same("PFSELFTEST"));
    same("PFSELFTEST", "x");
  }

  @Test
  void sparseSketchIsDecodedAndBecomesDenseOnce() throws IOException {
    add("k", 50);
    assertEquals("+sparse\r\n", same("PFDEBUG", "ENCODING", "k"));
    same("PFDEBUG", "DECODE", "k");
    assertEquals(":1\r\n", same("PFDEBUG", "TODENSE", "k"));
    assertEquals("+dense\r\n", same("PFDEBUG", "ENCODING", "k"));
    assertEquals(":0\r\n", same("PFDEBUG", "TODENSE", "k"));
    same("PFDEBUG", "DECODE", "k");
    same("PFDEBUG", "GETREG", "k");
    same("PFCOUNT", "k");
    same("GET", "k");
  }

  @Test
  void askingForRegistersMakesASketchDense() throws IOException {
    add("k", 50);
    String registers = same("PFDEBUG", "GETREG", "k");
    assertEquals("+dense\r\n", same("PFDEBUG", "ENCODING", "k"));
    assertEquals(registers, same("PFDEBUG", "GETREG", "k"));
    same("GET", "k");
  }

  @Test
  void sketchOfManyElementsIsDense() throws IOException {
    add("k", 5000);
    assertEquals("+dense\r\n", same("PFDEBUG", "ENCODING", "k"));
    assertEquals(":0\r\n", same("PFDEBUG", "TODENSE", "k"));
    same("PFDEBUG", "DECODE", "k");
    same("PFDEBUG", "GETREG", "k");
  }

  @Test
  void whatIsNoSketchIsRefused() throws IOException {
    same("SET", "text", "x");
    same("RPUSH", "list", "x");
    add("k", 1);
    for (String subcommand : List.of("GETREG", "DECODE", "ENCODING", "TODENSE", "BOGUS")) {
      for (String key : List.of("none", "text", "list")) {
        same("PFDEBUG", subcommand, key);
      }
      same("PFDEBUG", subcommand);
    }
    same("PFDEBUG", "BOGUS", "k");
  }
}
