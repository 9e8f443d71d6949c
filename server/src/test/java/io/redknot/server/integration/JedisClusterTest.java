package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import redis.clients.jedis.ClusterPipeline;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisShardedPubSub;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/** The cluster as Jedis sees it. */
@ExtendWith(SixNodes.class)
class JedisClusterTest {
  private final SixNodes.Cluster cluster;
  private final List<RedisClusterClient> clients = new ArrayList<>();

  JedisClusterTest(SixNodes.Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void connect() {
    // A replica as the only address known at first: the rest has to be found out.
    clients.add(
        RedisClusterClient.create(new HostAndPort("127.0.0.1", cluster.nodes().getLast().port())));
  }

  @AfterEach
  void disconnect() {
    clients.forEach(RedisClusterClient::close);
  }

  private RedisClusterClient client() {
    return clients.getFirst();
  }

  @Test
  void waitingClientGetsWhatIsPushedAndPublished() throws Exception {
    List<String> heard = new ArrayList<>();
    JedisShardedPubSub listener =
        new JedisShardedPubSub() {
          @Override
          public void onSSubscribe(String channel, int subscribed) {
            assertEquals(1, client().spublish(channel, "hello"));
          }

          @Override
          public void onSMessage(String channel, String message) {
            heard.add(channel + " " + message);
            sunsubscribe();
          }
        };
    for (int slot : new int[] {11, 8000, 16000}) {
      String name = Slots.tagIn(slot);
      client().ssubscribe(listener, name);
      assertEquals(name + " hello", heard.getLast());
      try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
        Future<List<String>> waiting = threads.submit(() -> client().blpop(60, name));
        client().rpush(name, "element");
        assertEquals(List.of(name, "element"), waiting.get());
      }
    }
  }

  @Test
  void pipelineReachesEverySlot() throws IOException {
    List<String> keys = Slots.keyForEach("jedis:");
    List<Response<String>> answers = new ArrayList<>();
    try (ClusterPipeline pipeline = client().pipelined()) {
      keys.forEach(key -> pipeline.set(key, "of " + key));
      keys.forEach(key -> answers.add(pipeline.get(key)));
      pipeline.sync();
    }
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      assertEquals("of " + keys.get(slot), answers.get(slot).get());
    }
    assertEquals(List.of(5461L, 5462L, 5461L), cluster.keyCounts());
  }

  @Test
  void stringsAreSetReadAndDeletedOnTheirNodes() throws IOException {
    for (int i = 0; i < 300; i++) {
      assertEquals("OK", client().set("key:" + i, "v" + i));
    }
    for (int i = 0; i < 300; i++) {
      assertEquals("v" + i, client().get("key:" + i));
    }
    assertNull(client().get("nothing"));
    assertEquals(300, cluster.keyCount());
    for (int i = 0; i < 300; i++) {
      assertEquals(1, client().del("key:" + i));
    }
    assertEquals(List.of(0L, 0L, 0L), cluster.keyCounts());
  }

  @Test
  void severalKeysGoTogetherWithinAHashTag() throws IOException {
    assertEquals("OK", client().mset("{user}a", "1", "{user}b", "2", "{user}c", "3"));
    assertEquals(List.of("1", "2", "3"), client().mget("{user}a", "{user}b", "{user}c"));
    assertEquals(3, cluster.keyCount());
  }

  @Test
  void keysOfManySlotsAreSpreadAndGathered() throws IOException {
    List<String> keys = IntStream.range(0, 300).mapToObj(i -> "many:" + i).toList();
    String[] words =
        keys.stream().flatMap(key -> Stream.of(key, "of " + key)).toArray(String[]::new);
    assertEquals("OK", client().mset(words));
    assertEquals(300, cluster.keyCount());
    assertEquals(
        keys.stream().map("of "::concat).toList(), client().mget(keys.toArray(String[]::new)));
  }

  @Test
  void errorOfACommandIsToldAsOne() {
    JedisDataException told =
        assertThrows(
            JedisDataException.class,
            () -> client().executeCommand(command("NOSUCHCOMMAND").key("key")));
    assertEquals(
        "ERR unknown command 'NOSUCHCOMMAND', with args beginning with: 'key' ", told.getMessage());
  }

  private static CommandArguments command(String name) {
    return new CommandArguments(() -> name.getBytes(UTF_8));
  }

  @Test
  void slotThatMovedIsFollowed() throws IOException {
    NodeProcess from = cluster.primaries().get(0);
    NodeProcess to = cluster.primaries().get(2);
    String key = Slots.tagIn(11);
    assertEquals("OK", client().set(Slots.tagIn(12), "known before"));
    cluster.moveEmptySlot(11, from, to);
    try {
      assertEquals("OK", client().set(key, "moved"));
      assertEquals("moved", client().get(key));
      assertEquals(List.of(1L, 0L, 1L), cluster.keyCounts());
      assertEquals(1, client().del(key));
    } finally {
      cluster.moveEmptySlot(11, to, from);
    }
    assertEquals("OK", client().set(key, "back"));
    assertEquals(List.of(2L, 0L, 0L), cluster.keyCounts());
  }
}
