package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * FAILOVER of a primary of either kind whose replica, a redis-server, stands still for as long as
 * it has to, so that it cannot have everything.
 */
final class ForcedFailoverTest {
  private @TempDir Path directory;

  private interface Conversation {
    void with(RawConnection old, RawConnection client, ReferenceServer replica) throws IOException;
  }

  private void run(ServerKind kind, Conversation conversation) throws IOException {
    try (ReplicaPrimary primary = kind.start(directory.resolve("primary"));
        RawConnection old = new RawConnection(primary.port());
        RawConnection client = new RawConnection(primary.port());
        ReferenceServer replica =
            new ReferenceServer(
                directory, RdbExchangeTest.with("--replicaof", "127.0.0.1", "" + primary.port()));
        RawConnection next = new RawConnection(replica.port())) {
      Replicas.awaitInSync(old, next);
      try {
        replica.freeze();
        assertEquals("+OK", old.call("SET", "key", "not yet there").header());
        conversation.with(old, client, replica);
      } finally {
        replica.thaw();
      }
    }
  }

  private static void awaitState(RawConnection asked, String state) throws IOException {
    Replicas.await(
        "the state is " + state, () -> Replicas.info(asked, "master_failover_state").equals(state));
  }

  private static void force(RawConnection old, ReferenceServer replica) throws IOException {
    String port = Integer.toString(replica.port());
    assertEquals(
        "+OK", old.call("FAILOVER", "TO", "127.0.0.1", port, "FORCE", "TIMEOUT", "300").header());
    assertEquals("waiting-for-sync", Replicas.info(old, "master_failover_state"));
    Replicas.await("it has stepped down", () -> Replicas.info(old, "role").equals("slave"));
    assertEquals("failover-in-progress", Replicas.info(old, "master_failover_state"));
  }

  @ParameterizedTest
  @EnumSource
  void forceGoesOnWithoutWhatTheReplicaHasNotWhenTheTimeIsOver(ServerKind kind) throws IOException {
    run(
        kind,
        (old, client, replica) -> {
          force(old, replica);
          replica.thaw();
          awaitState(old, "no-failover");
          try (RawConnection next = new RawConnection(replica.port())) {
            Replicas.await("it is", () -> Replicas.info(next, "role").equals("master"));
            Replicas.awaitInSync(next, old);
            Replicas.assertSameData(directory, next, old);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void abortWhileTheReplicaIsAskedMakesItThePrimaryAgainInAnotherHistory(ServerKind kind)
      throws IOException {
    run(
        kind,
        (old, client, replica) -> {
          String id = Replicas.info(old, "master_replid");
          force(old, replica);
          assertEquals("+OK", old.call("FAILOVER", "ABORT").header());
          assertEquals("master", Replicas.info(old, "role"));
          assertEquals("no-failover", Replicas.info(old, "master_failover_state"));
          assertNotEquals(id, Replicas.info(old, "master_replid"));
          assertEquals(id, Replicas.info(old, "master_replid2"));
          assertEquals("+OK", client.call("SET", "key", "again").header());
          replica.thaw();
          try (RawConnection next = new RawConnection(replica.port())) {
            Replicas.awaitInSync(old, next);
            assertEquals("1", Replicas.info(old, "sync_full"));
            assertEquals("$5\r\nagain\r\n", next.call("GET", "key").raw());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void abortWhileItWaitsLetsWritesGoOnInTheSameHistory(ServerKind kind) throws IOException {
    run(
        kind,
        (old, client, replica) -> {
          String id = Replicas.info(old, "master_replid");
          assertEquals("+OK", old.call("FAILOVER").header());
          client.send(List.of(RdbExchangeTest.words("SET", "key", "later")));
          assertEquals("waiting-for-sync", Replicas.info(old, "master_failover_state"));
          assertEquals("$13\r\nnot yet there\r\n", old.call("GET", "key").raw());
          assertEquals("+OK", old.call("FAILOVER", "ABORT").header());
          assertEquals("+OK", client.read().header());
          assertEquals("$5\r\nlater\r\n", old.call("GET", "key").raw());
          assertEquals("no-failover", Replicas.info(old, "master_failover_state"));
          assertEquals(id, Replicas.info(old, "master_replid"));
          assertEquals("-ERR No failover in progress.", old.call("FAILOVER", "ABORT").header());
          replica.thaw();
        });
  }
}
