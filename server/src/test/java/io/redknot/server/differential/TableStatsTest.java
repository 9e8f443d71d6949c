package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * DEBUG HTSTATS and HTSTATS-KEY have the form that redis-server gives them, with the numbers of
 * other tables, and refuse the same.
 */
final class TableStatsTest {
  private static final int KEYS = 5000;
  private static final int EXPIRING = 700;
  private static final Pattern TABLE =
      Pattern.compile(
          """
          Hash table 0 stats \\(main hash table\\):
           table size: (\\d+)
           number of elements: (\\d+)
           different slots: (\\d+)
           max chain length: (\\d+)
           avg chain length \\(counted\\): (\\d+\\.\\d\\d)
           avg chain length \\(computed\\): (\\d+\\.\\d\\d)
           Chain length distribution:
          ((?:   \\d+: \\d+ \\(\\d+\\.\\d\\d%\\)
          )+)\
          """);

  private @TempDir Path directory;

  private static void assertSame(RawConnection redis, RawConnection redknot, String... command)
      throws IOException {
    assertEquals(redis.call(command), redknot.call(command), () -> String.join(" ", command));
  }

  private static void fill(RawConnection connection) throws IOException {
    connection.call("DEBUG", "POPULATE", "" + KEYS);
    for (int i = 0; i < EXPIRING; i++) {
      connection.call("PEXPIRE", "key:" + i, "" + (1_000_000 + 10_000 * (i % 50)));
      connection.call("HSET", "hash", "field" + i, "v");
      connection.call("SADD", "set", "member" + i);
      connection.call("ZADD", "sorted", "" + i, "member" + i);
    }
    connection.call("HSET", "small", "f", "v");
    connection.call("SADD", "ints", "1");
    connection.call("RPUSH", "list", "1");
    connection.call("XADD", "stream", "*", "f", "v");
  }

  /** That it has the form, and that its numbers belong together. */
  private static void assertTable(String text, long elements) {
    Matcher table = TABLE.matcher(text);
    assertTrue(table.matches(), text);
    long size = Long.parseLong(table.group(1));
    assertEquals(elements, Long.parseLong(table.group(2)));
    long used = Long.parseLong(table.group(3));
    assertEquals("%.2f".formatted((double) elements / used), table.group(5));
    assertEquals(table.group(5), table.group(6));
    long places = 0;
    long counted = 0;
    long longest = 0;
    for (String line : table.group(7).lines().toList()) {
      String[] numbers = line.strip().split("[: (%)]+", -1);
      longest = Long.parseLong(numbers[0]);
      long count = Long.parseLong(numbers[1]);
      places += count;
      counted += longest * count;
      used -= longest == 0 ? 0 : count;
      assertEquals("%.2f".formatted(100.0 * count / size), numbers[2], line);
    }
    assertEquals(List.of(size, elements, 0L), List.of(places, counted, used), text);
    assertEquals(Long.parseLong(table.group(4)), longest);
  }

  private static String text(Reply reply) {
    String raw = reply.raw();
    return raw.substring(raw.indexOf('\n') + 1, raw.length() - 2);
  }

  private static String[] parts(RawConnection connection) throws IOException {
    String text = text(connection.call("DEBUG", "HTSTATS", "0"));
    assertTrue(text.startsWith("[Dictionary HT]\n"), text);
    return text.substring("[Dictionary HT]\n".length()).split("\\[Expires HT]\n", -1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "yes"})
  void tablesAreToldInTheFormOfRedis(String cluster) throws IOException {
    String[] options = {"--enable-debug-command", "local", "--cluster-enabled", cluster};
    List<String> same = List.of(options);
    Path own = directory.resolve("own");
    assertTrue(own.toFile().mkdir());
    try (ReferenceServer reference = new ReferenceServer(directory, same);
        RunningServer server =
            RunningServer.start(
                "--dir", own.toString(), options[0], options[1], options[2], cluster);
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      assertSame(redis, redknot, "DEBUG", "HTSTATS", "0");
      for (RawConnection connection : List.of(redis, redknot)) {
        if (cluster.equals("yes")) {
          connection.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
          awaitSlots(connection);
        }
        fill(connection);
      }
      // What is rehashed in redis-server has a second table for a while.
      assertTable(parts(redis)[1], EXPIRING);
      String[] ours = parts(redknot);
      assertTable(ours[0], KEYS + 7);
      assertTable(ours[1], EXPIRING);
      for (String key : List.of("hash", "set", "sorted")) {
        assertTable(text(redknot.call("DEBUG", "HTSTATS-KEY", key)), EXPIRING);
      }
    }
  }

  private static void awaitSlots(RawConnection connection) throws IOException {
    while (!connection.call("CLUSTER", "INFO").raw().contains("cluster_state:ok")) {
      Thread.onSpinWait();
    }
  }

  @Test
  void sameIsRefusedAsByRedis() throws IOException {
    List<String> debug = List.of("--enable-debug-command", "local");
    try (ReferenceServer reference = new ReferenceServer(directory, debug);
        RunningServer server =
            RunningServer.start("--dir", directory.toString(), debug.get(0), debug.get(1));
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      fill(redis);
      fill(redknot);
      for (String number : List.of("16", "-1", "99999999999", "x", "")) {
        assertSame(redis, redknot, "DEBUG", "HTSTATS", number);
      }
      assertSame(redis, redknot, "DEBUG", "HTSTATS");
      assertSame(redis, redknot, "DEBUG", "htStats", "1", "2");
      for (String key : List.of("key:1", "small", "ints", "list", "stream", "missing")) {
        assertSame(redis, redknot, "DEBUG", "HTSTATS-KEY", key);
      }
      assertSame(redis, redknot, "DEBUG", "HTSTATS-KEY");
      assertSame(redis, redknot, "DEBUG", "HTSTATS-KEY", "set", "full");
      for (RawConnection connection : List.of(redis, redknot)) {
        connection.call("HELLO", "3");
      }
      assertSame(redis, redknot, "DEBUG", "HTSTATS", "15");
      assertEquals(
          redis.call("DEBUG", "HTSTATS-KEY", "set").raw().charAt(0),
          redknot.call("DEBUG", "HTSTATS-KEY", "set").raw().charAt(0));
    }
  }
}
