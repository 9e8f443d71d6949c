package io.redknot.server.differential;

import static io.redknot.server.differential.RdbExchangeTest.bytes;
import static io.redknot.server.differential.RdbExchangeTest.run;
import static io.redknot.server.differential.RdbExchangeTest.told;
import static io.redknot.server.differential.RdbExchangeTest.with;
import static io.redknot.server.differential.RdbExchangeTest.words;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large values that change while they are written are in redis-server what they have to be. */
final class LargeValueExchangeTest {
  private static final long SEED = 7;
  private static final int ELEMENTS = 2_000_000;
  private static final int PER_COMMAND = 1000;
  private static final int ENTRIES = 20_000;
  private static final String LIST_EXPIRY = "4102444800123";
  private static final List<String> KEYS = List.of("list", "stream", "hash", "set", "zset");

  private @TempDir Path directory;

  private final SplittableRandom random = new SplittableRandom(SEED);

  private RunningServer start(String appendonly) {
    return RunningServer.start(
        "--dir",
        directory.toString(),
        "--appendonly",
        appendonly,
        "--aof-use-rdb-preamble",
        "no",
        "--appendfsync",
        "no");
  }

  private static void fill(RawConnection redknot) throws IOException {
    for (int i = 0; i < ELEMENTS; i += PER_COMMAND) {
      List<Object> push = new ArrayList<>(List.of("RPUSH", "list"));
      for (int k = i; k < i + PER_COMMAND; k++) {
        push.add("e" + k);
      }
      run(redknot, List.of(words(push.toArray())));
    }
    List<List<byte[]>> commands = new ArrayList<>();
    for (int i = 1; i <= ENTRIES; i++) {
      commands.add(words("XADD", "stream", i + "-1", i % 7 == 0 ? "other" : "field", "v" + i));
      commands.add(words("HSET", "hash", "f" + i, "v" + i));
      commands.add(words("SADD", "set", "m" + i));
      commands.add(words("ZADD", "zset", i / 8.0, "m" + i));
    }
    for (String group : List.of("one", "two")) {
      commands.add(words("XGROUP", "CREATE", "stream", group, "0"));
      commands.add(
          words("XREADGROUP", "GROUP", group, "a", "COUNT", "3000", "STREAMS", "stream", ">"));
    }
    commands.add(words("PEXPIREAT", "list", LIST_EXPIRY));
    run(redknot, commands);
  }

  private void change(RawConnection redknot) throws IOException {
    List<List<byte[]>> commands = new ArrayList<>();
    int n = random.nextInt(ENTRIES);
    commands.add(words("LPUSH", "list", "new" + n));
    commands.add(words("RPUSH", "list", "new" + n));
    commands.add(words("LSET", "list", random.nextInt(ELEMENTS / 2), "set" + n));
    commands.add(words("LREM", "list", random.nextBoolean() ? 1 : -1, "e" + n));
    commands.add(words("LTRIM", "list", random.nextInt(3000), "-2"));
    commands.add(words("XADD", "stream", "*", "field", "new" + n));
    commands.add(words("XDEL", "stream", n + "-1", random.nextInt(ENTRIES) + "-1"));
    commands.add(words("XTRIM", "stream", "MINID", random.nextInt(ENTRIES / 2)));
    commands.add(words("XACK", "stream", "one", random.nextInt(3000) + "-1"));
    commands.add(words("XREADGROUP", "GROUP", "two", "b", "COUNT", "5", "STREAMS", "stream", ">"));
    commands.add(words("HDEL", "hash", "f" + n));
    commands.add(words("SREM", "set", "m" + n));
    commands.add(words("ZADD", "zset", n, "m" + random.nextInt(ENTRIES)));
    run(redknot, commands);
  }

  /** Begins to save; what changes after this call is not in the file. */
  private static void beginSave(RawConnection redknot) throws IOException {
    assertEquals("+Background saving started", redknot.call("BGSAVE").header());
    String told;
    do {
      told = redknot.call("INFO", "persistence").raw();
    } while (told.contains("rdb_bgsave_in_progress:1")
        && told.contains("current_save_keys_total:0"));
  }

  /** Changes all while something is in progress. */
  private void changeWhile(RawConnection redknot, String field) throws IOException {
    do {
      change(redknot);
    } while (redknot.call("INFO", "persistence").raw().contains(field + ":1"));
  }

  private static Map<String, byte[]> dumps(RawConnection redknot) throws IOException {
    Map<String, byte[]> dumps = new LinkedHashMap<>();
    for (String key : KEYS) {
      dumps.put(key, bytes(redknot.call("DUMP", key)));
    }
    return dumps;
  }

  private static void assertLoaded(RawConnection redis, Map<String, byte[]> expected)
      throws IOException {
    for (Map.Entry<String, byte[]> dump : expected.entrySet()) {
      String key = dump.getKey();
      String expiry = key.equals("list") ? LIST_EXPIRY : "0";
      run(redis, List.of(words("RESTORE", key + ".ours", expiry, dump.getValue(), "ABSTTL")));
      assertEquals(
          redis.call("DEBUG", "DIGEST-VALUE", key + ".ours").raw(),
          redis.call("DEBUG", "DIGEST-VALUE", key).raw(),
          key);
    }
    assertEquals(":" + LIST_EXPIRY, redis.call("PEXPIRETIME", "list").header());
  }

  @Test
  void aSnapshotHasThemAsTheyWereWhenItBegan() throws Exception {
    try (RunningServer server = start("no");
        RawConnection redknot = new RawConnection(server.port())) {
      fill(redknot);
      Map<String, byte[]> before = dumps(redknot);
      beginSave(redknot);
      changeWhile(redknot, "rdb_bgsave_in_progress");
      try (ReferenceServer loaded = new ReferenceServer(directory, with());
          RawConnection redis = new RawConnection(loaded.port())) {
        assertLoaded(redis, before);
        assertEquals(told(redis, "stream.ours"), told(redis, "stream"));
      }
      // A second one, of values that go in the midst of it.
      before = dumps(redknot);
      beginSave(redknot);
      run(redknot, List.of(words("DEL", "list", "stream", "hash", "set", "zset")));
      while (redknot.call("INFO", "persistence").raw().contains("rdb_bgsave_in_progress:1")) {
        Thread.onSpinWait();
      }
      try (ReferenceServer loaded = new ReferenceServer(directory, with());
          RawConnection redis = new RawConnection(loaded.port())) {
        assertLoaded(redis, before);
      }
    }
  }

  @Test
  void aRewriteToCommandsAndWhatFollowsItMakeThemAgain() throws Exception {
    Map<String, byte[]> after;
    try (RunningServer server = start("yes");
        RawConnection redknot = new RawConnection(server.port())) {
      fill(redknot);
      assertTrue(redknot.call("BGREWRITEAOF").header().startsWith("+Background"));
      changeWhile(redknot, "aof_rewrite_in_progress");
      assertTrue(redknot.call("INFO", "persistence").raw().contains("aof_rewrites:1"));
      after = dumps(redknot);
    }
    try (ReferenceServer loaded = new ReferenceServer(directory, with("--appendonly", "yes"));
        RawConnection redis = new RawConnection(loaded.port())) {
      assertLoaded(redis, after);
    }
  }
}
