package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written while the file is rewritten again and again is loaded exactly as it was. */
class RewriteUnderLoadTest {
  private static final int WRITERS = 4;
  private static final int COMMANDS = 4000;
  private static final int REWRITES = 6;
  private static final int KEYS = 60;
  private static final long FAR_MS = 4_102_444_800_000L;

  private @TempDir Path directory;

  private RunningServer start(String cluster, String preamble) {
    return RunningServer.start(
        "--dir",
        directory.toString(),
        "--appendonly",
        "yes",
        "--aof-use-rdb-preamble",
        preamble,
        "--cluster-enabled",
        cluster);
  }

  private static String[] command(SplittableRandom random) {
    String n = "" + random.nextInt(KEYS);
    String value = "v" + random.nextInt(1000);
    return switch (random.nextInt(16)) {
      case 0 -> new String[] {"SET", "s" + n, value};
      case 1, 2 -> new String[] {"INCR", "i" + n};
      case 3 -> new String[] {"APPEND", "s" + n, value};
      case 4, 5 -> new String[] {"RPUSH", "l" + n, value, n};
      case 6 -> new String[] {"LPOP", "l" + n};
      case 7 -> new String[] {"SADD", "e" + n, value, n};
      case 8 -> new String[] {"SPOP", "e" + n};
      case 9 -> new String[] {"ZINCRBY", "z" + n, "1.5", value};
      case 10 -> new String[] {"HINCRBY", "h" + n, value, "3"};
      case 11 -> new String[] {"XADD", "x" + n, "*", "f", value};
      case 12 -> new String[] {"PEXPIREAT", "i" + n, "" + (FAR_MS + random.nextInt(1000))};
      case 13 -> new String[] {"DEL", random.nextBoolean() ? "l" + n : "h" + n};
      case 14 -> new String[] {"SET", "short" + n, value, "PX", "5"};
      default -> new String[] {"INCRBYFLOAT", "f" + n, "0.1"};
    };
  }

  private static void write(RunningServer server, long seed, AtomicReference<String> wrong) {
    SplittableRandom random = new SplittableRandom(seed);
    try (RawClient client = server.connect()) {
      for (int i = 0; i < COMMANDS; i++) {
        String[] words = command(random);
        String reply = client.ask(words);
        if (reply.startsWith("-")) {
          wrong.set(String.join(" ", words) + ": " + reply);
        }
      }
    }
  }

  private static void rewrite(RawClient client) {
    assertEquals("+Background append only file rewriting started\r\n", client.ask("BGREWRITEAOF"));
    Eventually.await(
        "the end of a rewrite",
        () -> client.ask("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
    assertFalse(client.ask("INFO", "persistence").contains("aof_last_bgrewrite_status:err"));
  }

  /** Every key with its value and its expiry. */
  private static Map<String, String> data(RawClient client) {
    Map<String, String> all = new TreeMap<>();
    for (String kind : List.of("s", "i", "l", "e", "z", "h", "x", "f", "short")) {
      for (int i = 0; i < KEYS; i++) {
        all.put(kind + i, value(client, kind, kind + i));
      }
    }
    return all;
  }

  private static String value(RawClient client, String kind, String key) {
    String value =
        switch (kind) {
          case "l" -> client.ask("LRANGE", key, "0", "-1");
          case "e" -> client.ask("SORT", key, "ALPHA");
          case "z" -> client.ask("ZRANGE", key, "0", "-1", "WITHSCORES");
          case "h" -> sorted(client, key);
          case "x" -> client.ask("XINFO", "STREAM", key, "FULL", "COUNT", "0");
          default -> client.ask("GET", key);
        };
    return value + client.ask("PEXPIRETIME", key);
  }

  private static String sorted(RawClient client, String key) {
    String[] lines = client.ask("HGETALL", key).split("\r\n", -1);
    List<String> pairs = new ArrayList<>();
    for (int i = 1; i + 3 < lines.length; i += 4) {
      pairs.add(lines[i + 1] + "=" + lines[i + 3]);
    }
    pairs.sort(null);
    return pairs.toString();
  }

  private static void awaitServing(RawClient client, boolean fresh) {
    if (fresh) {
      client.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    }
    Eventually.await("a server that serves", () -> !client.ask("EXISTS", "s0").startsWith("-"));
  }

  @ParameterizedTest
  @CsvSource({"no, yes, 1", "no, no, 2", "yes, yes, 3", "yes, no, 4"})
  void nothingIsLostOrDoubled(String cluster, String preamble, long seed)
      throws InterruptedException {
    Map<String, String> before;
    try (RunningServer server = start(cluster, preamble);
        RawClient client = server.connect()) {
      if (cluster.equals("yes")) {
        awaitServing(client, true);
      }
      AtomicReference<String> wrong = new AtomicReference<>("");
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        long own = seed * WRITERS + i;
        writers.add(new Thread(() -> write(server, own, wrong)));
      }
      writers.forEach(Thread::start);
      for (int i = 0; i < REWRITES; i++) {
        rewrite(client);
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertEquals("", wrong.get(), "seed " + seed);
      // Those are gone for good, here and there, before anything is compared.
      Eventually.await("keys whose time is over to go", () -> !anyShort(client));
      before = data(client);
    }
    try (RunningServer server = start(cluster, preamble);
        RawClient client = server.connect()) {
      if (cluster.equals("yes")) {
        awaitServing(client, false);
      }
      assertEquals(before, data(client), "seed " + seed);
    }
  }

  private static boolean anyShort(RawClient client) {
    for (int i = 0; i < KEYS; i++) {
      if (client.ask("EXISTS", "short" + i).equals(":1\r\n")) {
        return true;
      }
    }
    return false;
  }
}
