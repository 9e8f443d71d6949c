package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a primary forgets when nobody has followed it for repl-backlog-ttl seconds. */
final class BacklogReleaseTest {
  private static final String NO_ID = "0".repeat(40);

  private @TempDir Path directory;

  /** A replica that is sent the whole data set, or goes on. */
  private static RawConnection replica(int port, String id, long offset, String expected)
      throws IOException {
    RawConnection replica = new RawConnection(port);
    String reply = replica.call("PSYNC", id, Long.toString(offset)).header();
    assertTrue(reply.startsWith(expected), reply);
    return replica;
  }

  @ParameterizedTest
  @EnumSource
  void withoutReplicasForSoLongTheBacklogAndBothHistoriesAreGone(ServerKind kind)
      throws IOException {
    try (ReplicaPrimary server = kind.start(directory, "--repl-backlog-ttl", "0");
        ReplicaPrimary older = kind.start(directory.resolve("older"));
        RawConnection asked = new RawConnection(server.port())) {
      // So that there is a history before its own.
      asked.call("REPLICAOF", "127.0.0.1", Integer.toString(older.port()));
      Replicas.await("it follows", () -> Replicas.info(asked, "master_link_status").equals("up"));
      asked.call("REPLICAOF", "NO", "ONE");
      String id = Replicas.info(asked, "master_replid");
      String before = Replicas.info(asked, "master_replid2");
      assertNotEquals(NO_ID, before);
      asked.call("SET", "key", "value");
      long offset = Long.parseLong(Replicas.info(asked, "master_repl_offset"));
      long second = Long.parseLong(Replicas.info(asked, "second_repl_offset"));
      replica(server.port(), id, offset + 1, "+CONTINUE").close();
      replica(server.port(), before, second, "+CONTINUE").close();

      asked.call("CONFIG", "SET", "repl-backlog-ttl", "1");
      Replicas.await(
          "the backlog is released", () -> Replicas.info(asked, "repl_backlog_active").equals("0"));
      assertNotEquals(id, Replicas.info(asked, "master_replid"));
      assertEquals(NO_ID, Replicas.info(asked, "master_replid2"));
      assertEquals("-1", Replicas.info(asked, "second_repl_offset"));
      assertEquals("0", Replicas.info(asked, "repl_backlog_histlen"));
      replica(server.port(), before, second, "+FULLRESYNC").close();
      try (RawConnection _ = replica(server.port(), id, offset + 1, "+FULLRESYNC")) {
        assertEquals("1", Replicas.info(asked, "repl_backlog_active"));
        assertEquals("$5\r\nvalue\r\n", asked.call("GET", "key").raw());
      }
    }
  }

  /** Time as a replica, or with replicas, does not count. */
  @ParameterizedTest
  @EnumSource
  void whileThereIsAReplicaTheBacklogStays(ServerKind kind) throws IOException {
    try (ReplicaPrimary server = kind.start(directory, "--repl-backlog-ttl", "1");
        ReplicaPrimary alone = kind.start(directory.resolve("alone"), "--repl-backlog-ttl", "1");
        RawConnection asked = new RawConnection(server.port());
        RawConnection other = new RawConnection(alone.port());
        RawConnection _ = replica(server.port(), "?", -1, "+FULLRESYNC")) {
      String id = Replicas.info(asked, "master_replid");
      // Its time begins later, and is over.
      replica(alone.port(), "?", -1, "+FULLRESYNC").close();
      Replicas.await(
          "the backlog of the other one is released",
          () -> Replicas.info(other, "repl_backlog_active").equals("0"));
      assertEquals("1", Replicas.info(asked, "repl_backlog_active"));
      assertEquals(id, Replicas.info(asked, "master_replid"));
    }
  }
}
