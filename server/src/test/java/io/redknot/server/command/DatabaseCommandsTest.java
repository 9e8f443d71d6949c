package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.cluster.store.NodesConfException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseCommandsTest {
  private LiveNode node;
  private LiveClient client;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException, NodesConfException {
    node = new LiveNode(directory);
    client = node.connect();
    node.set(0, "a", "v0");
    node.set(1, "a", "v1");
    node.set(1, "b", "v1");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    node.close();
  }

  @Test
  void flushdbEmptiesTheSelectedDatabaseOnly() {
    client.call("SELECT", "1");
    assertEquals(":2", client.call("DBSIZE"));
    assertEquals("+OK", client.call("FLUSHDB"));
    assertEquals(":0", client.call("DBSIZE"));
    assertEquals("v0", node.get(0, "a"));
    assertEquals(2, node.changes());
  }

  @Test
  void flushallEmptiesAllDatabasesInEitherMode() {
    for (String mode : List.of("SYNC", "async")) {
      node.set(0, "a", "v0");
      node.set(1, "a", "v1");
      assertEquals("+OK", client.call("FLUSHALL", mode));
      assertEquals("(none)", node.get(0, "a"));
      assertEquals("(none)", node.get(1, "a"));
    }
    assertEquals("-ERR syntax error", client.call("FLUSHALL", "later"));
    assertEquals("-ERR syntax error", client.call("FLUSHDB", "ASYNC", "SYNC"));
  }

  @Test
  void flushallInAClusterEmptiesAllShards(@TempDir Path directory)
      throws IOException, NodesConfException {
    try (LiveNode cluster = LiveNode.cluster(directory);
        LiveClient inCluster = cluster.connect()) {
      for (int i = 0; i < 1000; i++) {
        cluster.set(0, "key" + i, "v");
      }
      assertEquals(":1000", inCluster.call("DBSIZE"));
      assertEquals("+OK", inCluster.call("FLUSHALL"));
      assertEquals(":0", inCluster.call("DBSIZE"));
      assertEquals("nil", inCluster.call("RANDOMKEY"));
      assertEquals(1000, cluster.changes());
    }
  }

  @Test
  void swapdbExchangesTwoDatabases() {
    assertEquals("+OK", client.call("SWAPDB", "0", "1"));
    assertEquals(":2", client.call("DBSIZE"));
    assertEquals("v0", node.get(1, "a"));
    assertEquals("+OK", client.call("SWAPDB", "1", "1"));
    assertEquals("v0", node.get(1, "a"));
    assertEquals(2, node.changes());
  }

  @Test
  void swapdbRefusesWhatRedisRefuses() {
    assertEquals("-ERR invalid first DB index", client.call("SWAPDB", "x", "y"));
    assertEquals("-ERR invalid first DB index", client.call("SWAPDB", "99999999999999", "0"));
    assertEquals("-ERR invalid second DB index", client.call("SWAPDB", "0", "y"));
    assertEquals("-ERR DB index is out of range", client.call("SWAPDB", "0", "16"));
    assertEquals("-ERR DB index is out of range", client.call("SWAPDB", "-1", "0"));
  }
}
