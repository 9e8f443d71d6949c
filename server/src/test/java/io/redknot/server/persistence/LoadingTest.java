package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.SystemClock;
import io.redknot.server.net.Eventually;
import io.redknot.server.net.Ports;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that has not loaded its data set says so, and how far it has come. */
class LoadingTest {
  private static final int KEYS = 5000;
  private static final String LOADING = "-LOADING Redis is loading the dataset in memory\r\n";
  private static final int READ_FIRST = 200_000;

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start(int port, String appendonly) {
    List<String> options = new ArrayList<>(List.of("--dir", directory.toString()));
    options.addAll(List.of("--appendonly", appendonly, "--port", "" + port));
    options.addAll(List.of("--aof-use-rdb-preamble", "no", "--rdbcompression", "no"));
    return RunningServer.startOn(disk, options.toArray(String[]::new));
  }

  private static String persistence(RawClient client) {
    return client.ask("INFO", "persistence");
  }

  private static String field(RawClient client, String name) {
    return field(persistence(client), name);
  }

  private static String field(String info, String name) {
    int at = info.indexOf("\n" + name + ":") + 1;
    return at == 0 ? "" : info.substring(at + name.length() + 1, info.indexOf('\r', at));
  }

  private static long number(RawClient client, String name) {
    return number(persistence(client), name);
  }

  private static long number(String info, String name) {
    return Long.parseLong(field(info, name));
  }

  private static RawClient connect(int port) {
    AtomicReference<@Nullable RawClient> connected = new AtomicReference<>();
    Eventually.await(
        "a server that listens",
        () -> {
          try {
            connected.set(new RawClient(port));
            return true;
          } catch (UncheckedIOException notYet) {
            return false;
          }
        });
    RawClient client = connected.get();
    assertTrue(client != null);
    return client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "yes"})
  void clientsAreToldThatDataIsLoadedAndHowMuchOfIt(String appendonly) throws Exception {
    int port = Ports.claim();
    String value = "v".repeat(100);
    try (RunningServer server = start(port, appendonly);
        RawClient client = new RawClient(port)) {
      assertTrue(server.server().shards().isEmpty(0));
      for (int i = 0; i < KEYS; i++) {
        client.command("SET", "key:" + i, value);
      }
      for (int i = 0; i < KEYS; i++) {
        client.reply();
      }
      client.ask("SAVE");
      assertEquals("0", field(client, "loading"));
      assertEquals("", field(client, "loading_start_time"));
    }
    disk.readable(READ_FIRST);
    // A thread of its own: who waits for processes to end needs those that all share.
    FutureTask<RunningServer> starting = new FutureTask<>(() -> start(port, appendonly));
    Thread.ofPlatform().start(starting);
    try (RawClient client = connect(port)) {
      assertEquals(LOADING, client.ask("GET", "key:1"));
      assertEquals(LOADING, client.ask("SET", "key:1", "x"));
      assertEquals(LOADING, client.ask("PING"));
      assertEquals(LOADING, client.ask("BGSAVE"));
      assertEquals("1", field(client, "loading"));
      assertEquals("0", field(client, "async_loading"));
      Eventually.await("a part", () -> number(client, "loading_loaded_bytes") > READ_FIRST / 4);
      String info = persistence(client);
      long total = number(info, "loading_total_bytes");
      long loaded = number(info, "loading_loaded_bytes");
      assertTrue(total > KEYS * 100L && loaded <= READ_FIRST + 100_000, total + " " + loaded);
      assertEquals("%.2f".formatted(loaded * 100.0 / total), field(info, "loading_loaded_perc"));
      assertTrue(number(info, "loading_eta_seconds") >= 0);
      long ageSeconds = new SystemClock().nowMs() / 1000 - number(info, "loading_start_time");
      assertTrue(ageSeconds >= 0 && ageSeconds < 1000, ageSeconds + " s");
      assertTrue(number(info, "loading_rdb_used_mem") > 0 || appendonly.equals("yes"));
    } finally {
      disk.readable(Long.MAX_VALUE);
    }
    try (RunningServer server = starting.get();
        RawClient client = new RawClient(port)) {
      assertEquals(":" + KEYS + "\r\n", client.ask("DBSIZE"));
      assertEquals("0", field(client, "loading"));
      assertEquals(port, server.server().config().port.get());
    } finally {
      Ports.release(port);
    }
  }
}
