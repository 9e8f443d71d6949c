package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Lettuce listens to, waits for and caches, in RESP3, while a replica takes over. */
class LettuceSuccessionTest {
  @RegisterExtension static final Successions CLUSTER = new Successions();

  /** So long Lettuce waits for a node that is gone to come back. */
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private static final String TAG = Slots.tagIn(11);
  private static final String CHANNEL = "{" + TAG + "}news";
  private static final String LIST = "{" + TAG + "}list";
  private static final String COUNTER = "{" + TAG + "}counter";
  private static final String CACHED = "{" + TAG + "}cached";

  private RedisClusterClient client;
  private StatefulRedisClusterConnection<String, String> shared;

  @BeforeEach
  void connect() {
    client =
        RedisClusterClient.create(
            RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(CLUSTER.nodes().getLast().port())
                .withTimeout(TIMEOUT)
                .build());
    client.setOptions(
        ClusterClientOptions.builder()
            .protocolVersion(ProtocolVersion.RESP3)
            .topologyRefreshOptions(
                ClusterTopologyRefreshOptions.builder()
                    .adaptiveRefreshTriggersTimeout(Duration.ofMillis(200))
                    .enablePeriodicRefresh(Duration.ofSeconds(1))
                    .build())
            .build());
    shared = client.connect();
    assertEquals("OK", sync().set(TAG, "here"));
  }

  @AfterEach
  void disconnect() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
  }

  private RedisAdvancedClusterCommands<String, String> sync() {
    return shared.sync();
  }

  private static RedisCommands<String, String> at(
      StatefulRedisClusterConnection<String, String> connection, NodeProcess node) {
    return connection.getConnection("127.0.0.1", node.port()).sync();
  }

  @ParameterizedTest
  @EnumSource
  void sessionsGoOnWhereTheSlotIs(Successions.Way way) throws Exception {
    sync().del(LIST, COUNTER, CACHED);
    NodeProcess before = CLUSTER.ownerOf(TAG);
    List<String> heard = new CopyOnWriteArrayList<>();
    try (StatefulRedisClusterPubSubConnection<String, String> listening = listen(heard);
        StatefulRedisClusterConnection<String, String> waiting = client.connect();
        StatefulRedisClusterConnection<String, String> session = client.connect();
        StatefulRedisClusterConnection<String, String> unfinished = client.connect();
        Pops pops = new Pops(() -> pop(waiting), RedisException.class)) {
      assertHears(listening, heard, "before");
      sync().rpush(LIST, "a");
      pops.awaitTaken(1);
      assertCounts(at(session, before), 1);
      RedisCommands<String, String> open = at(unfinished, before);
      open.multi();
      open.set(COUNTER, "lost");
      Map<String, String> cache = new ConcurrentHashMap<>();
      CacheFrontend<String, String> cached =
          frontend(cache, session.getConnection("127.0.0.1", before.port()));
      assertCaches(cached, cache, "first");
      Map<String, String> heirs = cacheAtReplicaOf(before, session);

      NodeProcess after = CLUSTER.succeed(way, TAG);

      assertThrows(RedisException.class, open::exec);
      Waiting.until("Lettuce finds the new primary", () -> reads());
      assertCounts(at(session, after), 2);
      assertHears(listening, heard, "after");
      Successions.awaitBlocked(after);
      sync().rpush(LIST, "b", "c");
      pops.awaitTaken(3);
      assertEquals(List.of("a", "b", "c"), pops.taken());
      assertEquals(Map.of(CACHED, "firstfirst"), heirs);
      sync().set(CACHED, "second");
      Waiting.until("the cache at the new primary forgets", heirs::isEmpty);
      if (way == Successions.Way.HANDED_OVER) {
        Waiting.until("the cache at the old primary forgets", cache::isEmpty);
      }
      cached.close();
      cache.clear();
      assertCaches(frontend(cache, session.getConnection("127.0.0.1", after.port())), cache, "x");
    }
  }

  private boolean reads() {
    try {
      return "here".equals(sync().get(TAG));
    } catch (RedisException gone) {
      return false;
    }
  }

  private StatefulRedisClusterPubSubConnection<String, String> listen(List<String> heard) {
    StatefulRedisClusterPubSubConnection<String, String> connection = client.connectPubSub();
    connection.addListener(
        new RedisPubSubAdapter<String, String>() {
          @Override
          public void smessage(String channel, String message) {
            heard.add(message);
          }
        });
    return connection;
  }

  /**
   * Subscribes, which Lettuce does not do again by itself where a slot's owner is another one, and
   * publishes until it is heard; none of the messages is heard twice.
   */
  private void assertHears(
      StatefulRedisClusterPubSubConnection<String, String> listening,
      List<String> heard,
      String message) {
    listening.sync().ssubscribe(CHANNEL);
    AtomicInteger sent = new AtomicInteger();
    Waiting.until(
        message + " is heard",
        () -> {
          // Who listens at a replica is not counted in the reply.
          sync().spublish(CHANNEL, message + sent.incrementAndGet());
          return heard.stream().anyMatch(text -> text.startsWith(message));
        });
    // One more may come while these are counted.
    List<String> soFar = List.copyOf(heard);
    assertEquals(soFar.size(), Set.copyOf(soFar).size(), soFar::toString);
  }

  private static @Nullable String pop(StatefulRedisClusterConnection<String, String> connection) {
    KeyValue<String, String> popped = connection.sync().blpop(0.2, LIST);
    return popped == null ? null : popped.getValue();
  }

  private void assertCounts(RedisCommands<String, String> commands, long expected) {
    commands.watch(COUNTER);
    commands.multi();
    commands.incr(COUNTER);
    commands.get(TAG);
    TransactionResult done = commands.exec();
    assertFalse(done.wasDiscarded());
    assertEquals(List.of(expected, "here"), done.stream().toList());
    commands.watch(COUNTER);
    sync().set(COUNTER, Long.toString(expected));
    commands.multi();
    commands.incr(COUNTER);
    assertTrue(commands.exec().wasDiscarded());
  }

  private static CacheFrontend<String, String> frontend(
      Map<String, String> cache, StatefulRedisConnection<String, String> connection) {
    return ClientSideCaching.enable(
        CacheAccessor.forMap(cache), connection, TrackingArgs.Builder.enabled());
  }

  /** What is read and remembered at the replica, before that takes over. */
  private static Map<String, String> cacheAtReplicaOf(
      NodeProcess primary, StatefulRedisClusterConnection<String, String> session)
      throws IOException {
    NodeProcess replica = Topology.replicaOf(primary, CLUSTER.nodes());
    at(session, replica).readOnly();
    Waiting.until(
        "the replica has the value", () -> "firstfirst".equals(at(session, replica).get(CACHED)));
    Map<String, String> cache = new ConcurrentHashMap<>();
    assertEquals(
        "firstfirst",
        frontend(cache, session.getConnection("127.0.0.1", replica.port())).get(CACHED));
    return cache;
  }

  private void assertCaches(
      CacheFrontend<String, String> cached, Map<String, String> cache, String value) {
    sync().set(CACHED, value);
    assertEquals(value, cached.get(CACHED));
    assertEquals(Map.of(CACHED, value), cache);
    sync().set(CACHED, value + value);
    Waiting.until("the cache has forgotten the key", cache::isEmpty);
    assertEquals(value + value, cached.get(CACHED));
  }
}
