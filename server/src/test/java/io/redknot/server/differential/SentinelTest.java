package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A primary and its replicas as a real sentinel sees and leads them. */
final class SentinelTest {
  private @TempDir Path directory;

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private static String field(Reply map, String name) {
    String[] words = map.raw().split("\r\n", -1);
    for (int i = 0; i + 2 < words.length; i++) {
      if (words[i].equals(name)) {
        return words[i + 2];
      }
    }
    return "";
  }

  private ReferenceServer sentinel() throws IOException {
    return ReferenceServer.sentinel(folder("sentinel"));
  }

  /** A sentinel knows of a replica that is not announced, and tells nobody of it. */
  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void replicaAnnouncedHidesAReplicaFromWhoAsksASentinel(ServerKind kind) throws IOException {
    try (ReplicaPrimary server = kind.start(folder("primary"));
        RawConnection primary = new RawConnection(server.port())) {
      String[] follow = {"--replicaof", "127.0.0.1 " + server.port(), "--replica-announced", ""};
      follow[3] = "yes";
      try (ReplicaPrimary shown = kind.start(folder("shown"), follow.clone());
          RawConnection one = new RawConnection(shown.port())) {
        follow[3] = "no";
        try (ReplicaPrimary hidden = kind.start(folder("hidden"), follow);
            RawConnection two = new RawConnection(hidden.port());
            ReferenceServer sentinel = sentinel();
            RawConnection asked = new RawConnection(sentinel.port())) {
          Replicas.awaitInSync(primary, one);
          Replicas.awaitInSync(primary, two);
          assertEquals("1", Replicas.info(one, "replica_announced"));
          assertEquals("0", Replicas.info(two, "replica_announced"));
          String port = Integer.toString(server.port());
          asked.call("SENTINEL", "MONITOR", "set", "127.0.0.1", port, "1");
          Replicas.await(
              "it knows both",
              () -> field(asked.call("SENTINEL", "MASTER", "set"), "num-slaves").equals("2"));
          Replicas.await(
              "and tells of one",
              () -> asked.call("SENTINEL", "REPLICAS", "set").header().equals("*1"));
          String told = asked.call("SENTINEL", "REPLICAS", "set").raw();
          assertTrue(told.contains("127.0.0.1:" + shown.port()), told);
        }
      }
    }
  }

  /** It tells the replica so in a transaction, with what has to follow at once. */
  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void sentinelHasAReplicaTakeOver(ServerKind kind) throws IOException {
    try (ReplicaPrimary first = kind.start(folder("first"));
        RawConnection old = new RawConnection(first.port());
        ReplicaPrimary second =
            kind.start(folder("second"), "--replicaof", "127.0.0.1 " + first.port());
        ReferenceServer sentinel = sentinel();
        RawConnection asked = new RawConnection(sentinel.port())) {
      try (RawConnection next = new RawConnection(second.port())) {
        Replicas.awaitInSync(old, next);
      }
      String port = Integer.toString(first.port());
      asked.call("SENTINEL", "MONITOR", "set", "127.0.0.1", port, "1");
      Replicas.await("it begins", () -> !asked.call("SENTINEL", "FAILOVER", "set").isError());
      Replicas.await(
          "it tells of another one",
          () ->
              asked
                  .call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "set")
                  .raw()
                  .contains("\r\n" + second.port() + "\r\n"));
      try (RawConnection next = new RawConnection(second.port())) {
        assertEquals("+OK", next.call("SET", "k", "v").header());
        assertEquals("master", Replicas.info(next, "role"));
        assertEquals(Replicas.info(old, "master_replid"), Replicas.info(next, "master_replid2"));
      }
    }
  }

  /** What it sends; the last command is for its own connection. */
  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void transactionThatPromotesIsCarriedOutInItsOrder(ServerKind kind) throws IOException {
    try (ReplicaPrimary first = kind.start(folder("first"));
        RawConnection primary = new RawConnection(first.port());
        ReplicaPrimary second =
            kind.start(
                folder("second"),
                "--replicaof",
                "127.0.0.1 " + first.port(),
                "--replica-read-only",
                "no");
        RawConnection replica = new RawConnection(second.port());
        RawConnection other = new RawConnection(second.port());
        ReplicaPrimary third =
            kind.start(folder("third"), "--replicaof", "127.0.0.1 " + second.port());
        RawConnection behind = new RawConnection(third.port())) {
      Replicas.awaitInSync(primary, replica);
      Replicas.awaitInSync(replica, behind);
      String[][] commands = {
        {"MULTI"},
        {"SLAVEOF", "NO", "ONE"},
        {"CONFIG", "GET", "replicaof"},
        {"ROLE"},
        {"SET", "k", "v"},
        {"CLIENT", "KILL", "TYPE", "normal"},
      };
      for (String[] words : commands) {
        assertTrue(!replica.call(words).isError(), words[0]);
      }
      String all = replica.call("EXEC").raw();
      String start = "*5\r\n+OK\r\n*2\r\n$9\r\nreplicaof\r\n$0\r\n\r\n*3\r\n$6\r\nmaster\r\n:";
      assertTrue(all.startsWith(start), all);
      // The replica may be back by then, as a client who has not said yet what it is.
      assertTrue(all.matches("(?s).*\r\n\\+OK\r\n:[12]\r\n"), all);
      // What it has written is in the stream of the new primary.
      Replicas.awaitInSync(replica, behind);
      assertEquals("$1\r\nv\r\n", behind.call("GET", "k").raw());
      assertTrue(isClosed(other));
    }
  }

  private static boolean isClosed(RawConnection connection) {
    try {
      connection.call("PING");
      return false;
    } catch (IOException closed) {
      return true;
    }
  }
}
