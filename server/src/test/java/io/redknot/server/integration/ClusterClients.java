package io.redknot.server.integration;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.time.Duration;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.exceptions.JedisException;

/** Jedis and Lettuce, each with the topology refresh that it comes with. */
final class ClusterClients implements AutoCloseable {
  /** Short, so that a command to a node that is away is given up. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final RedisClusterClient jedis;
  private final io.lettuce.core.cluster.RedisClusterClient lettuce;
  private final StatefulRedisClusterConnection<String, String> connection;

  /** Clients that know one node at first. */
  ClusterClients(int port) {
    jedis = RedisClusterClient.create(new HostAndPort("127.0.0.1", port));
    lettuce =
        io.lettuce.core.cluster.RedisClusterClient.create(
            RedisURI.builder().withHost("127.0.0.1").withPort(port).withTimeout(TIMEOUT).build());
    connection = lettuce.connect();
  }

  /** Waits until both have written a key. */
  void awaitWrites(String key) {
    Waiting.until("Jedis writes " + key, () -> writesByJedis(key));
    Waiting.until("Lettuce writes " + key, () -> writesByLettuce(key));
  }

  private boolean writesByJedis(String key) {
    try {
      return jedis.set(key, "of Jedis").equals("OK");
    } catch (JedisException goneOrDown) {
      return false;
    }
  }

  private boolean writesByLettuce(String key) {
    try {
      return connection.sync().set(key, "of Lettuce").equals("OK");
    } catch (RedisException goneOrDown) {
      return false;
    }
  }

  @Override
  public void close() {
    jedis.close();
    connection.close();
    lettuce.shutdown(Duration.ZERO, Duration.ofSeconds(5));
  }
}
