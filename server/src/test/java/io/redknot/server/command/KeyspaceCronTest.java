package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.KeyspaceCron;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyspaceCronTest {
  private LiveNode node;
  private LiveClient client;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException, NodesConfException {
    node = LiveNode.cluster(directory);
    client = node.connect();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    node.close();
  }

  private void fillExpiring(int count) {
    for (int i = 0; i < count; i++) {
      node.set(0, "key" + i, "v");
      assertEquals(":1", client.call("PEXPIRE", "key" + i, i < count / 2 ? "100000" : "9000000"));
    }
  }

  @Test
  void expiredKeysGoWithoutBeingAskedForAndOthersStay() {
    fillExpiring(4000);
    node.passMs(101_000);
    LiveNode.await(() -> client.call("DBSIZE").equals(":2000"));
    assertEquals(2000, node.sum(shard -> shard.stats().expired));
    assertEquals(":1", client.call("EXISTS", "key2000"));
  }

  @Test
  void nothingExpiresByItselfWhileThatIsSwitchedOff() {
    node.server().cron().expiryActive(false);
    fillExpiring(100);
    node.passMs(101_000);
    long before = node.nowMs();
    LiveNode.await(() -> node.nowMs() - before > 400);
    assertEquals(":100", client.call("DBSIZE"));
    node.server().cron().expiryActive(true);
    LiveNode.await(() -> client.call("DBSIZE").equals(":50"));
  }

  @Test
  void cronWithNothingToDoDozesUntilACommandComes() {
    KeyspaceCron cron = node.server().cron();
    LiveNode.await(cron::isDozing);
    assertEquals("+OK", client.call("SET", "k", "v", "PX", "50"));
    LiveNode.await(() -> node.sum(shard -> shard.stats().expired) == 1);
    LiveNode.await(cron::isDozing);
    assertEquals(":0", client.call("DBSIZE"));
    LiveNode.await(() -> !cron.isDozing());
  }

  @Test
  void cronDozesWhileNoKeyIsDueAndRemovesThoseThatCameToBe() {
    fillExpiring(100);
    LiveNode.await(node.server().cron()::isDozing);
    assertEquals(0, node.sum(shard -> shard.stats().expired));
    node.passMs(101_000);
    LiveNode.await(() -> node.sum(shard -> shard.stats().expired) == 50);
  }

  @Test
  void pausedClientsKeepTheCronAwake() {
    assertEquals("+OK", client.call("CLIENT", "PAUSE", "2500", "WRITE"));
    assertEquals("+OK", client.call("SET", "k", "v"));
    assertFalse(node.server().dispatcher().pause().isPaused());
  }

  private void fillList(String key) {
    String[] call = new String[102];
    Arrays.fill(call, "element".repeat(15));
    call[0] = "RPUSH";
    call[1] = key;
    for (int i = 1; i <= 200; i++) {
      assertEquals(":" + i * 100, client.call(call));
    }
  }

  @Test
  void largeDeletedCollectionIsGivenBackBySteps() {
    fillList("a");
    fillList("b");
    assertEquals(":1", client.call("UNLINK", "a"));
    assertEquals(":1", client.call("DEL", "b"));
    LiveNode.await(() -> client.call("INFO", "memory").contains("lazyfreed_objects:2\r\n"));
    assertTrue(client.call("INFO", "memory").contains("lazyfree_pending_objects:0\r\n"));
    assertEquals("+OK", client.call("CONFIG", "RESETSTAT"));
    assertTrue(client.call("INFO", "memory").contains("lazyfreed_objects:0\r\n"));
  }

  @Test
  void memoryIsCompactedOnceMostOfTheKeysAreGone() {
    String value = "v".repeat(100);
    for (int i = 0; i < 100_000; i++) {
      node.set(0, "key" + i, value);
    }
    for (int i = 0; i < 100_000; i++) {
      if (i % 10 != 0) {
        node.remove("key" + i);
      }
    }
    LiveNode.await(() -> node.sum(shard -> shard.stats().compactedBytes) > 0);
    for (int i = 0; i < 100_000; i += 1000) {
      assertEquals(value, node.get(0, "key" + i));
    }
  }
}
