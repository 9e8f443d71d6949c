package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the differential test cannot pin down: clocks, counters, and what is new in 7.2. */
class StreamCommandsTest {
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

  private long changes() {
    return running.server().shards().shard(0).stats().changes;
  }

  @Test
  void idsOfTheServerRiseEvenBehindAClockThatIsAhead() {
    assertTrue(call("xadd", "k", "*", "f", "v").matches("\\$15 \\d{13}-\\d"));
    call("xadd", "k", "99999999999999-7", "f", "v");
    assertEquals("$16 99999999999999-8", call("xadd", "k", "*", "f", "v"));
    call("xadd", "k", "99999999999999-18446744073709551615", "f", "v");
    assertEquals("$17 100000000000000-0", call("xadd", "k", "*", "f", "v"));
  }

  @Test
  void blockWaitsOnlyWhereThereIsNothing() {
    call("xadd", "k", "1-1", "f", "v");
    assertEquals("*-1", call("xread", "block", "1", "streams", "k", "$"));
    assertEquals(
        "*1 *2 $1 k *1 *2 $3 1-1 *2 $1 f $1 v", call("xread", "block", "0", "streams", "k", "0"));
    assertEquals("-ERR timeout is negative", call("xread", "block", "-1", "streams", "k", "0"));
    assertEquals(
        "-ERR timeout is not an integer or out of range",
        call("xread", "block", "x", "streams", "k", "0"));
  }

  @Test
  void setIdStaysAboveTheGreatestIdDeleted() {
    call("xadd", "k", "5-0", "f", "v");
    call("xdel", "k", "5-0");
    assertEquals(
        "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
        call("xsetid", "k", "4-0"));
    assertEquals("+OK", call("xsetid", "k", "5-0"));
  }

  @Test
  void consumersAreMadeEvenWhereTheyGetNothing() {
    call("xgroup", "create", "k", "g", "0", "mkstream");
    call("xautoclaim", "k", "g", "claims", "0", "0");
    call("xreadgroup", "group", "g", "reads", "streams", "k", ">");
    String consumers = call("xinfo", "consumers", "k", "g");
    assertTrue(consumers.contains("claims") && consumers.contains("reads"), consumers);
    assertTrue(consumers.endsWith("$8 inactive :-1"), consumers);
    call("xadd", "k", "1-1", "f", "v");
    call("xreadgroup", "group", "g", "reads", "streams", "k", ">");
    consumers = call("xinfo", "consumers", "k", "g");
    assertTrue(consumers.matches(".*reads .* \\$8 inactive :\\d+"), consumers);
  }

  @Test
  void everyEntryThatChangesCounts() {
    call("xadd", "k", "1-1", "f", "v");
    call("xadd", "k", "1-2", "f", "v");
    call("xadd", "k", "1-3", "f", "v");
    call("xgroup", "create", "k", "g", "0");
    long before = changes();
    call("xreadgroup", "group", "g", "c", "streams", "k", ">");
    assertEquals(before + 2, changes());
    call("xack", "k", "g", "1-1", "1-2", "9-9");
    call("xdel", "k", "1-1", "1-2", "9-9");
    assertEquals(before + 6, changes());
    call("xack", "k", "g", "9-9");
    call("xtrim", "k", "maxlen", "5");
    call("xlen", "k");
    assertEquals(before + 6, changes());
  }

  @Test
  void whatWasPendingWithRemovedConsumerIsGoneBeforeItIsGivenBack() {
    String[] add = {"xadd", "k", "", "f", "v"};
    for (int i = 1; i <= 500; i++) {
      add[2] = i + "-0";
      call(add);
    }
    call("xgroup", "create", "k", "g", "0");
    call("xreadgroup", "group", "g", "gone", "count", "499", "streams", "k", ">");
    call("xreadgroup", "group", "g", "stays", "streams", "k", ">");
    // In a transaction, so that nothing can be given back between its commands.
    call("multi");
    call("xgroup", "delconsumer", "k", "g", "gone");
    call("info", "memory");
    call("xpending", "k", "g");
    call("xpending", "k", "g", "-", "+", "10", "gone");
    call("xack", "k", "g", "400-0");
    call("xclaim", "k", "g", "stays", "0", "400-0", "justid");
    call("xclaim", "k", "g", "stays", "0", "450-0", "force", "justid");
    call("copy", "k", "copied");
    call("xpending", "copied", "g");
    String replies = call("exec");
    String pendingOfOne = "*4 :1 $5 500-0 $5 500-0 *1 *2 $5 stays $1 1";
    String pendingOfTwo = "*4 :2 $5 450-0 $5 500-0 *1 *2 $5 stays $1 2";
    assertTrue(replies.startsWith("*9 :499 "), replies);
    assertTrue(replies.contains("lazyfree_pending_objects:1 "), replies);
    assertTrue(replies.contains(" " + pendingOfOne + " *0 :0 *0 *1 "), replies);
    assertTrue(replies.endsWith(" :0 *0 *1 $5 450-0 :1 " + pendingOfTwo), replies);
    Eventually.await("all is given back", () -> call("info", "memory").contains("_objects:0"));
    assertEquals(pendingOfTwo, call("xpending", "k", "g"));
    assertEquals(pendingOfTwo, call("xpending", "copied", "g"));
  }

  @Test
  void longRepliesStandInOrder() {
    String large = "x".repeat(40_000);
    call("xadd", "k", "1-1", "f", large);
    call("xadd", "k", "1-2", "f", "v");
    assertEquals(
        "*2 *2 $3 1-1 *2 $1 f $40000 " + large + " *2 $3 1-2 *2 $1 f $1 v",
        call("xrange", "k", "-", "+"));
  }
}
