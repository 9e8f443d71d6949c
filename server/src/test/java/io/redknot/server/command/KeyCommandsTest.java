package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.store.NodesConfException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCommandsTest {
  private LiveNode node;
  private LiveClient client;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException, NodesConfException {
    node = new LiveNode(directory);
    client = node.connect();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    node.close();
  }

  private void clusterError(Path directory, String expected, String... words)
      throws IOException, NodesConfException {
    try (LiveNode cluster = LiveNode.cluster(directory);
        LiveClient inCluster = cluster.connect()) {
      assertEquals(expected, inCluster.call(words));
    }
  }

  @Test
  void delCountsEachKeyOnceAndExistsEveryMention() {
    node.set(0, "a", "1");
    node.set(0, "b", "2");
    assertEquals(":3", client.call("EXISTS", "a", "b", "a", "c"));
    assertEquals(":2", client.call("DEL", "a", "b", "a", "c"));
    assertEquals(":0", client.call("UNLINK", "a"));
    assertEquals(2, node.changes());
  }

  @Test
  void typeNamesTheTypeOrNone() {
    node.set(0, "a", "1");
    assertEquals("+string", client.call("TYPE", "a"));
    assertEquals("+none", client.call("TYPE", "b"));
  }

  @Test
  void renameTakesValueExpiryAndIdleTimeAlongAndOverwrites() {
    node.set(0, "a", "va");
    node.set(0, "b", "vb");
    client.call("PEXPIREAT", "a", "9999999999999");
    client.call("PEXPIREAT", "b", "8888888888888");
    assertEquals("+OK", client.call("RENAME", "a", "b"));
    assertEquals("va", node.get(0, "b"));
    assertEquals(":9999999999999", client.call("PEXPIRETIME", "b"));
    assertEquals(":0", client.call("EXISTS", "a"));
    assertEquals(":1", client.call("DBSIZE"));
  }

  @Test
  void renameOfAKeyWithoutExpiryLeavesTheTargetWithoutOne() {
    node.set(0, "a", "va");
    node.set(0, "b", "vb");
    client.call("EXPIRE", "b", "100");
    client.call("RENAME", "a", "b");
    assertEquals(":-1", client.call("TTL", "b"));
  }

  @Test
  void renameToItselfSucceedsWhereTheKeyIsThere() {
    assertEquals("-ERR no such key", client.call("RENAME", "a", "a"));
    assertEquals("-ERR no such key", client.call("RENAMENX", "a", "b"));
    node.set(0, "a", "1");
    assertEquals("+OK", client.call("RENAME", "a", "a"));
    assertEquals(":0", client.call("RENAMENX", "a", "a"));
    assertEquals("1", node.get(0, "a"));
    assertEquals(0, node.changes());
  }

  @Test
  void renamenxNeverOverwrites() {
    node.set(0, "a", "1");
    node.set(0, "b", "2");
    assertEquals(":0", client.call("RENAMENX", "a", "b"));
    client.call("DEL", "b");
    assertEquals(":1", client.call("RENAMENX", "a", "b"));
    assertEquals("1", node.get(0, "b"));
    assertEquals(2, node.changes());
  }

  @Test
  void largeValuesSurviveRenameCopyAndMove() {
    String large = "x".repeat(300_000) + "y";
    node.set(0, "a", large);
    assertEquals("+OK", client.call("RENAME", "a", "b"));
    assertEquals(":1", client.call("COPY", "b", "c"));
    assertEquals(":1", client.call("MOVE", "b", "3"));
    assertEquals(large, node.get(3, "b"));
    assertEquals(large, node.get(0, "c"));
    assertEquals(":1", client.call("DEL", "c"));
    assertEquals(large, node.get(3, "b"));
  }

  @Test
  void copyLeavesTheSourceAndReplacesOnlyWhenTold() {
    node.set(0, "a", "va");
    node.set(0, "b", "vb");
    client.call("PEXPIREAT", "a", "9999999999999");
    assertEquals(":0", client.call("COPY", "a", "b"));
    assertEquals(":0", client.call("COPY", "none", "b", "REPLACE"));
    assertEquals(":1", client.call("COPY", "a", "b", "REPLACE"));
    assertEquals("va", node.get(0, "b"));
    assertEquals("va", node.get(0, "a"));
    assertEquals(":9999999999999", client.call("PEXPIRETIME", "b"));
    assertEquals(":1", client.call("COPY", "a", "a", "DB", "1"));
    assertEquals("va", node.get(1, "a"));
  }

  @Test
  void copyRefusesWhatRedisRefuses() {
    node.set(0, "a", "1");
    String same = "-ERR source and destination objects are the same";
    assertEquals(same, client.call("COPY", "a", "a"));
    assertEquals("-ERR DB index is out of range", client.call("COPY", "a", "b", "DB", "99"));
    assertEquals("-ERR DB index is out of range", client.call("COPY", "a", "b", "DB", "-1"));
    assertEquals(
        "-ERR value is not an integer or out of range", client.call("COPY", "a", "b", "DB", "x"));
    assertEquals(
        "-ERR value is out of range, value must between -2147483648 and 2147483647",
        client.call("COPY", "a", "b", "DB", "99999999999"));
    assertEquals("-ERR syntax error", client.call("COPY", "a", "b", "DB"));
    assertEquals("-ERR syntax error", client.call("COPY", "a", "b", "nonsense"));
  }

  @Test
  void moveTakesAKeyToADatabaseThatDoesNotHaveIt() {
    node.set(0, "a", "v0");
    node.set(2, "a", "v2");
    assertEquals(":0", client.call("MOVE", "a", "2"));
    assertEquals(":0", client.call("MOVE", "none", "2"));
    assertEquals(":1", client.call("MOVE", "a", "1"));
    assertEquals("v0", node.get(1, "a"));
    assertEquals("(none)", node.get(0, "a"));
    String same = "-ERR source and destination objects are the same";
    assertEquals(same, client.call("MOVE", "a", "0"));
    assertEquals("-ERR DB index is out of range", client.call("MOVE", "a", "16"));
  }

  @Test
  void aClusterHasOneDatabase(@TempDir Path directory) throws IOException, NodesConfException {
    String copy = "-ERR Copying to another database is not allowed in cluster mode";
    clusterError(directory, copy, "COPY", "a", "b{a}", "DB", "1");
    clusterError(directory, "-ERR MOVE is not allowed in cluster mode", "MOVE", "a", "1");
    clusterError(directory, "-ERR SWAPDB is not allowed in cluster mode", "SWAPDB", "0", "1");
  }

  @Test
  void objectTellsEncodingsAndReferences() {
    node.set(0, "short", "x");
    node.set(0, "long", "x".repeat(45));
    node.setInteger("small", 9999);
    assertEquals("embstr", client.call("OBJECT", "ENCODING", "short"));
    assertEquals("raw", client.call("OBJECT", "ENCODING", "long"));
    assertEquals("int", client.call("OBJECT", "encoding", "small"));
    assertEquals(":1", client.call("OBJECT", "REFCOUNT", "small"));
    assertEquals("nil", client.call("OBJECT", "ENCODING", "none"));
    client.call("HELLO", "3");
    assertEquals("nil3", client.call("OBJECT", "FREQ", "none"));
  }

  @Test
  void idleTimeGrowsUntilTheKeyIsTouchedAndAskingDoesNotTouch() {
    node.set(0, "a", "1");
    node.passMs(5000);
    client.call("TYPE", "a");
    client.call("EXISTS", "a");
    client.call("TTL", "a");
    String idle = client.call("OBJECT", "IDLETIME", "a");
    assertTrue(Integer.parseInt(idle.substring(1)) >= 5, idle);
    assertEquals(":1", client.call("TOUCH", "a", "none"));
    assertEquals(":0", client.call("OBJECT", "IDLETIME", "a"));
    assertTrue(
        client.call("OBJECT", "FREQ", "a").startsWith("-ERR An LFU maxmemory policy is not"));
  }

  @Test
  void objectRefusesWhatRedisRefuses() {
    assertEquals(
        "-ERR wrong number of arguments for 'object|encoding' command",
        client.call("OBJECT", "ENCODING"));
    assertEquals(
        "-ERR unknown subcommand 'bogus'. Try OBJECT HELP.", client.call("OBJECT", "bogus", "a"));
    assertEquals("-ERR wrong number of arguments for 'object' command", client.call("OBJECT"));
    assertEquals(
        "+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        client.list("OBJECT", "HELP").getFirst());
  }
}
