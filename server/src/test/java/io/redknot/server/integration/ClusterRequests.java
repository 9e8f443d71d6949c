package io.redknot.server.integration;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;

/**
 * A few requests as three clients make them, which follow redirects each in its own way. None gives
 * a command again because it is slow to be answered: that would count twice.
 */
interface ClusterRequests extends AutoCloseable {
  /** Which client it is. */
  enum Kind {
    JEDIS,
    LETTUCE,
    /** A connection to each node, and nothing but redirects to find the right one. */
    OWN;

    ClusterRequests connect(NodeProcess node) {
      return switch (this) {
        case JEDIS -> new OfJedis(node);
        case LETTUCE -> new OfLettuce(node);
        case OWN -> new Own(node);
      };
    }
  }

  long incr(String key);

  long rpush(String key, String element);

  void hset(String key, String field, String value);

  String hget(String key, String field);

  String get(String key);

  List<String> elements(String key);

  @Override
  void close();

  /** Its few attempts are enough for redirects that lead somewhere. */
  final class OfJedis implements ClusterRequests {
    private static final int ATTEMPTS = 5;

    private final RedisClusterClient client;

    OfJedis(NodeProcess node) {
      int limitMs = Math.toIntExact(Waiting.LIMIT_MS);
      client =
          RedisClusterClient.builder()
              .nodes(Set.of(new HostAndPort("127.0.0.1", node.port())))
              .clientConfig(
                  DefaultJedisClientConfig.builder()
                      .connectionTimeoutMillis(limitMs)
                      .socketTimeoutMillis(limitMs)
                      .build())
              .maxAttempts(ATTEMPTS)
              .build();
    }

    @Override
    public long incr(String key) {
      return client.incr(key);
    }

    @Override
    public long rpush(String key, String element) {
      return client.rpush(key, element);
    }

    @Override
    public void hset(String key, String field, String value) {
      client.hset(key, field, value);
    }

    @Override
    public String hget(String key, String field) {
      return client.hget(key, field);
    }

    @Override
    public String get(String key) {
      return client.get(key);
    }

    @Override
    public List<String> elements(String key) {
      return client.lrange(key, 0, -1);
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** With the slots that it has learned at first: each slot that moves is found by a redirect. */
  final class OfLettuce implements ClusterRequests {
    private final io.lettuce.core.cluster.RedisClusterClient client;
    private final StatefulRedisClusterConnection<String, String> connection;

    OfLettuce(NodeProcess node) {
      client =
          io.lettuce.core.cluster.RedisClusterClient.create(
              RedisURI.builder()
                  .withHost("127.0.0.1")
                  .withPort(node.port())
                  .withTimeout(Duration.ofMillis(Waiting.LIMIT_MS))
                  .build());
      connection = client.connect();
    }

    @Override
    public long incr(String key) {
      return connection.sync().incr(key);
    }

    @Override
    public long rpush(String key, String element) {
      return connection.sync().rpush(key, element);
    }

    @Override
    public void hset(String key, String field, String value) {
      connection.sync().hset(key, field, value);
    }

    @Override
    public String hget(String key, String field) {
      return connection.sync().hget(key, field);
    }

    @Override
    public String get(String key) {
      return connection.sync().get(key);
    }

    @Override
    public List<String> elements(String key) {
      return connection.sync().lrange(key, 0, -1);
    }

    @Override
    public void close() {
      connection.close();
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }
  }

  /** For one thread. */
  final class Own implements ClusterRequests {
    private static final int REDIRECTS_MAX = 16;

    private final Map<Integer, RespConnection> connections = new HashMap<>();
    private int port;

    Own(NodeProcess node) {
      port = node.port();
    }

    private Reply ask(String... words) {
      int at = port;
      boolean asking = false;
      for (int i = 0; i < REDIRECTS_MAX; i++) {
        Reply reply = askAt(at, asking, words);
        boolean moved = reply.text().startsWith("MOVED ");
        asking = reply.text().startsWith("ASK ");
        if (!reply.isError()) {
          return reply;
        }
        if (!moved && !asking) {
          throw new IllegalStateException(String.join(" ", words) + ": " + reply);
        }
        at = Integer.parseInt(reply.text().substring(reply.text().lastIndexOf(':') + 1));
        port = moved ? at : port;
      }
      throw new IllegalStateException(String.join(" ", words) + ": redirected again and again");
    }

    private Reply askAt(int at, boolean asking, String... words) {
      try {
        RespConnection connection = connections.get(at);
        if (connection == null) {
          connection = new RespConnection(at);
          connections.put(at, connection);
        }
        if (asking) {
          connection.ask("ASKING");
        }
        return connection.ask(words);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    @Override
    public long incr(String key) {
      return ask("INCR", key).number();
    }

    @Override
    public long rpush(String key, String element) {
      return ask("RPUSH", key, element).number();
    }

    @Override
    public void hset(String key, String field, String value) {
      ask("HSET", key, field, value);
    }

    @Override
    public String hget(String key, String field) {
      return ask("HGET", key, field).text();
    }

    @Override
    public String get(String key) {
      return ask("GET", key).text();
    }

    @Override
    public List<String> elements(String key) {
      return ask("LRANGE", key, "0", "-1").items().stream().map(Reply::text).toList();
    }

    @Override
    public void close() {
      try {
        for (RespConnection connection : connections.values()) {
          connection.close();
        }
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }
}
