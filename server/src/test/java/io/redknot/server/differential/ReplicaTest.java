package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redknot replicas, of redis-server primaries and with replicas of both kinds behind them. */
final class ReplicaTest {
  private @TempDir Path directory;

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private ReferenceServer redis(String name, String... options) throws IOException {
    List<String> all = new ArrayList<>(RdbExchangeTest.with(options));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    return new ReferenceServer(folder(name), all);
  }

  private RunningServer redknot(String name, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--dir", folder(name).toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return RunningServer.start(all.toArray(String[]::new));
  }

  private RunningServer replicaOf(int port, String name, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--replicaof", "127.0.0.1", Integer.toString(port)));
    return redknot(name, all.toArray(String[]::new));
  }

  private static void follow(RawConnection replica, int port) throws IOException {
    Reply reply = replica.call("REPLICAOF", "127.0.0.1", Integer.toString(port));
    assertEquals("+OK", reply.header());
  }

  private static String info(RawConnection connection, String field) throws IOException {
    return Replicas.info(connection, field);
  }

  @ParameterizedTest
  @CsvSource({"yes, disabled", "no, disabled", "yes, on-empty-db", "yes, swapdb", "no, swapdb"})
  void theDataSetAndTheStreamAreThoseOfThePrimary(String diskless, String load) throws IOException {
    try (ReferenceServer process = redis("primary", "--repl-diskless-sync", diskless);
        RawConnection primary = new RawConnection(process.port())) {
      List<List<byte[]>> data = RdbExchangeTest.data();
      int half = data.size() / 2;
      RdbExchangeTest.run(primary, data.subList(0, half));
      try (RunningServer server = redknot("replica", "--repl-diskless-load", load);
          RawConnection replica = new RawConnection(server.port())) {
        replica.call("SET", "own", "to be gone");
        follow(replica, process.port());
        RdbExchangeTest.run(primary, data.subList(half, data.size()));
        Replicas.awaitInSync(primary, replica);
        Replicas.assertSameData(directory, primary, replica);
      }
    }
  }

  @Test
  void aLinkThatWasCutIsContinued() throws IOException {
    // All that is written after the cut has to fit, however late the replica comes back.
    try (ReferenceServer process = redis("primary", "--repl-backlog-size", "64mb");
        RawConnection primary = new RawConnection(process.port());
        RunningServer server = replicaOf(process.port(), "replica");
        RawConnection replica = new RawConnection(server.port())) {
      Replicas.awaitInSync(primary, replica);
      primary.call("SELECT", "4");
      primary.call("SET", "before", "4");
      Replicas.awaitInSync(primary, replica);
      assertEquals(":1", primary.call("CLIENT", "KILL", "TYPE", "replica").header());
      // The stream goes on in the database that was selected before the cut.
      primary.call("SET", "after", "4");
      primary.call("SELECT", "0");
      RdbExchangeTest.run(primary, RdbExchangeTest.data());
      Replicas.awaitInSync(primary, replica);
      assertEquals("1", info(primary, "sync_full"));
      assertEquals("1", info(primary, "sync_partial_ok"));
      Replicas.assertSameData(directory, primary, replica);
      replica.call("SELECT", "4");
      assertEquals("$1\r\n4\r\n", replica.call("GET", "after").raw());
    }
  }

  @Test
  void theStreamIsHeldBackWhileClientsArePaused() throws IOException {
    try (ReferenceServer process = redis("primary", "--repl-ping-replica-period", "3600");
        RawConnection primary = new RawConnection(process.port());
        RunningServer server = replicaOf(process.port(), "replica");
        RawConnection replica = new RawConnection(server.port())) {
      primary.call("SET", "k", "before");
      Replicas.awaitInSync(primary, replica);
      String applied = info(replica, "slave_repl_offset");
      replica.call("CLIENT", "PAUSE", "100000", "WRITE");
      primary.call("SET", "k", "after");
      primary.call("MULTI");
      primary.call("INCR", "n");
      primary.call("INCR", "n");
      primary.call("EXEC");
      String sent = info(primary, "master_repl_offset");
      Replicas.await(
          "the stream has arrived", () -> info(replica, "slave_read_repl_offset").equals(sent));
      assertEquals(applied, info(replica, "slave_repl_offset"));
      assertEquals("$6\r\nbefore\r\n", replica.call("GET", "k").raw());
      replica.call("CLIENT", "UNPAUSE");
      Replicas.awaitInSync(primary, replica);
      assertEquals("$5\r\nafter\r\n", replica.call("GET", "k").raw());
      assertEquals("$1\r\n2\r\n", replica.call("GET", "n").raw());
    }
  }

