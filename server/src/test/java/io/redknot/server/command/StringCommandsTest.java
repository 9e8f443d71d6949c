package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the differential test cannot pin down: encodings, counters, limits that take memory. */
class StringCommandsTest {
  private static RunningServer running;
  private RawClient client;

  @BeforeAll
  static void start() {
    running = RunningServer.start("--proto-max-bulk-len", "1mb");
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

  private void encodes(String encoding) {
    assertEquals("$" + encoding.length() + " " + encoding, call("object", "encoding", "k"));
  }

  @Test
  void canonicalIntegersAreStoredAsSuch() {
    call("set", "k", "-9223372036854775808");
    encodes("int");
    call("set", "k", "01");
    encodes("embstr");
    call("set", "k", "x".repeat(45));
    encodes("raw");
    call("append", "fresh", "10");
    assertEquals("$3 int", call("object", "encoding", "fresh"));
  }

  @Test
  void editedStringsAreRaw() {
    call("set", "k", "10");
    call("append", "k", "");
    encodes("raw");
    call("set", "k", "10");
    call("setbit", "k", "0", "0");
    encodes("raw");
    call("set", "k", "10");
    call("setrange", "k", "0", "");
    encodes("int");
    call("setrange", "k", "0", "2");
    encodes("raw");
    assertEquals(":21", call("incr", "k"));
    encodes("int");
    call("bitop", "and", "k", "k");
    encodes("raw");
    call("incrbyfloat", "k", "1");
    encodes("embstr");
  }

  @Test
  void bitopWithItsTargetAmongTheSourcesReadsBeforeItWrites() {
    call("set", "k", "abcdefghij");
    call("set", "other", "k");
    assertEquals(":10", call("bitop", "xor", "k", "k", "other", "k"));
    assertEquals("$1 k", call("getrange", "k", "0", "0"));
    assertEquals(":0", call("bitcount", "k", "1", "-1"));
  }

  @Test
  void stringsGrowUpToTheLimitAndNoFurther() {
    int max = 1024 * 1024;
    assertEquals(":" + max, call("setrange", "k", String.valueOf(max - 1), "x"));
    assertEquals(
        "-ERR string exceeds maximum allowed size (proto-max-bulk-len)", call("append", "k", "x"));
    assertEquals(":0", call("setbit", "k", String.valueOf(8L * max - 1), "0"));
    assertEquals(
        "-ERR bit offset is not an integer or out of range",
        call("setbit", "k", String.valueOf(8L * max), "1"));
    assertEquals(":" + max, call("strlen", "k"));
    assertEquals(":" + 4, call("bitcount", "k"));
  }

  @Test
  void onlyRealChangesAreCounted() {
    call("set", "k", "a");
    call("setbit", "k", "1", "1");
    long before = changes();
    call("setbit", "k", "1", "1");
    call("bitfield", "k", "set", "u8", "0", "97");
    call("bitfield", "k", "get", "u8", "0");
    call("setnx", "k", "b");
    call("set", "k", "b", "nx");
    call("msetnx", "other", "1", "k", "2");
    call("getex", "k", "persist");
    call("setrange", "k", "0", "");
    call("getdel", "missing");
    call("bitop", "not", "missing", "missing");
    assertEquals(before, changes());
    call("mset", "k", "1", "l", "2", "m", "3");
    assertEquals(before + 3, changes());
    call("set", "k", "1", "ex", "100");
    assertEquals(before + 4, changes());
  }

  @Test
  void expiryInThePastRemovesTheKey() {
    assertEquals("+OK", call("set", "k", "v", "exat", "1"));
    assertEquals("$-1", call("get", "k"));
    call("set", "k", "v");
    assertEquals("$1 v", call("getex", "k", "pxat", "1"));
    assertEquals(":0", call("exists", "k"));
  }
}
