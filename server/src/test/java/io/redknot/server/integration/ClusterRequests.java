package io.redknot.server.integration;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.StaticCommandFlagsRegistry;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.executors.ClusterCommandExecutor;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/**
 * A few requests as three clients make them, which follow redirects each in its own way. None gives
 * a command again that may have been executed: that would count twice.
 */
interface ClusterRequests extends AutoCloseable {
  /** A request that was sent, and whose answer has not come: it was executed, or it was not. */
  final class Unanswered extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unanswered(Throwable cause) {
      super(cause);
    }
  }

  /** A request that no node has executed: refused, or nobody was there to send it to. */
  final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(Throwable cause) {
      super(cause);
    }
  }

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

  void set(String key, String value);

  void hset(String key, String field, String value);

  @Nullable String hget(String key, String field);

  @Nullable String get(String key);

  List<String> elements(String key);

  @Override
  void close();

  /** Its few attempts are enough for redirects that lead somewhere. */
  final class OfJedis implements ClusterRequests {
    private static final int ATTEMPTS = 5;
    private static final Duration RETRIES_MAX = Duration.ofSeconds(1);

    private final RedisClusterClient client;

    /** By itself it would send a command again whose connection has broken. */
    private static final class SentOnce extends ClusterCommandExecutor {
      SentOnce(ClusterConnectionProvider provider) {
        super(provider, ATTEMPTS, RETRIES_MAX, StaticCommandFlagsRegistry.registry());
      }

      @Override
      protected <T> T execute(Connection connection, CommandObject<T> command) {
        try {
          return super.execute(connection, command);
        } catch (JedisConnectionException broken) {
          throw new Unanswered(broken);
        }
      }
    }

    OfJedis(NodeProcess node) {
      int limitMs = Math.toIntExact(Waiting.LIMIT_MS);
      Set<HostAndPort> nodes = Set.of(new HostAndPort("127.0.0.1", node.port()));
      ClusterConnectionProvider provider =
          new ClusterConnectionProvider(
              nodes,
              DefaultJedisClientConfig.builder()
                  .connectionTimeoutMillis(limitMs)
                  .socketTimeoutMillis(limitMs)
                  .build());
      client =
          RedisClusterClient.builder()
              .nodes(nodes)
              .connectionProvider(provider)
              .commandExecutor(new SentOnce(provider))
              .build();
    }

    private <T> T ask(Function<RedisClusterClient, T> request) {
      try {
        return request.apply(client);
      } catch (JedisException error) {
        throw new Refused(error);
      }
    }

    @Override
    public long incr(String key) {
      return ask(to -> to.incr(key));
    }

    @Override
    public long rpush(String key, String element) {
      return ask(to -> to.rpush(key, element));
    }

    @Override
    public void set(String key, String value) {
      ask(to -> to.set(key, value));
    }

    @Override
    public void hset(String key, String field, String value) {
      ask(to -> to.hset(key, field, value));
    }

    @Override
    public @Nullable String hget(String key, String field) {
      return ask(to -> to.hget(key, field));
    }

    @Override
    public @Nullable String get(String key) {
      return ask(to -> to.get(key));
    }

    @Override
    public List<String> elements(String key) {
      return ask(to -> to.lrange(key, 0, -1));
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** With the slots that it has learned at first: each slot that moves is found by a redirect. */
  final class OfLettuce implements ClusterRequests {
    private static final Duration RECONNECT_DELAY = Duration.ofMillis(100);
    private static final int ATTEMPTS = 50;
    private static final String NOT_SENT = "Currently not connected";

    private final ClientResources resources =
        ClientResources.builder().reconnectDelay(Delay.constant(RECONNECT_DELAY)).build();
    private final io.lettuce.core.cluster.RedisClusterClient client;
    private final StatefulRedisClusterConnection<String, String> connection;

    OfLettuce(NodeProcess node) {
      client =
          io.lettuce.core.cluster.RedisClusterClient.create(
              resources,
              RedisURI.builder()
                  .withHost("127.0.0.1")
                  .withPort(node.port())
                  .withTimeout(Duration.ofMillis(Waiting.LIMIT_MS))
                  .build());
      ClusterClientOptions.Builder options =
          ClusterClientOptions.builder()
              .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS);
      // By itself it would send again what had no answer when the connection broke.
      var _ = options.replayFilter(_ -> true);
      client.setOptions(options.build());
      connection = client.connect();
    }

    /** The first request to a node is refused while the connection to it is being made. */
    private <T> T ask(Function<RedisClusterCommands<String, String>, T> request) {
      for (int attempt = 1; ; attempt++) {
        try {
          return request.apply(connection.sync());
        } catch (RedisCommandExecutionException | RedisConnectionException error) {
          throw new Refused(error);
        } catch (RedisException | CancellationException broken) {
          if (!String.valueOf(broken.getMessage()).startsWith(NOT_SENT)) {
            throw new Unanswered(broken);
          }
          if (attempt == ATTEMPTS) {
            throw new Refused(broken);
          }
          Waiting.pause();
        }
      }
    }

    @Override
    public long incr(String key) {
      return ask(to -> to.incr(key));
    }

    @Override
    public long rpush(String key, String element) {
      return ask(to -> to.rpush(key, element));
    }

    @Override
    public void set(String key, String value) {
      ask(to -> to.set(key, value));
    }

    @Override
    public void hset(String key, String field, String value) {
      ask(to -> to.hset(key, field, value));
    }

    @Override
    public @Nullable String hget(String key, String field) {
      return ask(to -> to.hget(key, field));
    }

    @Override
    public @Nullable String get(String key) {
      return ask(to -> to.get(key));
    }

    @Override
    public List<String> elements(String key) {
      return ask(to -> to.lrange(key, 0, -1));
    }

    @Override
    public void close() {
      connection.close();
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
      var _ = resources.shutdown(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /** For one thread. */
  final class Own implements ClusterRequests {
    private static final int REDIRECTS_MAX = 16;
    private static final String CONFIRMATION_LIMIT_MS = "300";
    private static final Set<String> READS = Set.of("GET", "HGET", "LRANGE");

    private final Map<Integer, RespConnection> connections = new HashMap<>();
    private final int first;
    private final boolean confirms;
    private int port;

    Own(NodeProcess node) {
      this(node, false);
    }

    /** With confirmation a write counts as answered when a replica has it, too. */
    Own(NodeProcess node, boolean confirms) {
      this.confirms = confirms;
      first = node.port();
      port = first;
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
          throw refused(String.join(" ", words) + ": " + reply);
        }
        at = Integer.parseInt(reply.text().substring(reply.text().lastIndexOf(':') + 1));
        port = moved ? at : port;
      }
      throw refused(String.join(" ", words) + ": redirected again and again");
    }

    private static Refused refused(String why) {
      return new Refused(new IllegalStateException(why));
    }

    private Reply askAt(int at, boolean asking, String... words) {
      RespConnection connection;
      try {
        connection = connection(at);
        if (asking) {
          connection.ask("ASKING");
        }
      } catch (IOException nobody) {
        forget(at);
        port = first;
        throw new Refused(nobody);
      }
      try {
        Reply reply = connection.ask(words);
        if (confirms && !reply.isError() && !READS.contains(words[0])) {
          requireConfirmed(connection);
        }
        return reply;
      } catch (IOException broken) {
        forget(at);
        throw new Unanswered(broken);
      }
    }

    private static void requireConfirmed(RespConnection connection) throws IOException {
      if (connection.ask("WAIT", "1", CONFIRMATION_LIMIT_MS).number() == 0) {
        throw new Unanswered(new IllegalStateException("no replica has it"));
      }
    }

    private RespConnection connection(int at) throws IOException {
      RespConnection connection = connections.get(at);
      if (connection == null) {
        connection = new RespConnection(at);
        connections.put(at, connection);
      }
      return connection;
    }

    private void forget(int at) {
      try {
        RespConnection broken = connections.remove(at);
        if (broken != null) {
          broken.close();
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
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
    public void set(String key, String value) {
      ask("SET", key, value);
    }

    @Override
    public void hset(String key, String field, String value) {
      ask("HSET", key, field, value);
    }

    @Override
    public @Nullable String hget(String key, String field) {
      return text(ask("HGET", key, field));
    }

    @Override
    public @Nullable String get(String key) {
      return text(ask("GET", key));
    }

    private static @Nullable String text(Reply reply) {
      return reply.isNil() ? null : reply.text();
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
