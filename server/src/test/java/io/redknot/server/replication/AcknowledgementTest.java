package io.redknot.server.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What replicas and disks have acknowledged, what waits for it, and replicas that say nothing. */
class AcknowledgementTest {
  private @TempDir Path directory;

  private RunningServer server(String name, String... options) throws IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--dir", Files.createDirectories(directory.resolve(name)).toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return RunningServer.start(all.toArray(String[]::new));
  }

  /** A replica that has been sent the file and acknowledges nothing. */
  private static RawClient silentReplica(RunningServer primary) {
    RawClient replica = primary.connect();
    replica.command("PSYNC", "?", "-1");
    assertTrue(replica.line().contains("+FULLRESYNC"));
    String length = replica.line();
    replica.read(Integer.parseInt(length.substring(length.indexOf('$') + 1)));
    return replica;
  }

  private static int online(RunningServer primary) {
    return (int)
        primary.server().replication().replicas().stream().filter(ReplicaLink::isOnline).count();
  }

  @Test
  void replicaThatOnlySaysThatItLivesIsKeptAndOneThatSaysNothingIsNot() throws IOException {
    try (RunningServer primary =
            server("primary", "--repl-diskless-sync", "no", "--repl-timeout", "1");
        RawClient loading = silentReplica(primary);
        RawClient silent = silentReplica(primary)) {
      Eventually.await("both are online", () -> online(primary) == 2);
      Eventually.await(
          "one is disconnected",
          () -> {
            loading.send("\n");
            return online(primary) < 2;
          });
      silent.readToEnd();
      loading.send("\n");
      assertEquals(1, online(primary));
    }
  }

  @Test
  void replicaThatComesIsPingedNoSoonerThanThePeriodSays() throws IOException {
    try (RunningServer primary =
            server("primary", "--repl-diskless-sync", "no", "--repl-ping-replica-period", "3600");
        RawClient writer = primary.connect();
        RawClient replica = silentReplica(primary)) {
      Eventually.await("it is online", () -> online(primary) == 1);
      // It lags by a second for each time that the primary has looked whether it is to be pinged.
      Eventually.await("time to pass", () -> !writer.ask("INFO", "replication").contains("lag=0"));
      assertEquals("+OK\r\n", writer.ask("SET", "k", "v"));
      assertEquals(RawClient.resp("SELECT", "0"), replica.reply());
    }
  }

  @Test
  void replicaThatNeverConfirmsASnapshotIsDisconnected() throws IOException {
    try (RunningServer primary = server("primary", "--repl-timeout", "1");
        RawClient replica = primary.connect()) {
      replica.ask("REPLCONF", "capa", "eof");
      replica.command("PSYNC", "?", "-1");
      String all = replica.readToEnd();
      assertTrue(all.contains("$EOF:"), all);
    }
  }

  /** What was served to a client is written for it, too. */
  @Test
  void waitAfterAServedPopCountsOnlyReplicasThatHaveThePop() throws IOException {
    try (RunningServer primary = server("primary", "--repl-diskless-sync", "no");
        RawClient replica = silentReplica(primary);
        RawClient popping = primary.connect();
        RawClient pushing = primary.connect()) {
      Eventually.await("it is online", () -> online(primary) == 1);
      popping.command("BLPOP", "list", "0");
      Eventually.await(
          "it waits", () -> pushing.askText("INFO", "clients").contains("blocked_clients:1"));
      pushing.ask("RPUSH", "list", "v");
      assertEquals("*2\r\n$4\r\nlist\r\n$1\r\nv\r\n", popping.reply());
      assertEquals(":0\r\n", popping.ask("WAIT", "1", "1"));
      replica.command("REPLCONF", "ACK", "1000000");
      assertEquals(":1\r\n", popping.ask("WAIT", "1", "0"));
    }
  }

  @Test
  void waitaofSaysWhatIsWrongAsRedisDoes() throws IOException {
    try (RunningServer node = server("node");
        RawClient client = node.connect()) {
      assertEquals(
          "-ERR value is out of range, value must between 0 and 1\r\n",
          client.ask("WAITAOF", "2", "0", "0"));
      assertEquals(
          "-ERR value is out of range, must be positive\r\n",
          client.ask("WAITAOF", "0", "-1", "0"));
      assertEquals("-ERR timeout is negative\r\n", client.ask("WAITAOF", "0", "0", "-1"));
      assertEquals("-" + AckWaiters.NO_FILE + "\r\n", client.ask("WAITAOF", "1", "0", "0"));
      assertEquals("*2\r\n:0\r\n:0\r\n", client.ask("WAITAOF", "0", "0", "0"));
      assertEquals("*2\r\n:0\r\n:0\r\n", client.ask("WAITAOF", "0", "1", "1"));
    }
  }

  @Test
  void waitaofWaitsForTheDisksOfBoth() throws IOException {
    for (String policy : List.of("always", "everysec")) {
      String[] options = {"--appendonly", "yes", "--appendfsync", policy};
      try (RunningServer primary = server("primary-" + policy, options);
          RawClient client = primary.connect();
          RunningServer other = server("replica-" + policy, options);
          RawClient replica = other.connect()) {
        client.ask("SET", "k", "v");
        assertEquals("*2\r\n:1\r\n:0\r\n", client.ask("WAITAOF", "1", "0", "0"));
        replica.ask("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
        assertTrue(replica.ask("WAITAOF", "0", "0", "0").startsWith("-ERR WAITAOF cannot be used"));
        client.ask("SET", "k", "w");
        assertEquals("*2\r\n:1\r\n:1\r\n", client.ask("WAITAOF", "1", "1", "0"));
        client.ask("SET", "k", "x");
        assertEquals("*2\r\n:1\r\n:1\r\n", client.ask("WAITAOF", "1", "1", "0"));
      }
    }
  }

  @Test
  void whoWaitsForAFileThatIsTurnedOffIsTold() throws IOException {
    String[] options = {"--appendonly", "yes", "--appendfsync", "no"};
    try (RunningServer node = server("node", options);
        RawClient waiting = node.connect();
        RawClient other = node.connect()) {
      waiting.ask("SET", "k", "v");
      assertEquals("*2\r\n:0\r\n:0\r\n", waiting.ask("WAITAOF", "1", "0", "1"));
      waiting.command("WAITAOF", "1", "0", "0");
      Eventually.await(
          "it waits", () -> other.askText("INFO", "clients").contains("blocked_clients:1"));
      assertEquals("+OK\r\n", other.ask("CONFIG", "SET", "appendonly", "no"));
      assertEquals("-" + AckWaiters.NO_FILE + "\r\n", waiting.reply());
    }
  }

  @Test
  void encryptionBetweenNodesIsRefusedNotIgnored() throws IOException {
    try (RunningServer node = server("node");
        RawClient client = node.connect()) {
      String refusal = client.ask("CONFIG", "SET", "tls-replication", "yes");
      assertTrue(refusal.contains("cannot be encrypted yet"), refusal);
    }
  }
}
