package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CLUSTER SLOT-STATS on a cluster of one node. The slot of k is 7629, that of foo 12182. */
class SlotStatsTest {
  private static final String K_SLOT = "7629";
  private static final String FOO_SLOT = "12182";

  @TempDir private static Path directory;
  private static RunningServer server;
  private RawClient client;

  @BeforeAll
  static void start() {
    server =
        RunningServer.start(
            "--cluster-enabled",
            "yes",
            "--cluster-require-full-coverage",
            "no",
            "--dir",
            directory.toString());
    try (RawClient admin = server.connect()) {
      admin.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16382");
      Eventually.await("the cluster serves", () -> admin.ask("SET", "k", "v").equals("+OK\r\n"));
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() {
    client = server.connect();
    client.ask("FLUSHALL");
    client.ask("SET", "k", "v");
    client.ask("CONFIG", "SET", "cluster-slot-stats-enabled", "no");
    client.ask("CONFIG", "RESETSTAT");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private String stats(String... words) {
    String[] all = new String[words.length + 2];
    all[0] = "CLUSTER";
    all[1] = "SLOT-STATS";
    System.arraycopy(words, 0, all, 2, words.length);
    return client.ask(all).replace("\r\n", " ");
  }

  private static String bytes(int in, int out) {
    return " $16 network-bytes-in :" + in + " $17 network-bytes-out :" + out + " ";
  }

  /** The figures of a slot with one key, behind the time that commands took. */
  private String network(String slot) {
    String reply = stats("SLOTSRANGE", slot, slot);
    String head = "*1 *2 :" + slot + " *8 $9 key-count :1 $8 cpu-usec :";
    assertTrue(reply.startsWith(head), reply);
    return reply.substring(reply.indexOf(' ', head.length()));
  }

  @Test
  void withoutTheDirectiveOnlyKeysAreTold() {
    assertEquals("*1 *2 :7629 *2 $9 key-count :1 ", stats("SLOTSRANGE", K_SLOT, K_SLOT));
    String refusal = "-ERR Unrecognized sort metric for ORDERBY. ";
    assertEquals(refusal, stats("ORDERBY", "cpu-usec"));
    client.ask("HELLO", "3");
    assertEquals("*1 *2 :7629 %1 $9 key-count :1 ", stats("SLOTSRANGE", K_SLOT, K_SLOT));
  }

  @Test
  void onlySlotsOfThisNodeAreTold() {
    assertEquals("*1 *2 :16382 *2 $9 key-count :0 ", stats("SLOTSRANGE", "16382", "16383"));
  }

  @Test
  void slotsAreOrderedByAFigureThenByNumber() {
    client.ask("MSET", "a{foo}", "1", "b{foo}", "2");
    String most = " *2 :12182 *2 $9 key-count :2 *2 :7629 *2 $9 key-count :1 ";
    assertEquals("*2" + most, stats("ORDERBY", "key-count", "LIMIT", "2"));
    assertEquals("*2" + most, stats("orderby", "KEY-COUNT", "desc", "limit", "2"));
    assertEquals(
        "*2 *2 :0 *2 $9 key-count :0 *2 :1 *2 $9 key-count :0 ",
        stats("ORDERBY", "key-count", "ASC", "LIMIT", "2"));
  }

  @Test
  void requestsAndRepliesAreCountedAsTheyTravel() {
    client.ask("CONFIG", "SET", "cluster-slot-stats-enabled", "yes");
    client.ask("SET", "foo", "bar");
    assertEquals(bytes(31, 5), network(FOO_SLOT));
    client.ask("GET", "foo");
    assertEquals(bytes(31 + 22, 5 + 9), network(FOO_SLOT));
    client.ask("CONFIG", "RESETSTAT");
    assertEquals(bytes(0, 0), network(FOO_SLOT));
  }

  @Test
  void aTransactionCountsForItsSlot() {
    client.ask("CONFIG", "SET", "cluster-slot-stats-enabled", "yes");
    client.ask("MULTI");
    client.ask("SET", "foo", "bar");
    client.ask("EXEC");
    int queued = "+QUEUED\r\n".length();
    int executed = "*1\r\n+OK\r\n".length();
    assertEquals(bytes(15 + 31 + 14, queued + executed), network(FOO_SLOT));
    assertTrue(
        stats("ORDERBY", "network-bytes-in", "LIMIT", "1").startsWith("*1 *2 :12182 *8 "),
        "the slot with the most traffic");
  }

  @Test
  void aCommandThatWaitedCountsOnce() {
    client.ask("CONFIG", "SET", "cluster-slot-stats-enabled", "yes");
    try (RawClient waiting = server.connect()) {
      waiting.command("BLPOP", "{foo}list", "0");
      Eventually.await(
          "a client waits", () -> client.ask("INFO", "clients").contains("blocked_clients:1"));
      client.ask("SET", "foo", "bar");
      client.ask("RPUSH", "{foo}list", "v");
      waiting.reply();
      int in = RawClient.resp("BLPOP", "{foo}list", "0").length() + 31;
      in += RawClient.resp("RPUSH", "{foo}list", "v").length();
      int out = "*2\r\n$9\r\n{foo}list\r\n$1\r\nv\r\n".length() + 5 + ":1\r\n".length();
      assertEquals(bytes(in, out), network(FOO_SLOT));
    }
  }

  @Test
  void aNewOwnerCountsFromTheStart() {
    client.ask("CONFIG", "SET", "cluster-slot-stats-enabled", "yes");
    client.ask("SET", "foo", "bar");
    client.ask("CLUSTER", "DELSLOTS", FOO_SLOT);
    client.ask("CLUSTER", "ADDSLOTS", FOO_SLOT);
    assertEquals(bytes(0, 0), network(FOO_SLOT));
  }

  @Test
  void wrongWordsAreRefused() {
    String range = "-ERR Invalid or out of range slot ";
    assertEquals(range, stats("SLOTSRANGE", "0", "16384"));
    assertEquals(range, stats("SLOTSRANGE", "x", "1"));
    assertEquals(
        "-ERR Start slot number 2 is greater than end slot number 1 ",
        stats("SLOTSRANGE", "2", "1"));
    String limit = "-ERR Limit has to lie in between 1 and 16384 (maximum number of slots). ";
    assertEquals(limit, stats("ORDERBY", "key-count", "LIMIT", "0"));
    assertEquals(limit, stats("ORDERBY", "key-count", "LIMIT", "x"));
    String twice = "-ERR Multiple filters of the same type are disallowed. ";
    assertEquals(twice, stats("ORDERBY", "key-count", "ASC", "DESC"));
    assertEquals(twice, stats("ORDERBY", "key-count", "LIMIT", "1", "LIMIT", "1"));
    assertEquals("-ERR syntax error ", stats("ORDERBY", "key-count", "LIMIT"));
    String unknown =
        "-ERR unknown subcommand or wrong number of arguments for 'slot-stats'."
            + " Try CLUSTER HELP. ";
    assertEquals(unknown, stats("SLOTSRANGE", "1").replace("SLOT-STATS", "slot-stats"));
  }
}
