package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A file of every version of RDB, as {@link RdbVersionFile} writes it, is loaded with the same
 * result as by redis-server 7.0, and what is saved of it then is, too.
 */
final class RdbVersionsTest {
  private static final List<String> DATABASES = List.of("0", "3");

  private @TempDir Path directory;

  private Path file(int version) throws IOException {
    Path file = directory.resolve("version-%02d.rdb".formatted(version));
    return Files.write(file, RdbVersionFile.of(version));
  }

  private RunningServer load(int version, String... more) throws IOException {
    String[] options = {
      "--dir", directory.toString(),
      "--dbfilename", file(version).getFileName().toString(),
      "--enable-debug-command", "local"
    };
    String[] all = Arrays.copyOf(options, options.length + more.length);
    System.arraycopy(more, 0, all, options.length, more.length);
    return RunningServer.start(all);
  }

  private ReferenceServer redis(String name, String... more) throws IOException {
    return new ReferenceServer(
        directory, RdbExchangeTest.with(concat(List.of("--dbfilename", name), more)));
  }

  private static String[] concat(List<String> first, String... second) {
    String[] all = Arrays.copyOf(first.toArray(String[]::new), first.size() + second.length);
    System.arraycopy(second, 0, all, first.size(), second.length);
    return all;
  }

  /** The whole data set, by its digest and by what a digest leaves out. */
  private static void assertSameData(RawConnection expected, RawConnection actual)
      throws IOException {
    for (String database : DATABASES) {
      expected.call("SELECT", database);
      actual.call("SELECT", database);
      assertEquals(expected.call("DBSIZE"), actual.call("DBSIZE"), "keys of " + database);
    }
    expected.call("SELECT", "0");
    actual.call("SELECT", "0");
    for (String key : RdbExchangeTest.keys(expected)) {
      for (String command : List.of("TYPE", "PEXPIRETIME")) {
        assertEquals(expected.call(command, key), actual.call(command, key), key);
      }
      String[] digest = {"DEBUG", "DIGEST-VALUE", key};
      assertEquals(expected.call(digest), actual.call(digest), key);
    }
    assertEquals(expected.call("DEBUG", "DIGEST"), actual.call("DEBUG", "DIGEST"));
  }

  private static void assertSameStream(RawConnection expected, RawConnection actual)
      throws IOException {
    assertEquals(RdbExchangeTest.told(expected, "stream"), RdbExchangeTest.told(actual, "stream"));
  }

  @ParameterizedTest(name = "version {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void fileIsLoadedAsRedisLoadsItAndSavedAgain(int version) throws IOException {
    String name = file(version).getFileName().toString();
    try (ReferenceServer reference = redis(name);
        RunningServer server = load(version);
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      assertSameData(redis, redknot);
      if (version >= 9) {
        assertSameStream(redis, redknot);
      }
      assertEquals("+OK", redknot.call("SAVE").header());
      try (ReferenceServer later = redis(name);
          RawConnection again = new RawConnection(later.port())) {
        assertSameData(redis, again);
        String[] functions = {"FUNCTION", "LIST", "WITHCODE"};
        assertEquals(redis.call(functions), again.call(functions));
        String library = again.call(functions).raw();
        assertEquals(version >= 10, library.contains(RdbVersionFile.LIBRARY), library);
        if (version >= 9) {
          assertSameStream(redis, again);
        }
      }
    }
  }

  /** Redis 7.0 reads none, but the same data in version 10. */
  @Test
  void fileOfVersion11HoldsWhatThatOfVersion10Does() throws IOException {
    String ten = file(10).getFileName().toString();
    try (ReferenceServer reference = redis(ten);
        RunningServer server = load(11);
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      assertSameData(redis, redknot);
      assertSameStream(redis, redknot);
      String[] encoding = {"OBJECT", "ENCODING", "set"};
      assertEquals("$8\r\nlistpack\r\n", redknot.call(encoding).raw());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 10, 11})
  void useOfKeysIsLoaded(int version) throws IOException {
    String name = file(Math.min(10, version)).getFileName().toString();
    for (String policy : List.of("allkeys-lru", "allkeys-lfu")) {
      try (ReferenceServer reference = redis(name, "--maxmemory-policy", policy);
          RunningServer server = load(version, "--maxmemory-policy", policy);
          RawConnection redis = new RawConnection(reference.port());
          RawConnection redknot = new RawConnection(server.port())) {
        if (policy.endsWith("lru")) {
          String[] idle = {"OBJECT", "IDLETIME", "idle"};
          long expected = RdbVersionFile.IDLE_SECONDS / 100;
          assertEquals(expected, redis.call(idle).integer() / 100);
          assertEquals(expected, redknot.call(idle).integer() / 100);
        } else {
          String[] frequency = {"OBJECT", "FREQ", "frequent"};
          assertEquals(RdbVersionFile.FREQUENCY, redis.call(frequency).integer());
          assertEquals(RdbVersionFile.FREQUENCY, redknot.call(frequency).integer());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000", "0012", "0013", "9999", "none"})
  void fileOfAnotherVersionIsRefusedInTheWordsOfRedis(String version) throws IOException {
    byte[] file = RdbVersionFile.of(10);
    System.arraycopy(version.getBytes(StandardCharsets.ISO_8859_1), 0, file, 5, 4);
    Path path = Files.write(directory.resolve("other.rdb"), file);
    String number = version.equals("none") ? "0" : "" + Integer.parseInt(version);
    String words = "Can't handle RDB format version " + number;
    IOException theirs = assertThrows(IOException.class, () -> redis("other.rdb").close());
    assertTrue(theirs.toString().contains(words + "\n"), theirs.toString());
    IllegalStateException ours =
        assertThrows(
            IllegalStateException.class,
            () ->
                RunningServer.start("--dir", directory.toString(), "--dbfilename", "other.rdb")
                    .close());
    assertTrue(ours.toString().endsWith(words), ours.toString());
    assertEquals(file.length, Files.size(path));
  }
}