  @Test
  void replicasBehindAReplicaGetTheSameStream() throws IOException {
    try (ReferenceServer top = redis("top");
        RawConnection primary = new RawConnection(top.port());
        RunningServer middle = replicaOf(top.port(), "middle");
        RawConnection between = new RawConnection(middle.port())) {
      Replicas.awaitInSync(primary, between);
      try (ReferenceServer low =
              redis("low", "--replicaof", "127.0.0.1", Integer.toString(middle.port()));
          RawConnection behind = new RawConnection(low.port());
          RunningServer last = replicaOf(low.port(), "last");
          RawConnection end = new RawConnection(last.port())) {
        RdbExchangeTest.run(primary, RdbExchangeTest.data());
        Replicas.awaitInSync(primary, between);
        Replicas.awaitInSync(between, behind);
        Replicas.awaitInSync(behind, end);
        assertEquals(info(primary, "master_repl_offset"), info(end, "master_repl_offset"));
        assertEquals(info(primary, "master_replid"), info(end, "master_replid"));
        Replicas.assertSameData(directory, primary, behind);
        Replicas.assertSameData(directory, primary, end);
      }
    }
  }

  @Test
  void aPromotedReplicaGoesOnInItsOwnHistory() throws IOException {
    try (ReferenceServer top = redis("top");
        RawConnection primary = new RawConnection(top.port());
        RunningServer middle = replicaOf(top.port(), "middle");
        RawConnection promoted = new RawConnection(middle.port())) {
      Replicas.awaitInSync(primary, promoted);
      try (ReferenceServer low =
              redis("low", "--replicaof", "127.0.0.1", Integer.toString(middle.port()));
          RawConnection behind = new RawConnection(low.port())) {
        Replicas.awaitInSync(promoted, behind);
        RdbExchangeTest.run(primary, RdbExchangeTest.data());
        Replicas.awaitInSync(primary, promoted);
        String before = info(promoted, "master_replid");
        long offset = Long.parseLong(info(promoted, "master_repl_offset"));
        assertEquals("+OK", promoted.call("REPLICAOF", "NO", "ONE").header());
        assertEquals("master", info(promoted, "role"));
        assertNotEquals(before, info(promoted, "master_replid"));
        assertEquals(before, info(promoted, "master_replid2"));
        assertEquals(Long.toString(offset + 1), info(promoted, "second_repl_offset"));
        promoted.call("SET", "after", "promotion");
        Replicas.awaitInSync(promoted, behind);
        assertEquals(before, info(behind, "master_replid2"));
        assertEquals("1", info(promoted, "sync_full"));
        // The old primary, too, continues from where the new one took over.
        follow(primary, middle.port());
        Replicas.await("both", () -> info(promoted, "connected_slaves").equals("2"));
        Replicas.awaitInSync(promoted, primary);
        assertEquals("1", info(promoted, "sync_full"));
        assertEquals("2", info(promoted, "sync_partial_ok"));
        Replicas.assertSameData(directory, promoted, primary);
        Replicas.assertSameData(directory, promoted, behind);
      }
    }
  }

  @Test
  void anOldPrimaryContinuesAsReplica() throws IOException {
    try (RunningServer first = redknot("first");
        RawConnection old = new RawConnection(first.port());
        ReferenceServer second =
            redis("second", "--replicaof", "127.0.0.1", Integer.toString(first.port()));
        RawConnection promoted = new RawConnection(second.port())) {
      Replicas.awaitInSync(old, promoted);
      RdbExchangeTest.run(old, RdbExchangeTest.data());
      Replicas.awaitInSync(old, promoted);
      assertEquals("+OK", promoted.call("REPLICAOF", "NO", "ONE").header());
      String id = info(old, "master_replid");
      promoted.call("SET", "after", "promotion");
      follow(old, second.port());
      Replicas.awaitInSync(promoted, old);
      assertEquals("0", info(promoted, "sync_full"));
      assertEquals("1", info(promoted, "sync_partial_ok"));
      assertEquals(id, info(old, "master_replid2"));
      Replicas.assertSameData(directory, promoted, old);
    }
  }

  @Test
  void aReplicaRefusesWritesAndHidesWhatIsExpired() throws IOException {
    try (ReferenceServer process = redis("primary");
        RawConnection primary = new RawConnection(process.port());
        RunningServer server = replicaOf(process.port(), "replica");
        RawConnection replica = new RawConnection(server.port())) {
      Replicas.awaitInSync(primary, replica);
      assertEquals(
          "-READONLY You can't write against a read only replica.",
          replica.call("SET", "a", "b").header());
      primary.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      primary.call("SET", "k", "v", "PX", "1");
      Replicas.awaitInSync(primary, replica);
      Replicas.await("it is expired", () -> replica.call("GET", "k").raw().equals("$-1\r\n"));
      assertEquals(":1", replica.call("DBSIZE").header());
      assertEquals("$-1\r\n", primary.call("GET", "k").raw());
      Replicas.await("it is removed", () -> replica.call("DBSIZE").header().equals(":0"));
      assertEquals("+OK", replica.call("CONFIG", "SET", "replica-read-only", "no").header());
      assertEquals("+OK", replica.call("SET", "a", "b").header());
    }
  }

