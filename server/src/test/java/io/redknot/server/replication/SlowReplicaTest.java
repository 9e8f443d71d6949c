package io.redknot.server.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica that takes its snapshot slowly or not at all, which is sent without a file at first.
 */
class SlowReplicaTest {
  /** Much more than sockets and the primary keep for a replica. */
  private static final int KEYS = 320;

  private static final int VALUE_BYTES = 100_000;
  private static final int MARK_BYTES = 40;

  private @TempDir Path directory;

  private RunningServer server(String name, String... options) throws IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--dir", Files.createDirectories(directory.resolve(name)).toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0", "--rdbcompression", "no"));
    all.addAll(List.of("--enable-debug-command", "yes"));
    all.addAll(List.of(options));
    return RunningServer.start(all.toArray(String[]::new));
  }

  private RunningServer filled(String... options) throws IOException {
    RunningServer primary = server("primary", options);
    try (RawClient client = primary.connect()) {
      String count = Integer.toString(KEYS);
      client.ask("DEBUG", "POPULATE", count, "key", Integer.toString(VALUE_BYTES));
    }
    return primary;
  }

  /** Has asked for the data set, and reads nothing. */
  private static RawClient deafReplica(RunningServer primary) {
    RawClient replica = primary.connect();
    assertEquals("+OK\r\n", replica.ask("REPLCONF", "capa", "eof", "capa", "psync2"));
    replica.command("PSYNC", "?", "-1");
    Eventually.await("it is sent a snapshot", () -> states(primary).contains("WAIT_END"));
    return replica;
  }

  private static String states(RunningServer primary) {
    return primary.server().replication().replicas().stream().map(ReplicaLink::state).toList() + "";
  }

  private static void awaitNoSnapshot(RunningServer primary) {
    Eventually.await("the snapshot is made", () -> !primary.server().persister().isSaving());
  }

  /** Reads the data set; what comes behind it stays in the connection. */
  private static String readSnapshot(RawClient replica) {
    assertTrue(replica.line().contains("+FULLRESYNC"));
    String start = replica.line();
    String mark = start.substring(start.indexOf("$EOF:") + "$EOF:".length());
    assertEquals(MARK_BYTES, mark.length(), start);
    StringBuilder all = new StringBuilder(replica.read(KEYS * VALUE_BYTES));
    while (!all.substring(all.length() - MARK_BYTES).equals(mark)) {
      all.append(replica.read(1));
    }
    all.setLength(all.length() - MARK_BYTES);
    return all.toString();
  }

  private static String nextButPing(RawClient replica) {
    String next = replica.reply();
    while (next.equals(RawClient.resp("ping"))) {
      next = replica.reply();
    }
    return next;
  }

  /** Files without a name that this process keeps open in that directory. */
  private static long unnamedFiles(Path in) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(file -> leadsTo(file, in.resolve("temp-").toString())).count();
    }
  }

  private static boolean leadsTo(Path link, String prefix) {
    try {
      return Files.readSymbolicLink(link).toString().startsWith(prefix);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  @Test
  void replicaThatReadsNothingHoldsUpNeitherASaveNorAnotherReplica() throws IOException {
    try (RunningServer primary = filled("--repl-timeout", "3600");
        RawClient client = primary.connect();
        RawClient deaf = deafReplica(primary)) {
      awaitNoSnapshot(primary);
      assertTrue(states(primary).contains("WAIT_END"), states(primary));
      assertEquals("+OK\r\n", client.ask("SAVE"));
      assertEquals(
          "+Background append only file rewriting started\r\n", client.ask("BGREWRITEAOF"));
      Eventually.await(
          "the file is rewritten",
          () -> !client.askText("INFO", "persistence").contains("aof_rewrite_in_progress:1"));
      try (RunningServer other = server("other", "--replicaof", "127.0.0.1 " + primary.port())) {
        Eventually.await("another one is online", () -> states(primary).contains("ONLINE"));
        Eventually.await(
            "it has all",
            () -> other.server().replication().offset() == primary.server().replication().offset());
      }
      assertTrue(states(primary).contains("WAIT_END"), states(primary));
      assertSameData(primary, readSnapshot(deaf));
    }
  }

  /** What was sent at first and what came from the disk are one data set. */
  private void assertSameData(RunningServer primary, String snapshot) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("loaded"));
    byte[] bytes = snapshot.getBytes(StandardCharsets.ISO_8859_1);
    Files.write(folder.resolve("dump.rdb"), bytes);
    try (RunningServer loaded = server("loaded");
        RawClient from = primary.connect();
        RawClient to = loaded.connect()) {
      assertEquals(":" + KEYS + "\r\n", to.ask("DBSIZE"));
      assertEquals(from.ask("DEBUG", "DIGEST"), to.ask("DEBUG", "DIGEST"));
    }
  }

  @Test
  void streamGoesOnBehindASnapshotThatWaitedOnTheDisk() throws IOException {
    try (RunningServer primary = filled("--repl-timeout", "3600");
        RawClient client = primary.connect();
        RawClient slow = deafReplica(primary)) {
      awaitNoSnapshot(primary);
      assertEquals(1, unnamedFiles(directory.resolve("primary")));
      client.ask("SET", "after", "it");
      String snapshot = readSnapshot(slow);
      assertTrue(!snapshot.contains("after"), "it is of the moment of its beginning");
      slow.command("REPLCONF", "ACK", "0");
      assertEquals(RawClient.resp("SELECT", "0"), nextButPing(slow));
      assertEquals(RawClient.resp("SET", "after", "it"), nextButPing(slow));
      assertEquals(0, unnamedFiles(directory.resolve("primary")));
    }
  }

  @Test
  void replicaIsWaitedForWhileTheDiskRefusesAndTheNextOneIsNot() throws IOException {
    try (RunningServer primary = filled("--repl-timeout", "3600")) {
      Path folder = directory.resolve("primary");
      Files.delete(folder);
      try (RawClient slow = deafReplica(primary)) {
        FullSyncs syncs = primary.server().replication().syncs();
        Eventually.await("the disk has refused", () -> !syncs.mayPutAside());
        assertTrue(primary.server().persister().isSaving());
        String snapshot = readSnapshot(slow);
        Files.createDirectory(folder);
        assertSameData(primary, snapshot);
      }
      awaitGone(primary);
      try (RawClient _ = deafReplica(primary)) {
        awaitNoSnapshot(primary);
        assertEquals(1, unnamedFiles(folder), states(primary));
      }
    }
  }

  @Test
  void replicaIsDisconnectedWhenTheStreamBehindItsSnapshotGrowsTooLong() throws IOException {
    try (RunningServer primary =
            filled(
                "--repl-timeout",
                "3600",
                "--client-output-buffer-limit",
                "replica 2mb 0 0",
                "--repl-backlog-size",
                "16kb");
        RawClient client = primary.connect();
        RawClient deaf = deafReplica(primary)) {
      awaitNoSnapshot(primary);
      String value = "x".repeat(VALUE_BYTES);
      for (int i = 0; i < 30; i++) {
        client.ask("SET", "key", value);
      }
      awaitGone(primary);
      deaf.readToEnd();
    }
  }

  @Test
  void replicaThatTakesNothingForTooLongIsDisconnected() throws IOException {
    try (RunningServer primary = filled("--repl-timeout", "2");
        RawClient deaf = deafReplica(primary)) {
      awaitNoSnapshot(primary);
      awaitGone(primary);
      deaf.readToEnd();
    }
  }

  private void awaitGone(RunningServer primary) {
    Eventually.await("it is gone", () -> primary.server().replication().replicas().isEmpty());
    Eventually.await(
        "nothing waits for it on the disk",
        () -> {
          try {
            return unnamedFiles(directory.resolve("primary")) == 0;
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
  }
}
