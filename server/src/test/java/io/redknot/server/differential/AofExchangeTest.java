package io.redknot.server.differential;

import static io.redknot.server.differential.RdbExchangeTest.assertSame;
import static io.redknot.server.differential.RdbExchangeTest.carry;
import static io.redknot.server.differential.RdbExchangeTest.data;
import static io.redknot.server.differential.RdbExchangeTest.keys;
import static io.redknot.server.differential.RdbExchangeTest.run;
import static io.redknot.server.differential.RdbExchangeTest.told;
import static io.redknot.server.differential.RdbExchangeTest.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.check.FileCheckTest;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Append-only files go from Redknot to redis-server and back, and hold the same there. */
final class AofExchangeTest {
  private static final List<String> STREAMS = List.of("stream", "emptied");

  /** Looks at a server that works in the background, before it is given up. */
  private static final int LOOKS_MAX = 100_000;

  private @TempDir Path directory;

  private RunningServer start(String... more) {
    String[] arguments = {"--dir", directory.toString(), "--appendonly", "yes"};
    return RunningServer.start(concat(arguments, more));
  }

  private static String[] concat(String[] first, String[] second) {
    String[] all = new String[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** Half of the data, a rewrite, and then the rest: a base and an increment. */
  private static void fill(RawConnection connection, boolean rewriting) throws IOException {
    List<List<byte[]>> all = data();
    int half = rewriting ? all.size() / 2 : all.size();
    run(connection, all.subList(0, half));
    if (rewriting) {
      rewrite(connection);
      run(connection, all.subList(half, all.size()));
    }
    run(connection, List.of(RdbExchangeTest.words("SELECT", "3")));
    run(connection, List.of(RdbExchangeTest.words("SET", "in-three", "3")));
    run(connection, List.of(RdbExchangeTest.words("SELECT", "0")));
  }

  private static void rewrite(RawConnection connection) throws IOException {
    String before = field(connection, "aof_rewrites");
    run(connection, List.of(RdbExchangeTest.words("BGREWRITEAOF")));
    boolean ended = false;
    for (int i = 0; i < LOOKS_MAX && !ended; i++) {
      ended =
          field(connection, "aof_rewrite_in_progress").equals("0")
              && !field(connection, "aof_rewrites").equals(before);
    }
    assertTrue(ended, "the rewrite does not end");
    assertEquals("ok", field(connection, "aof_last_bgrewrite_status"));
  }

  static String field(RawConnection connection, String name) throws IOException {
    String info = connection.call("INFO", "persistence").raw();
    int at = info.indexOf(name + ":");
    return at < 0 ? "" : info.substring(at + name.length() + 1, info.indexOf('\r', at));
  }

  private void assertChecked() throws IOException, InterruptedException {
    Path manifest = directory.resolve("appendonlydir").resolve("appendonly.aof.manifest");
    Process check =
        new ProcessBuilder("redis-check-aof", manifest.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertEquals(0, check.waitFor(), said);
    assertTrue(said.contains("All AOF files and manifest are valid"), said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no rewrite", "preamble", "commands"})
  void redisLoadsWhatRedknotAppends(String form) throws Exception {
    String preamble = form.equals("commands") ? "no" : "yes";
    try (RunningServer server = start("--aof-use-rdb-preamble", preamble);
        RawConnection redknot = new RawConnection(server.port())) {
      fill(redknot, !form.equals("no rewrite"));
    }
    assertChecked();
    try (ReferenceServer loaded = new ReferenceServer(directory, with("--appendonly", "yes"));
        RunningServer server = RunningServer.start();
        RawConnection redis = new RawConnection(loaded.port());
        RawConnection redknot = new RawConnection(server.port())) {
      run(redknot, data());
      assertEquals(keys(redknot).size(), keys(redis).size());
      for (String key : keys(redknot)) {
        carry(redknot, key, redis, key + ".ours");
        assertSame(redis, key, key + ".ours");
      }
      assertEquals(":4102444800123", redis.call("PEXPIRETIME", "expiring").header());
      for (String key : STREAMS) {
        assertEquals(told(redis, key + ".ours"), told(redis, key));
      }
      redis.call("SELECT", "3");
      assertEquals("$1\r\n3\r\n", redis.call("GET", "in-three").raw());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no rewrite", "preamble", "commands"})
  void redknotLoadsWhatRedisAppends(String form) throws Exception {
    String preamble = form.equals("commands") ? "no" : "yes";
    try (ReferenceServer reference =
            new ReferenceServer(
                directory, with("--appendonly", "yes", "--aof-use-rdb-preamble", preamble));
        RawConnection redis = new RawConnection(reference.port())) {
      fill(redis, !form.equals("no rewrite"));
    }
    try (RunningServer server = start();
        ReferenceServer reference = new ReferenceServer(directory, with("--appendonly", "no"));
        RawConnection redknot = new RawConnection(server.port());
        RawConnection redis = new RawConnection(reference.port())) {
      run(redis, data());
      assertEquals(keys(redis).size(), keys(redknot).size());
      for (String key : keys(redknot)) {
        carry(redknot, key, redis, key + ".back");
        assertSame(redis, key, key + ".back");
      }
      assertEquals(":4102444800000", redknot.call("PEXPIRETIME", "hash300").header());
      for (String key : STREAMS) {
        assertEquals(told(redis, key), told(redis, key + ".back"));
      }
      redknot.call("SELECT", "3");
      assertEquals("$1\r\n3\r\n", redknot.call("GET", "in-three").raw());
    }
  }

  private static final String TIMES =
      RawClient.resp("SET", "a", "0")
          + "#TS:100\r\n"
          + RawClient.resp("SET", "a", "1")
          + "#a remark\r\n#TS:200\r\n"
          + RawClient.resp("SET", "a", "2")
          + "#TS:2147483648\r\n"
          + RawClient.resp("SET", "a", "3");

  @ParameterizedTest
  @ValueSource(longs = {99, 100, 199, 200, 2_147_483_647L, 2_147_483_648L})
  void timeIsGoneBackToWhereRedisGoesBackTo(long seconds) throws Exception {
    Path ours = Files.writeString(directory.resolve("ours"), TIMES);
    Path theirs = Files.writeString(directory.resolve("theirs"), TIMES);
    String option = "--truncate-to-timestamp";
    Process check =
        new ProcessBuilder("redis-check-aof", option, "" + seconds, theirs.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile())
            .start();
    assertEquals(0, check.waitFor());
    assertEquals(0, FileCheckTest.run(option, "" + seconds, ours.toString()));
    assertEquals(Files.readString(theirs), Files.readString(ours));
    boolean whole = Files.readString(ours).equals(TIMES);
    assertEquals(!whole, Files.exists(directory.resolve("ours.cut-off")));
  }

  @Test
  void redknotGoesOnWhereItHasEnded() throws Exception {
    String[] arguments = {"--aof-timestamp-enabled", "yes", "--aof-use-rdb-preamble", "no"};
    try (RunningServer server = start(arguments);
        RawConnection redknot = new RawConnection(server.port())) {
      fill(redknot, true);
    }
    for (int i = 0; i < 2; i++) {
      try (RunningServer server = start(arguments);
          RawConnection redknot = new RawConnection(server.port())) {
        redknot.call("RPUSH", "starts", "" + i);
        assertEquals(":" + (i + 1), redknot.call("LLEN", "starts").header());
        if (i == 0) {
          rewrite(redknot);
        }
      }
    }
    assertChecked();
    try (ReferenceServer loaded = new ReferenceServer(directory, with("--appendonly", "yes"));
        RunningServer server = RunningServer.start();
        RawConnection redis = new RawConnection(loaded.port());
        RawConnection redknot = new RawConnection(server.port())) {
      assertEquals(":2", redis.call("LLEN", "starts").header());
      run(redknot, data());
      assertEquals(keys(redknot).size() + 1, keys(redis).size());
      for (String key : keys(redknot)) {
        carry(redknot, key, redis, key + ".ours");
        assertSame(redis, key, key + ".ours");
      }
    }
  }
}
