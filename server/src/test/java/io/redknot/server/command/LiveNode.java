package io.redknot.server.command;

import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.Clock;
import io.redknot.server.Server;
import io.redknot.server.SystemClock;
import io.redknot.server.config.ConfigEnvironment;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.net.Ports;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.value.StringValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/**
 * A server in the test's process, with real sockets and a wall clock that tests may put forward.
 */
final class LiveNode implements AutoCloseable {
  private static final int ATTEMPTS_MAX = 20_000;

  /** A node that has started takes writes after two seconds. */
  private static final long SERVES_AFTER_MS = 2_100;

  private static final long POLL_NANOS = 1_000_000;

  private final int port;
  private final ShiftedClock clock = new ShiftedClock();
  private final Server server;

  /** Starts one; each directive is followed by its value. */
  LiveNode(Path directory, String... directives) throws IOException, NodesConfException {
    port = Ports.claim();
    ServerConfig config =
        new ServerConfig(
            new ConfigEnvironment(directory.toAbsolutePath(), 2, InputStream.nullInputStream()));
    config.put("port", Integer.toString(port));
    config.put("bind", "127.0.0.1");
    for (int i = 0; i < directives.length; i += 2) {
      config.put(directives[i], directives[i + 1]);
    }
    try {
      server = new Server(config, clock);
    } catch (ConfigFileException wrong) {
      throw new IllegalArgumentException(wrong.text(), wrong);
    }
    server.start();
  }

  /** Starts a cluster of one node that owns all slots; its clock is ahead by what that takes. */
  static LiveNode cluster(Path directory) throws IOException, NodesConfException {
    LiveNode node = new LiveNode(directory, "cluster-enabled", "yes");
    try (LiveClient client = node.connect()) {
      client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      node.passMs(SERVES_AFTER_MS);
      await(() -> client.call("CLUSTER", "INFO").contains("cluster_state:ok"));
    }
    return node;
  }

  /** Waits until a condition holds, which asks a server each time. */
  static void await(BooleanSupplier condition) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new AssertionError("the condition did not come to hold");
  }

  Server server() {
    return server;
  }

  LiveClient connect() throws IOException {
    return new LiveClient(port);
  }

  /** Puts the wall clock forward. */
  void passMs(long ms) {
    clock.shiftMs.addAndGet(ms);
  }

  /** The wall clock. */
  long nowMs() {
    return clock.nowMs();
  }

  /** Gives a key a string, beside all commands. */
  void set(int db, String key, String value) {
    byte[] name = key.getBytes(StandardCharsets.ISO_8859_1);
    byte[] text = value.getBytes(StandardCharsets.ISO_8859_1);
    int slot = HashSlot.of(name, 0, name.length);
    withKeyspace(
        db,
        slot,
        keys -> {
          long ref = keys.find(name, 0, name.length, slot);
          return StringValue.set(keys, ref, name, 0, name.length, text, 0, text.length);
        });
  }

  /** Gives a key an integer, beside all commands. */
  void setInteger(String key, long value) {
    byte[] name = key.getBytes(StandardCharsets.ISO_8859_1);
    int slot = HashSlot.of(name, 0, name.length);
    withKeyspace(
        0,
        slot,
        keys -> {
          long ref = keys.find(name, 0, name.length, slot);
          return StringValue.set(keys, ref, name, 0, name.length, value);
        });
  }

  /** Removes a key, beside all commands. */
  void remove(String key) {
    byte[] name = key.getBytes(StandardCharsets.ISO_8859_1);
    int slot = HashSlot.of(name, 0, name.length);
    withKeyspace(0, slot, keys -> keys.remove(name, 0, name.length, slot) ? 1 : 0);
  }

  /** The value of a string of bytes, or "(none)". */
  String get(int db, String key) {
    byte[] name = key.getBytes(StandardCharsets.ISO_8859_1);
    int slot = HashSlot.of(name, 0, name.length);
    StringBuilder value = new StringBuilder("(none)");
    withKeyspace(
        db,
        slot,
        keys -> {
          long ref = keys.find(name, 0, name.length, slot);
          if (ref != 0) {
            value.setLength(0);
            value.append(
                new String(
                    keys.valueArray(ref),
                    keys.valueOffset(ref),
                    keys.valueLength(ref),
                    StandardCharsets.ISO_8859_1));
          }
          return ref;
        });
    return value.toString();
  }

  /** Changes counted in all shards since the start. */
  long changes() {
    return sum(shard -> shard.stats().changes);
  }

  /** A sum over all shards, each under its lock. */
  long sum(ToLongFunction<Shard> part) {
    long sum = 0;
    for (int i = 0; i < server.shards().count(); i++) {
      Shard shard = server.shards().shard(i);
      shard.lock();
      try {
        sum += part.applyAsLong(shard);
      } finally {
        shard.unlock();
      }
    }
    return sum;
  }

  private void withKeyspace(int db, int slot, ToLongFunction<Keyspace> action) {
    Shard shard = server.shards().ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(db);
      keys.time(clock.nowMs());
      long _ = action.applyAsLong(keys);
    } finally {
      shard.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    server.stop();
    Ports.release(port);
  }

  private static final class ShiftedClock implements Clock {
    private final Clock real = new SystemClock();
    private final AtomicLong shiftMs = new AtomicLong();

    @Override
    public long nowMs() {
      return real.nowMs() + shiftMs.get();
    }

    @Override
    public long nowMicros() {
      return real.nowMicros() + shiftMs.get() * 1000;
    }

    @Override
    public long nanos() {
      return real.nanos();
    }
  }
}
