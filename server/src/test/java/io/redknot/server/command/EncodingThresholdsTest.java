package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values change their encoding where Redis 7.2 does: one below a limit, at it and one above. */
class EncodingThresholdsTest {
  private static final int LIMIT = 20;

  /** A listpack's header and its end, and what an element of up to 63 bytes has beside its text. */
  private static final int LISTPACK_BYTES = 7;

  private static final int ELEMENT_BYTES = 2;

  private static RunningServer running;
  private RawClient client;

  @BeforeAll
  static void start() {
    running = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @BeforeEach
  void connect() {
    client = running.connect();
    call("flushall");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private String call(String... words) {
    return client.command(words).reply().replace("\r\n", " ").trim();
  }

  private void set(String directive, int value) {
    assertEquals("+OK", call("config", "set", directive, "" + value));
  }

  private void assertEncoding(String expected, String key) {
    String reply = call("object", "encoding", key);
    assertEquals("$" + expected.length() + " " + expected, reply);
  }

  /** A command that adds one element to a value of a type. */
  private void add(String command, String element) {
    String reply =
        switch (command) {
          case "hset" -> call("hset", "k", element, "1");
          case "zadd" -> call("zadd", "k", "1", element);
          default -> call(command, "k", element);
        };
    assertTrue(reply.startsWith(":"), reply);
  }

  @ParameterizedTest(name = "{0} of {2}, {1}")
  @CsvSource({
    "hset, hash-max-listpack-entries, m, listpack, hashtable",
    "zadd, zset-max-listpack-entries, m, listpack, skiplist",
    "sadd, set-max-listpack-entries, m, listpack, hashtable",
    "sadd, set-max-intset-entries, '', intset, hashtable",
    "rpush, list-max-listpack-size, m, listpack, quicklist",
    "lpush, list-max-listpack-size, m, listpack, quicklist"
  })
  void numberOfElementsDecides(
      String command, String directive, String prefix, String small, String large) {
    set(directive, LIMIT);
    for (int i = 1; i <= LIMIT; i++) {
      add(command, prefix + i);
      assertEncoding(small, "k");
    }
    add(command, prefix + (LIMIT + 1));
    assertEncoding(large, "k");
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "hset, hash-max-listpack-value, listpack, hashtable",
    "zadd, zset-max-listpack-value, listpack, skiplist",
    "sadd, set-max-listpack-value, listpack, hashtable"
  })
  void lengthOfElementsDecides(String command, String directive, String small, String large) {
    set(directive, LIMIT);
    add(command, "a".repeat(LIMIT - 1));
    add(command, "b".repeat(LIMIT));
    assertEncoding(small, "k");
    add(command, "c".repeat(LIMIT + 1));
    assertEncoding(large, "k");
  }

  @Test
  void lengthOfAValueOfAHashDecides() {
    set("hash-max-listpack-value", LIMIT);
    call("hset", "k", "f", "x".repeat(LIMIT - 1));
    call("hset", "k", "f", "x".repeat(LIMIT));
    assertEncoding("listpack", "k");
    call("hset", "k", "f", "x".repeat(LIMIT + 1));
    assertEncoding("hashtable", "k");
    call("hset", "k", "f", "1");
    assertEncoding("hashtable", "k");
  }

  @ParameterizedTest(name = "list-max-listpack-size {0}")
  @ValueSource(ints = {-1, -2, -3, -4, -5})
  void bytesOfAListDecide(int size) {
    set("list-max-listpack-size", size);
    int limit = 4096 << (-size - 1);
    int element = 30;
    int elements = 0;
    while (LISTPACK_BYTES + (elements + 1) * (element + ELEMENT_BYTES) <= limit) {
      call("rpush", "k", "x".repeat(element));
      elements++;
    }
    assertEncoding("listpack", "k");
    call("rpush", "k", "x".repeat(element));
    assertEncoding("quicklist", "k");
  }

  @Test
  void listIsOneListpackAgainAtHalfOfItsElements() {
    set("list-max-listpack-size", LIMIT);
    for (int i = 0; i <= LIMIT; i++) {
      add("rpush", "m" + i);
    }
    assertEncoding("quicklist", "k");
    for (int left = LIMIT; left > LIMIT / 2; left--) {
      call("rpop", "k");
      assertEncoding("quicklist", "k");
    }
    call("rpop", "k");
    assertEncoding("listpack", "k");
  }

  @Test
  void listIsOneListpackAgainAtHalfOfItsBytes() {
    set("list-max-listpack-size", -1);
    List<String> words = new ArrayList<>(List.of("rpush", "k"));
    int each = 32;
    for (int i = 0; i < 200; i++) {
      words.add("x".repeat(each - ELEMENT_BYTES));
    }
    assertEquals(":200", call(words.toArray(new String[0])));
    assertEncoding("quicklist", "k");
    int most = (2048 - LISTPACK_BYTES) / each;
    call("ltrim", "k", "0", "" + most);
    assertEncoding("quicklist", "k");
    call("rpop", "k");
    assertEncoding("listpack", "k");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void depthOfCompressionIsTakenAndChangesNoReply(int depth) {
    set("list-compress-depth", depth);
    set("list-max-listpack-size", 3);
    for (int i = 0; i < 100; i++) {
      add("rpush", "m" + i);
    }
    assertEncoding("quicklist", "k");
    assertEquals("*2 $3 m50 $3 m51", call("lrange", "k", "50", "51"));
  }

  private int nodesOfStream() {
    String[] lines = client.command("xinfo", "stream", "k").reply().split("\r\n", -1);
    int at = List.of(lines).indexOf("radix-tree-keys");
    return Integer.parseInt(lines[at + 1].substring(1));
  }

  @Test
  void numberOfEntriesBeginsANodeOfAStream() {
    set("stream-node-max-entries", LIMIT);
    for (int i = 1; i <= LIMIT; i++) {
      call("xadd", "k", i + "-1", "f", "v");
      assertEquals(1, nodesOfStream());
    }
    call("xadd", "k", "1000-1", "f", "v");
    assertEquals(2, nodesOfStream());
  }
}
