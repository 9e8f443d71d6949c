package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.redisson.Redisson;
import org.redisson.api.RBatch;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;

/** The cluster as Redisson sees it. It reads from primaries: replicas hold no data yet. */
@ExtendWith(SixNodes.class)
class RedissonClusterTest {
  private static final int SCAN_INTERVAL_MS = 500;

  private final SixNodes.Cluster cluster;
  private @Nullable RedissonClient connected;

  RedissonClusterTest(SixNodes.Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void connect() {
    Config config = new Config();
    config.setCodec(StringCodec.INSTANCE);
    config
        .useClusterServers()
        .addNodeAddress("redis://" + cluster.nodes().getFirst().address())
        .setReadMode(ReadMode.MASTER)
        .setScanInterval(SCAN_INTERVAL_MS)
        .setMasterConnectionMinimumIdleSize(1)
        .setSlaveConnectionMinimumIdleSize(1);
    connected = Redisson.create(config);
  }

  @AfterEach
  void disconnect() {
    if (connected != null) {
      connected.shutdown();
    }
  }

  private RedissonClient client() {
    return Objects.requireNonNull(connected);
  }

  @Test
  void batchReachesEverySlot() throws IOException {
    List<String> keys = Slots.keyForEach("redisson:");
    RBatch sets = client().createBatch();
    for (String key : keys) {
      var _ = sets.<String>getBucket(key).setAsync("of " + key);
    }
    assertEquals(Slots.COUNT, sets.execute().getResponses().size());
    RBatch gets = client().createBatch();
    for (String key : keys) {
      var _ = gets.<String>getBucket(key).getAsync();
    }
    List<?> found = gets.execute().getResponses();
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      assertEquals("of " + keys.get(slot), found.get(slot));
    }
    assertEquals(List.of(5461L, 5462L, 5461L), cluster.keyCounts());
    assertEquals(Slots.COUNT, client().getKeys().count());
  }

  @Test
  void bucketsAreSetReadAndDeletedOnTheirNodes() throws IOException {
    for (int i = 0; i < 200; i++) {
      client().<String>getBucket("bucket:" + i).set("v" + i);
    }
    assertEquals(200, cluster.keyCount());
    for (int i = 0; i < 200; i++) {
      assertEquals("v" + i, client().<String>getBucket("bucket:" + i).get());
    }
    assertNull(client().<String>getBucket("nothing").get());
    for (int i = 0; i < 200; i++) {
      assertTrue(client().getBucket("bucket:" + i).delete());
    }
    assertEquals(List.of(0L, 0L, 0L), cluster.keyCounts());
  }

  @Test
  void severalKeysGoTogetherWithinAHashTag() throws IOException {
    client().getBuckets().set(Map.of("{user}a", "1", "{user}b", "2"));
    assertEquals(
        Map.of("{user}a", "1", "{user}b", "2"),
        client().getBuckets().<String>get("{user}a", "{user}b", "{user}none"));
    assertEquals(2, cluster.keyCount());
  }

  @Test
  void slotThatMovedIsFollowed() throws IOException {
    NodeProcess from = cluster.primaries().get(2);
    NodeProcess to = cluster.primaries().get(1);
    String key = Slots.tagIn(15000);
    client().<String>getBucket(Slots.tagIn(15001)).set("known before");
    cluster.moveEmptySlot(15000, from, to);
    try {
      client().<String>getBucket(key).set("moved");
      assertEquals("moved", client().<String>getBucket(key).get());
      assertEquals(List.of(0L, 1L, 1L), cluster.keyCounts());
      assertTrue(client().getBucket(key).delete());
    } finally {
      cluster.moveEmptySlot(15000, to, from);
    }
  }
}
