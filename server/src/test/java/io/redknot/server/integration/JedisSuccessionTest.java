package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisShardedPubSub;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.csc.CacheStats;
import redis.clients.jedis.csc.DefaultCache;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.KeyValue;

/** What Jedis listens to, waits for and caches, in RESP3, while a replica takes over. */
class JedisSuccessionTest {
  @RegisterExtension static final Successions CLUSTER = new Successions();

  private static final int SLOT = 11;
  private static final String TAG = Slots.tagIn(SLOT);
  private static final String CHANNEL = "{" + TAG + "}news";
  private static final String LIST = "{" + TAG + "}list";
  private static final String COUNTER = "{" + TAG + "}counter";
  private static final String CACHED = "{" + TAG + "}cached";

  private final Tracked cache = new Tracked();
  private RedisClusterClient client;
  private RedisClusterClient caching;

  /** A cache for servers of any version: else Jedis asks for one that calls itself 7.4 or later. */
  private static final class Tracked extends DefaultCache {
    Tracked() {
      super(100);
    }

    @Override
    public boolean compatibilityMode() {
      return true;
    }
  }

  /** Listens, and subscribes again whenever its subscription or its connection has ended. */
  private final class Listener extends JedisShardedPubSub implements AutoCloseable {
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("listener").start(this::run);
    private volatile boolean ends;

    private void run() {
      while (!ends) {
        try {
          client.refreshClusterTopology();
          client.ssubscribe(this, CHANNEL);
        } catch (JedisException lost) {
          Waiting.pause();
        }
      }
    }

    @Override
    public void onSMessage(String channel, String message) {
      heard.add(message);
    }

    /** Publishes until it is heard; none of the messages is heard twice. */
    void awaitHeard(String message) {
      AtomicInteger sent = new AtomicInteger();
      Waiting.until(
          message + " is heard",
          () -> {
            // Who listens at a replica is not counted in the reply.
            client.spublish(CHANNEL, message + sent.incrementAndGet());
            return heard.stream().anyMatch(text -> text.startsWith(message));
          });
      // One more may come while these are counted.
      List<String> soFar = List.copyOf(heard);
      assertEquals(soFar.size(), Set.copyOf(soFar).size(), soFar::toString);
    }

    @Override
    public void close() {
      ends = true;
      sunsubscribe();
      Waiting.untilNothing("the listener ends", () -> thread.isAlive() ? "it listens" : "");
    }
  }

  @BeforeEach
  void connect() {
    HostAndPort seed = new HostAndPort("127.0.0.1", CLUSTER.nodes().getLast().port());
    client = RedisClusterClient.create(seed);
    caching =
        RedisClusterClient.builder()
            .nodes(Set.of(seed))
            .clientConfig(DefaultJedisClientConfig.builder().resp3().build())
            .cache(cache)
            .build();
    assertEquals("OK", client.set(TAG, "here"));
  }

  @AfterEach
  void disconnect() {
    caching.close();
    client.close();
  }

  @ParameterizedTest
  @EnumSource
  void sessionsGoOnWhereTheSlotIs(Successions.Way way) throws Exception {
    client.del(LIST, COUNTER, CACHED);
    try (Listener listener = new Listener();
        Pops pops = new Pops(this::pop, JedisException.class);
        Connection open = client.getConnectionFromSlot(SLOT)) {
      listener.awaitHeard("before");
      client.rpush(LIST, "a");
      pops.awaitTaken(1);
      assertCounts(1);
      Transaction unfinished = new Transaction(open);
      unfinished.set(COUNTER, "lost");
      assertCaches("first");

      NodeProcess after = CLUSTER.succeed(way, TAG);

      assertThrows(JedisException.class, unfinished::exec);
      assertEquals("here", client.get(TAG));
      assertCounts(2);
      listener.awaitHeard("after");
      Successions.awaitBlocked(after);
      client.rpush(LIST, "b", "c");
      pops.awaitTaken(3);
      assertEquals(List.of("a", "b", "c"), pops.taken());
      if (way == Successions.Way.KILLED) {
        // Jedis would notice only after half a minute that nobody tells its cache anything.
        cache.flush();
      }
      client.set(CACHED, "second");
      Waiting.until("the cache forgets", () -> "second".equals(caching.get(CACHED)));
      assertCaches("third");
    }
  }

  private @Nullable String pop() {
    KeyValue<String, String> popped = client.blpop(0.2, LIST);
    return popped == null ? null : popped.getValue();
  }

  private void assertCounts(long expected) {
    try (Connection connection = client.getConnectionFromSlot(SLOT);
        Transaction transaction = new Transaction(connection, false)) {
      transaction.watch(COUNTER);
      transaction.multi();
      transaction.incr(COUNTER);
      transaction.get(TAG);
      assertEquals(List.of(expected, "here"), transaction.exec());
      transaction.watch(COUNTER);
      client.set(COUNTER, Long.toString(expected));
      transaction.multi();
      transaction.incr(COUNTER);
      assertNull(transaction.exec());
    }
  }

  private void assertCaches(String value) {
    client.set(CACHED, value);
    Waiting.until("the new value is read", () -> value.equals(caching.get(CACHED)));
    cache.getAndResetStats();
    assertEquals(value, caching.get(CACHED));
    assertEquals(value, caching.get(CACHED));
    CacheStats stats = cache.getStats();
    assertEquals(2, stats.getHitCount(), stats::toString);
    client.set(CACHED, value + value);
    Waiting.until(
        "the cache has forgotten the key", () -> (value + value).equals(caching.get(CACHED)));
    assertTrue(stats.getInvalidationCount() >= 1, stats::toString);
  }
}