  @Test
  void staleDataIsServedOnlyWhereThatIsWanted() throws IOException {
    int nobody = Ports.claim();
    try (RunningServer server = replicaOf(nobody, "replica", "--replica-serve-stale-data", "no");
        RawConnection replica = new RawConnection(server.port())) {
      String down =
          "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
      assertEquals(down, replica.call("GET", "a").header());
      assertEquals(down, replica.call("PING").header());
      assertEquals("+OK", replica.call("SELECT", "1").header());
      assertEquals("down", info(replica, "master_link_status"));
      assertEquals(
          "+OK", replica.call("CONFIG", "SET", "replica-serve-stale-data", "yes").header());
      assertEquals(
          "-NOMASTERLINK Can't SYNC while not connected with my master",
          replica.call("PSYNC", "?", "-1").header());
      assertEquals("$-1\r\n", replica.call("GET", "a").raw());
      assertEquals(
          "+OK Already connected to specified master",
          replica.call("REPLICAOF", "127.0.0.1", Integer.toString(nobody)).header());
    }
  }

  @Test
  void passwordsAreGiven() throws IOException {
    try (ReferenceServer process = redis("primary", "--requirepass", "secret");
        RawConnection primary = new RawConnection(process.port())) {
      assertEquals("+OK", primary.call("AUTH", "secret").header());
      try (RunningServer server =
              replicaOf(
                  process.port(),
                  "replica",
                  "--masterauth",
                  "secret",
                  "--replica-announce-ip",
                  "10.1.2.3",
                  "--replica-announce-port",
                  "77");
          RawConnection replica = new RawConnection(server.port())) {
        Replicas.awaitInSync(primary, replica);
        String shown = info(primary, "slave0");
        assertTrue(shown.startsWith("ip=10.1.2.3,port=77,state=online"), shown);
      }
    }
  }

  @Test
  void aUserOfTheAclIsNamed() throws IOException {
    try (ReferenceServer process = redis("primary");
        RawConnection primary = new RawConnection(process.port())) {
      String[] rights = {"on", ">secret", "+psync", "+replconf", "+ping"};
      List<String> user = new ArrayList<>(List.of("ACL", "SETUSER", "replicator"));
      user.addAll(List.of(rights));
      assertEquals("+OK", primary.call(user.toArray(String[]::new)).header());
      assertEquals("+OK", primary.call("ACL", "SETUSER", "default", "-psync", "-sync").header());
      try (RunningServer server =
              replicaOf(
                  process.port(),
                  "replica",
                  "--masteruser",
                  "replicator",
                  "--masterauth",
                  "secret");
          RawConnection replica = new RawConnection(server.port())) {
        Replicas.awaitInSync(primary, replica);
        String list = primary.call("CLIENT", "LIST", "TYPE", "replica").raw();
        assertTrue(list.contains(" user=replicator "), list);
      }
    }
  }

  @Test
  void aRestartedReplicaContinuesFromItsFile() throws IOException {
    try (ReferenceServer process = redis("primary");
        RawConnection primary = new RawConnection(process.port())) {
      RdbExchangeTest.run(primary, RdbExchangeTest.data());
      try (RunningServer server = replicaOf(process.port(), "replica");
          RawConnection replica = new RawConnection(server.port())) {
        Replicas.awaitInSync(primary, replica);
        primary.call("SELECT", "3");
        primary.call("SET", "a", "1");
        Replicas.awaitInSync(primary, replica);
        assertEquals("+OK", replica.call("SAVE").header());
      }
      primary.call("SET", "b", "2");
      primary.call("SELECT", "0");
      try (RunningServer server = replicaOf(process.port(), "replica");
          RawConnection replica = new RawConnection(server.port())) {
        Replicas.awaitInSync(primary, replica);
        assertEquals("1", info(primary, "sync_full"));
        assertEquals("1", info(primary, "sync_partial_ok"));
        Replicas.assertSameData(directory, primary, replica);
        replica.call("SELECT", "3");
        assertEquals("$1\r\n2\r\n", replica.call("GET", "b").raw());
      }
    }
  }

  @Test
  void theConnectionToThePrimaryIsAClient() throws IOException {
    try (ReferenceServer process = redis("primary");
        RawConnection primary = new RawConnection(process.port());
        RunningServer server = replicaOf(process.port(), "replica");
        RawConnection replica = new RawConnection(server.port())) {
      Replicas.awaitInSync(primary, replica);
      String list = replica.call("CLIENT", "LIST", "TYPE", "master").raw();
      assertTrue(list.contains(" addr=127.0.0.1:" + process.port() + " "), list);
      assertTrue(list.contains(" flags=M "), list);
      assertEquals(":1", replica.call("CLIENT", "KILL", "TYPE", "master").header());
      Replicas.await("it is continued", () -> info(primary, "sync_partial_ok").equals("1"));
      primary.call("SET", "a", "b");
      Replicas.awaitInSync(primary, replica);
      assertEquals("$1\r\nb\r\n", replica.call("GET", "a").raw());
    }
  }
}
