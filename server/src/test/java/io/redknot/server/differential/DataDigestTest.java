package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DEBUG DIGEST and DEBUG DIGEST-VALUE tell the same of equal data as redis-server does. */
final class DataDigestTest {
  private static final List<String> DEBUG = List.of("--enable-debug-command", "local");
  private static final long SEED = 20_261_126;

  private @TempDir Path directory;

  /** Scores whose text needs all its digits, or an exponent. */
  private static List<List<byte[]>> scores() {
    List<List<byte[]>> commands = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 400; i++) {
      double any = Double.longBitsToDouble(random.nextLong());
      double score = Double.isNaN(any) ? i : any;
      commands.add(RdbExchangeTest.words("ZADD", "scores", score, "any" + i));
      commands.add(RdbExchangeTest.words("ZADD", "scores", i / 7.0, "seventh" + i));
      commands.add(RdbExchangeTest.words("ZADD", "scores", "1e" + (i - 200), "power" + i));
    }
    commands.add(RdbExchangeTest.words("ZADD", "scores", "-0.0", "zero"));
    return commands;
  }

  @Test
  void equalDataHasEqualDigests() throws IOException {
    try (ReferenceServer reference = new ReferenceServer(directory, DEBUG);
        RunningServer server =
            RunningServer.start("--dir", directory.toString(), "--enable-debug-command", "local");
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      assertSame(redis, redknot, "DEBUG", "DIGEST");
      for (List<List<byte[]>> data : List.of(RdbExchangeTest.data(), scores())) {
        RdbExchangeTest.run(redis, data);
        RdbExchangeTest.run(redknot, data);
      }
      List<String> keys = RdbExchangeTest.keys(redis);
      for (String key : keys) {
        assertSame(redis, redknot, "DEBUG", "DIGEST-VALUE", key);
      }
      assertSame(redis, redknot, "DEBUG", "DIGEST-VALUE");
      assertSame(redis, redknot, "DEBUG", "DIGEST-VALUE", keys.getFirst(), "missing");
      assertSame(redis, redknot, "DEBUG", "DIGEST");
      assertSame(redis, redknot, "SELECT", "3");
      assertSame(redis, redknot, "SET", "elsewhere", "x");
      assertSame(redis, redknot, "DEBUG", "DIGEST");
      String before = redknot.call("DEBUG", "DIGEST").raw();
      redknot.call("SET", "elsewhere", "y");
      assertNotEquals(before, redknot.call("DEBUG", "DIGEST").raw());
    }
  }

  @Test
  void keysAreMadeAsRedisMakesThem() throws IOException {
    try (ReferenceServer reference = new ReferenceServer(directory, DEBUG);
        RunningServer server =
            RunningServer.start("--dir", directory.toString(), "--enable-debug-command", "local");
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      assertSame(redis, redknot, "SET", "k:1", "stays");
      assertSame(redis, redknot, "DEBUG", "POPULATE", "20");
      assertSame(redis, redknot, "DEBUG", "POPULATE", "20", "k");
      assertSame(redis, redknot, "DEBUG", "POPULATE", "20", "long", "30");
      assertSame(redis, redknot, "DEBUG", "POPULATE", "20", "short", "7");
      assertSame(redis, redknot, "DEBUG", "POPULATE", "-1");
      assertSame(redis, redknot, "DEBUG", "POPULATE");
      assertSame(redis, redknot, "DEBUG", "POPULATE", "1", "2", "3", "4");
      assertSame(redis, redknot, "DEBUG", "DIGEST");
      assertSame(redis, redknot, "HSET", "hash", "field", "value");
      assertSame(redis, redknot, "DEBUG", "LISTPACK", "hash");
      assertSame(redis, redknot, "DEBUG", "LISTPACK", "k:1");
      assertSame(redis, redknot, "DEBUG", "LISTPACK", "missing");
      assertSame(redis, redknot, "DEBUG", "QUICKLIST-PACKED-THRESHOLD", "10b");
      assertSame(redis, redknot, "DEBUG", "QUICKLIST-PACKED-THRESHOLD", "5gb");
      assertSame(redis, redknot, "DEBUG", "QUICKLIST-PACKED-THRESHOLD", "many");
      assertSame(redis, redknot, "DEBUG", "RELOAD", "NOTHING");
      for (String key : List.of("k:1", "hash")) {
        assertEquals(serializedLength(redis, key), serializedLength(redknot, key), key);
      }
    }
  }

  private static String serializedLength(RawConnection connection, String key) throws IOException {
    String text = connection.call("DEBUG", "OBJECT", key).raw();
    int at = text.indexOf("serializedlength:");
    return text.substring(at, text.indexOf(' ', at));
  }

  private static void assertSame(RawConnection redis, RawConnection redknot, String... command)
      throws IOException {
    String expected = redis.call(command).raw();
    assertEquals(expected, redknot.call(command).raw(), () -> String.join(" ", command));
  }
}
