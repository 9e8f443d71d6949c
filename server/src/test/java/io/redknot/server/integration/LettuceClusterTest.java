package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisAdvancedClusterAsyncCommands;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The cluster as Lettuce sees it, in RESP3 and with its topology refreshed. */
@ExtendWith(SixNodes.class)
class LettuceClusterTest {
  private final SixNodes.Cluster cluster;
  private @Nullable RedisClusterClient client;
  private @Nullable StatefulRedisClusterConnection<String, String> connection;

  LettuceClusterTest(SixNodes.Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void connect() {
    RedisClusterClient made =
        RedisClusterClient.create(RedisURI.create("127.0.0.1", cluster.nodes().getLast().port()));
    client = made;
    made.setOptions(
        ClusterClientOptions.builder()
            .protocolVersion(ProtocolVersion.RESP3)
            .topologyRefreshOptions(
                ClusterTopologyRefreshOptions.builder()
                    // Seldom, so that it is the redirect that brings a new topology.
                    .enablePeriodicRefresh(Duration.ofMinutes(1))
                    .build())
            .build());
    connection = made.connect();
  }

  @AfterEach
  void disconnect() {
    if (connection != null) {
      connection.close();
    }
    if (client != null) {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }
  }

  private RedisAdvancedClusterCommands<String, String> sync() {
    return Objects.requireNonNull(connection).sync();
  }

  @Test
  void clientSideCacheForgetsWhatOthersChange() {
    String key = Slots.tagIn(11);
    sync().set(key, "first");
    Map<String, String> cache = new ConcurrentHashMap<>();
    try (CacheFrontend<String, String> cached =
        ClientSideCaching.enable(
            CacheAccessor.forMap(cache),
            Objects.requireNonNull(connection)
                .getConnection("127.0.0.1", cluster.primaries().getFirst().port()),
            TrackingArgs.Builder.enabled())) {
      assertEquals("first", cached.get(key));
      assertEquals(Map.of(key, "first"), cache);
      sync().set(key, "second");
      Waiting.until("the cache has forgotten the key", cache::isEmpty);
      assertEquals("second", cached.get(key));
    }
  }

  @Test
  void pipelineReachesEverySlot() throws IOException {
    List<String> keys = Slots.keyForEach("lettuce:");
    RedisAdvancedClusterAsyncCommands<String, String> async =
        Objects.requireNonNull(connection).async();
    List<RedisFuture<String>> sets = new ArrayList<>();
    keys.forEach(key -> sets.add(async.set(key, "of " + key)));
    awaitAll(sets);
    List<RedisFuture<String>> gets = new ArrayList<>();
    keys.forEach(key -> gets.add(async.get(key)));
    awaitAll(gets);
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      assertEquals("of " + keys.get(slot), gets.get(slot).toCompletableFuture().join());
    }
    assertEquals(List.of(5461L, 5462L, 5461L), cluster.keyCounts());
    assertEquals(Slots.COUNT, sync().dbsize());
  }

  private static void awaitAll(List<RedisFuture<String>> futures) {
    assertTrue(
        LettuceFutures.awaitAll(
            Duration.ofMillis(Waiting.LIMIT_MS), futures.toArray(RedisFuture<?>[]::new)));
  }

  @Test
  void topologyIsReadWithAllNodesAndRoles() throws IOException {
    TreeSet<String> expected = new TreeSet<>();
    for (NodeProcess node : cluster.nodes()) {
      boolean primary = cluster.primaries().contains(node);
      expected.add(node.id() + " " + (primary ? "UPSTREAM" : "REPLICA") + " true");
    }
    TreeSet<String> told = new TreeSet<>();
    for (RedisClusterNode node : Objects.requireNonNull(client).getPartitions()) {
      told.add(node.getNodeId() + " " + node.getRole() + " " + node.isConnected());
    }
    assertEquals(expected, told);
  }

  @Test
  void keysOfManySlotsAreSpreadAndGathered() throws IOException {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      values.put("many:" + i, "v" + i);
    }
    assertEquals("OK", sync().mset(values));
    assertEquals(300, cluster.keyCount());
    for (KeyValue<String, String> found : sync().mget(values.keySet().toArray(String[]::new))) {
      assertEquals(values.get(found.getKey()), found.getValue());
    }
    assertEquals(300, sync().del(values.keySet().toArray(String[]::new)));
    assertNull(sync().get("many:1"));
    assertEquals(List.of(0L, 0L, 0L), cluster.keyCounts());
  }

  @Test
  void severalKeysGoTogetherWithinAHashTag() throws IOException {
    assertEquals("OK", sync().mset(Map.of("{user}a", "1", "{user}b", "2")));
    List<KeyValue<String, String>> found = sync().mget("{user}a", "{user}none", "{user}b");
    assertEquals("1", found.get(0).getValue());
    assertTrue(found.get(1).isEmpty());
    assertEquals("2", found.get(2).getValue());
    assertEquals(2, cluster.keyCount());
  }

  @Test
  void slotThatMovedIsFollowedAndTheNewTopologyLearnt() throws IOException {
    NodeProcess from = cluster.primaries().get(1);
    NodeProcess to = cluster.primaries().get(0);
    String key = Slots.tagIn(6000);
    assertEquals("OK", sync().set(Slots.tagIn(6001), "known before"));
    cluster.moveEmptySlot(6000, from, to);
    try {
      assertEquals("OK", sync().set(key, "moved"));
      assertEquals("moved", sync().get(key));
      assertEquals(List.of(1L, 1L, 0L), cluster.keyCounts());
      RedisClusterClient learning = Objects.requireNonNull(client);
      String id = to.id();
      Waiting.until(
          "the client's topology has the new owner",
          () -> learning.getPartitions().getPartitionBySlot(6000).getNodeId().equals(id));
      assertEquals(1, sync().del(key));
    } finally {
      cluster.moveEmptySlot(6000, to, from);
    }
  }
}
