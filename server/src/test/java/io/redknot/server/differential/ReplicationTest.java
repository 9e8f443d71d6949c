package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Redknot primary and its redis-server replicas. */
final class ReplicationTest {
  private @TempDir Path directory;

  private RunningServer primary(String... options) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("primary"));
    List<String> all = new ArrayList<>(List.of("--dir", folder.toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return RunningServer.start(all.toArray(String[]::new));
  }

  private ReferenceServer replica(String name, RunningServer primary, String... options)
      throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--replicaof", "127.0.0.1", Integer.toString(primary.port())));
    return new ReferenceServer(folder, RdbExchangeTest.with(all.toArray(String[]::new)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void aReplicaGetsTheDataSetAndThenTheStream(String diskless) throws IOException {
    try (RunningServer server = primary("--repl-diskless-sync", diskless);
        RawConnection primary = new RawConnection(server.port())) {
      List<List<byte[]>> data = RdbExchangeTest.data();
      int half = data.size() / 2;
      RdbExchangeTest.run(primary, data.subList(0, half));
      try (ReferenceServer first = replica("first", server);
          ReferenceServer second = replica("second", server);
          RawConnection one = new RawConnection(first.port());
          RawConnection two = new RawConnection(second.port())) {
        // Some of it comes while the replicas are being sent the snapshot.
        RdbExchangeTest.run(primary, data.subList(half, data.size()));
        Replicas.awaitInSync(primary, one);
        Replicas.awaitInSync(primary, two);
        Replicas.assertSameData(directory, primary, one);
        Replicas.assertSameData(directory, primary, two);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "default"})
  void aReplicaGivesThePasswordOfItsPrimary(String user) throws IOException {
    try (RunningServer server = primary("--requirepass", "secret");
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process =
            replica("replica", server, "--masteruser", user, "--masterauth", "secret");
        RawConnection replica = new RawConnection(process.port())) {
      assertEquals("+OK", primary.call("AUTH", "secret").header());
      assertEquals("+OK", primary.call("SET", "key", "value").header());
      Replicas.awaitInSync(primary, replica);
      assertEquals("+OK", replica.call("CONFIG", "SET", "masterauth", "wrong").header());
      primary.call("CLIENT", "KILL", "TYPE", "replica");
      Replicas.await(
          "it is not let in", () -> Replicas.info(primary, "connected_slaves").equals("0"));
      Replicas.await(
          "and knows that", () -> Replicas.info(replica, "master_link_status").equals("down"));
      assertEquals("+OK", replica.call("CONFIG", "SET", "masterauth", "secret").header());
      Replicas.awaitInSync(primary, replica);
    }
  }

  @Test
  void aReplicaThatComesBackIsSentWhatItMissed() throws IOException {
    try (RunningServer server = primary();
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process = replica("replica", server);
        RawConnection replica = new RawConnection(process.port())) {
      Replicas.awaitInSync(primary, replica);
      RdbExchangeTest.run(primary, RdbExchangeTest.data());
      assertEquals(":1", primary.call("CLIENT", "KILL", "TYPE", "replica").header());
      primary.call("SELECT", "5");
      primary.call("SET", "in-five", "5");
      primary.call("SELECT", "0");
      Replicas.awaitInSync(primary, replica);
      assertEquals("1", Replicas.info(primary, "sync_full"));
      assertEquals("1", Replicas.info(primary, "sync_partial_ok"));
      Replicas.assertSameData(directory, primary, replica);
      replica.call("SELECT", "5");
      assertEquals("$1\r\n5\r\n", replica.call("GET", "in-five").raw());
    }
  }

  @Test
  void whatTheBacklogHasNotIsSentAsAWhole() throws IOException {
    try (RunningServer server = primary("--repl-backlog-size", "16kb");
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process = replica("replica", server);
        RawConnection replica = new RawConnection(process.port())) {
      Replicas.awaitInSync(primary, replica);
      replica.call("REPLICAOF", "NO", "ONE");
      Replicas.await(
          "the replica has gone", () -> Replicas.info(primary, "connected_slaves").equals("0"));
      RdbExchangeTest.run(primary, RdbExchangeTest.data());
      replica.call("REPLICAOF", "127.0.0.1", Integer.toString(server.port()));
      Replicas.awaitInSync(primary, replica);
      assertEquals("2", Replicas.info(primary, "sync_full"));
      assertEquals("1", Replicas.info(primary, "sync_partial_err"));
      Replicas.assertSameData(directory, primary, replica);
    }
  }

  @Test
  void waitEndsWhenReplicasHaveAcknowledged() throws IOException {
    try (RunningServer server = primary();
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process = replica("replica", server);
        RawConnection replica = new RawConnection(process.port())) {
      Replicas.awaitInSync(primary, replica);
      for (int i = 0; i < 50; i++) {
        primary.call("SET", "key", "value" + i);
        assertEquals(":1", primary.call("WAIT", "1", "0").header());
        assertEquals("$" + ("value" + i).length(), replica.call("GET", "key").header());
      }
      assertEquals(":1", primary.call("WAIT", "2", "10").header());
      assertEquals("-ERR timeout is negative", primary.call("WAIT", "1", "-1").header());
    }
  }

  @Test
  void writesAreRefusedWithoutEnoughReplicas() throws IOException {
    try (RunningServer server = primary("--min-replicas-to-write", "1");
        RawConnection primary = new RawConnection(server.port())) {
      String refusal = "-NOREPLICAS Not enough good replicas to write.";
      assertEquals(refusal, primary.call("SET", "a", "b").header());
      assertEquals("0", Replicas.info(primary, "min_slaves_good_slaves"));
      try (ReferenceServer process = replica("replica", server);
          RawConnection replica = new RawConnection(process.port())) {
        Replicas.awaitInSync(primary, replica);
        assertEquals("+OK", primary.call("SET", "a", "b").header());
        assertEquals("1", Replicas.info(primary, "min_slaves_good_slaves"));
      }
      Replicas.await("it is refused again", () -> primary.call("SET", "a", "b").isError());
      assertEquals("+OK", primary.call("CONFIG", "SET", "min-replicas-to-write", "0").header());
      assertEquals("+OK", primary.call("SET", "a", "b").header());
    }
  }

  @Test
  void roleAndClientListShowReplicas() throws IOException {
    try (RunningServer server = primary();
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process = replica("replica", server);
        RawConnection replica = new RawConnection(process.port())) {
      assertEquals("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", fresh());
      Replicas.awaitInSync(primary, replica);
      String role = primary.call("ROLE").raw();
      String address = "*3\r\n$9\r\n127.0.0.1\r\n$5\r\n" + process.port() + "\r\n";
      assertTrue(role.startsWith("*3\r\n$6\r\nmaster\r\n:"), role);
      assertTrue(role.contains("\r\n*1\r\n" + address), role);
      String list = primary.call("CLIENT", "LIST", "TYPE", "replica").raw();
      assertTrue(list.contains(" flags=S ") && list.contains(" cmd=replconf "), list);
    }
  }

  private String fresh() throws IOException {
    try (RunningServer alone = RunningServer.start();
        RawConnection connection = new RawConnection(alone.port())) {
      return connection.call("ROLE").raw();
    }
  }

  @Test
  void replconfIsAnsweredAsByRedis() throws IOException {
    try (RunningServer server = primary();
        ReferenceServer process =
            new ReferenceServer(Files.createDirectories(directory.resolve("r")), List.of());
        RawConnection redknot = new RawConnection(server.port());
        RawConnection redis = new RawConnection(process.port())) {
      for (String command :
          List.of(
              "REPLCONF",
              "REPLCONF listening-port",
              "REPLCONF listening-port 7000",
              "REPLCONF listening-port x",
              "REPLCONF listening-port 7000 ip-address 10.0.0.1",
              "REPLCONF ip-address " + "1".repeat(256),
              "REPLCONF capa eof capa psync2 capa other",
              "REPLCONF rdb-only 1",
              "REPLCONF rdb-only 0",
              "REPLCONF rdb-only x",
              "REPLCONF rdb-filter-only functions",
              "REPLCONF rdb-filter-only keys",
              "REPLCONF unknown 1",
              "REPLCONF version 7.0.0",
              "PSYNC ? x",
              "PSYNC ?",
              "SYNC x")) {
        if (!command.contains("version")) {
          String[] words = command.split(" ", -1);
          assertEquals(redis.call(words).raw(), redknot.call(words).raw(), command);
        }
      }
    }
  }

  @Test
  void aReplicaThatTakesNothingIsDisconnected() throws IOException {
    try (RunningServer server =
            primary("--client-output-buffer-limit", "replica 2mb 0 0", "--repl-timeout", "3600");
        RawConnection primary = new RawConnection(server.port());
        RawConnection deaf = new RawConnection(server.port())) {
      deaf.send(List.of(RdbExchangeTest.words("SYNC")));
      Replicas.await("it is online", () -> Replicas.info(primary, "slave0").contains("online"));
      String value = "x".repeat(100_000);
      Replicas.await(
          "it is disconnected",
          () ->
              primary.call("SET", "key", value).isError()
                  || Replicas.info(primary, "connected_slaves").equals("0"));
      assertEquals("0", Replicas.info(primary, "connected_slaves"));
      // What was kept for it is given back: what is left is the backlog.
      primary.call("SET", "key", value);
      String memory = primary.call("INFO", "memory").raw();
      String kept = memory.replaceAll("(?s).*mem_total_replication_buffers:(\\d+).*", "$1");
      assertTrue(Long.parseLong(kept) < 1_300_000, kept);
    }
  }

  /** It has died and was replaced, and its file is older than that. */
  @Test
  void aPrimaryThatWasReplacedContinuesFromItsFileAsReplica() throws IOException {
    RunningServer first = primary("--repl-ping-replica-period", "3600");
    try (ReferenceServer process = replica("replica", first);
        RawConnection promoted = new RawConnection(process.port())) {
      try (RawConnection before = new RawConnection(first.port())) {
        Replicas.awaitInSync(before, promoted);
        RdbExchangeTest.run(before, RdbExchangeTest.data());
        assertEquals("+OK", before.call("SAVE").header());
        before.call("SET", "after", "saving");
        Replicas.awaitInSync(before, promoted);
      }
      assertEquals("+OK", promoted.call("REPLICAOF", "NO", "ONE").header());
      promoted.call("SET", "after", "promotion");
      first.close();
      try (RunningServer _ = primary("--port", Integer.toString(first.port()));
          RawConnection old = new RawConnection(first.port())) {
        old.call("REPLICAOF", "127.0.0.1", Integer.toString(process.port()));
        Replicas.awaitInSync(promoted, old);
        assertEquals("0", Replicas.info(promoted, "sync_full"));
        assertEquals("1", Replicas.info(promoted, "sync_partial_ok"));
        assertEquals(Replicas.info(promoted, "master_replid"), Replicas.info(old, "master_replid"));
        Replicas.assertSameData(directory, promoted, old);
      }
    }
  }

  @Test
  void replicasOfAPrimaryThatWasStartedAgainContinue() throws IOException {
    // No PING, or the replica would be ahead of the file.
    String[] rarePings = {"--repl-ping-replica-period", "3600"};
    RunningServer first = primary(rarePings);
    try (ReferenceServer process = replica("replica", first);
        RawConnection replica = new RawConnection(process.port())) {
      String id;
      try (RawConnection before = new RawConnection(first.port())) {
        Replicas.awaitInSync(before, replica);
        RdbExchangeTest.run(before, RdbExchangeTest.data());
        Replicas.awaitInSync(before, replica);
        id = Replicas.info(before, "master_replid");
        assertEquals("+OK", before.call("SAVE").header());
      }
      first.close();
      try (RunningServer _ = primary("--port", Integer.toString(first.port()));
          RawConnection again = new RawConnection(first.port())) {
        assertEquals(id, Replicas.info(again, "master_replid2"));
        again.call("SET", "after", "restart");
        Replicas.awaitInSync(again, replica);
        assertEquals("0", Replicas.info(again, "sync_full"));
        assertEquals("1", Replicas.info(again, "sync_partial_ok"));
        assertEquals(id, Replicas.info(replica, "master_replid2"));
        Replicas.assertSameData(directory, again, replica);
      }
    }
  }
}
