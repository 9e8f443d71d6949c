package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * MIGRATE to a redis-server, by a Redknot server and a redis-server in turns: the same reply, the
 * same keys left behind and the same ones there.
 */
final class MigrateRepliesTest {
  private static final List<String> KEYS = List.of("a", "b", "c", "d", "taken");

  private static @TempDir Path directory;
  private static ServerPair servers;
  private static RawConnection reference;
  private static RawConnection redknot;

  /** Takes keys from anybody, in 4 databases. */
  private static ReferenceServer open;

  /** Has a password, and a user of the name {@code u}. */
  private static ReferenceServer guarded;

  /** A port at which nobody listens. */
  private static int closed;

  private static RawConnection openTarget;
  private static RawConnection guardedTarget;

  @BeforeAll
  static void start() throws IOException {
    servers = ServerPair.standalone(directory, List.of("--databases", "4"));
    reference = new RawConnection(servers.referencePort());
    redknot = new RawConnection(servers.redknotPort());
    open =
        new ReferenceServer(
            Files.createDirectories(directory.resolve("open")), List.of("--databases", "4"));
    guarded =
        new ReferenceServer(
            Files.createDirectories(directory.resolve("guarded")),
            List.of("--requirepass", "secret"));
    closed = Ports.claim();
    openTarget = new RawConnection(open.port());
    guardedTarget = new RawConnection(guarded.port());
    assertEquals("+OK", guardedTarget.call("AUTH", "secret").header());
    Reply made = guardedTarget.call("ACL", "SETUSER", "u", "on", ">word", "~*", "+@all");
    assertEquals("+OK", made.header());
  }

  @AfterAll
  static void stop() throws IOException {
    for (RawConnection connection : List.of(reference, redknot, openTarget, guardedTarget)) {
      connection.close();
    }
    Ports.release(closed);
    open.close();
    guarded.close();
    servers.close();
  }

  private static void prepare(RawConnection source) throws IOException {
    for (RawConnection each : List.of(source, openTarget, guardedTarget)) {
      assertEquals("+OK", each.call("FLUSHALL").header());
    }
    assertEquals("+OK", source.call("SET", "a", "1", "PXAT", "4102444800000").header());
    assertEquals(3, source.call("RPUSH", "b", "x", "y", "z").integer());
    assertEquals(1, source.call("HSET", "c", "f", "v").integer());
    assertEquals("+OK", source.call("SET", "taken", "mine").header());
    assertEquals("+OK", openTarget.call("SET", "taken", "theirs").header());
  }

  /** What a source answers and holds, and what the targets hold. */
  private static List<String> outcome(RawConnection source, List<String> words) throws IOException {
    prepare(source);
    List<String> told = new ArrayList<>();
    told.add(source.call(words.toArray(String[]::new)).shown());
    for (RawConnection each : List.of(source, openTarget, guardedTarget)) {
      for (String key : KEYS) {
        told.add(key + " " + each.call("TYPE", key).shown());
      }
    }
    told.add("value " + openTarget.call("GET", "taken").shown());
    for (int database = 1; database < 4; database++) {
      assertEquals("+OK", openTarget.call("SELECT", Integer.toString(database)).header());
      told.add("database " + database + " " + openTarget.call("DBSIZE").shown());
    }
    assertEquals("+OK", openTarget.call("SELECT", "0").header());
    return told;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "OPEN a 0 5000",
        "OPEN none 0 5000",
        "OPEN a 3 5000",
        "OPEN a 4 5000",
        "OPEN a x 5000",
        "OPEN a 0 x",
        "OPEN a 0 0",
        "OPEN a 0 -5",
        "OPEN a 99999999999999999999 5000",
        "OPEN a 0",
        "OPEN a",
        "OPEN a 0 5000 COPY",
        "OPEN a 0 5000 copy replace",
        "OPEN a 0 5000 NOTHING",
        "OPEN taken 0 5000",
        "OPEN taken 0 5000 COPY",
        "OPEN taken 0 5000 REPLACE",
        "OPEN taken 0 5000 REPLACE COPY",
        "OPEN '' 0 5000 KEYS a b c",
        "OPEN '' 0 5000 KEYS a none c",
        "OPEN '' 0 5000 KEYS none nothing",
        "OPEN '' 0 5000 KEYS a taken c",
        "OPEN '' 0 5000 REPLACE KEYS a taken c",
        "OPEN '' 0 5000 COPY KEYS a b c d",
        "OPEN '' 0 5000 KEYS a a",
        "OPEN '' 0 5000 KEYS",
        "OPEN '' 0 5000",
        "OPEN a 0 5000 KEYS b c",
        "OPEN '' 0 5000 KEYS a COPY",
        "OPEN a 0 5000 AUTH",
        "OPEN a 0 5000 AUTH2 u",
        "OPEN a 0 5000 AUTH secret",
        "OPEN a 0 5000 AUTH2 nobody word",
        "GUARDED a 0 5000",
        "GUARDED a 0 5000 AUTH secret",
        "GUARDED a 0 5000 AUTH wrong",
        "GUARDED a 0 5000 AUTH2 u word",
        "GUARDED a 0 5000 AUTH2 u wrong",
        "GUARDED a 0 5000 AUTH secret COPY",
        "GUARDED '' 0 5000 AUTH2 default secret KEYS a b",
        "GUARDED '' 0 5000 AUTH wrong KEYS a b",
        "CLOSED a 0 5000",
        "CLOSED none 0 5000",
        "ITSELF a 1 200",
        "PORTLESS a 0 5000",
      })
  void replyAndKeysAreThoseOfRedis(String line) throws IOException {
    List<String> theirs = outcome(reference, words(line, servers.referencePort()));
    List<String> ours = outcome(redknot, words(line, servers.redknotPort()));
    assertEquals(theirs, ours);
  }

  private static List<String> words(String line, int own) {
    List<String> words = new ArrayList<>(List.of("MIGRATE", "127.0.0.1"));
    List<String> rest = Stream.of(line.split(" ")).map(word -> word.replace("''", "")).toList();
    words.add(
        switch (rest.getFirst()) {
          case "OPEN" -> Integer.toString(open.port());
          case "GUARDED" -> Integer.toString(guarded.port());
          case "CLOSED" -> Integer.toString(closed);
          case "ITSELF" -> Integer.toString(own);
          default -> "x";
        });
    words.addAll(rest.subList(1, rest.size()));
    return words;
  }

  @Test
  void keysKeepWhenTheyExpire() throws IOException {
    for (RawConnection source : List.of(reference, redknot)) {
      prepare(source);
      String port = Integer.toString(open.port());
      assertEquals("+OK", source.call("MIGRATE", "127.0.0.1", port, "a", "0", "5000").header());
      long expires = openTarget.call("PEXPIRETIME", "a").integer();
      // Redis tells how long it has still to live, and so adds the time that this took.
      assertEquals(4102444800000L / 1_000_000, expires / 1_000_000);
      assertNotEquals(0, openTarget.call("EXISTS", "a").integer());
    }
  }
}
