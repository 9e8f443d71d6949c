package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FAILOVER between a Redknot server and a redis-server, both ways. */
final class FailoverCommandTest {
  private @TempDir Path directory;

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private ReferenceServer redis(String... options) throws IOException {
    List<String> all = new ArrayList<>(RdbExchangeTest.with(options));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    return new ReferenceServer(folder("redis"), all);
  }

  private RunningServer redknot(String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--dir", folder("redknot").toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return RunningServer.start(all.toArray(String[]::new));
  }

  private static void awaitSwapped(RawConnection old, RawConnection next) throws IOException {
    Replicas.await("they swap", () -> Replicas.info(old, "role").equals("slave"));
    Replicas.await(
        "it is over", () -> Replicas.info(old, "master_failover_state").equals("no-failover"));
    Replicas.awaitInSync(next, old);
    assertEquals("master", Replicas.info(next, "role"));
    assertEquals("0", Replicas.info(next, "sync_full"));
    assertEquals("1", Replicas.info(next, "sync_partial_ok"));
    assertEquals("+OK", next.call("SET", "after", "failover").header());
    Replicas.awaitInSync(next, old);
  }

  @Test
  void aRedisReplicaTakesOver() throws IOException {
    try (RunningServer first = redknot();
        RawConnection old = new RawConnection(first.port());
        ReferenceServer second = redis("--replicaof", "127.0.0.1", "" + first.port());
        RawConnection next = new RawConnection(second.port())) {
      Replicas.awaitInSync(old, next);
      RdbExchangeTest.run(old, RdbExchangeTest.data());
      assertEquals("+OK", old.call("FAILOVER").header());
      awaitSwapped(old, next);
      Replicas.assertSameData(directory, next, old);
    }
  }

  @Test
  void aRedknotReplicaTakesOver() throws IOException {
    try (ReferenceServer first = redis();
        RawConnection old = new RawConnection(first.port());
        RunningServer second = redknot("--replicaof", "127.0.0.1", "" + first.port());
        RawConnection next = new RawConnection(second.port())) {
      Replicas.awaitInSync(old, next);
      RdbExchangeTest.run(old, RdbExchangeTest.data());
      String port = Integer.toString(second.port());
      Reply reply = old.call("FAILOVER", "TO", "127.0.0.1", port, "TIMEOUT", "30000");
      assertEquals("+OK", reply.header());
      awaitSwapped(old, next);
      Replicas.assertSameData(directory, next, old);
    }
  }

  @Test
  void withoutAReplicaThatFollowsAllStaysAsItWas() throws IOException {
    try (RunningServer first = redknot();
        RawConnection old = new RawConnection(first.port());
        ReferenceServer second = redis("--replicaof", "127.0.0.1", "" + first.port());
        RawConnection next = new RawConnection(second.port());
        RawConnection sleeper = new RawConnection(second.port())) {
      Replicas.awaitInSync(old, next);
      String id = Replicas.info(old, "master_replid");
      sleeper.send(List.of(RdbExchangeTest.words("DEBUG", "SLEEP", "4")));
      old.call("SET", "a", "b");
      assertEquals("+OK", old.call("FAILOVER", "TIMEOUT", "500").header());
      assertEquals("waiting-for-sync", Replicas.info(old, "master_failover_state"));
      assertEquals("-ERR FAILOVER already in progress.", old.call("FAILOVER").header());
      assertEquals(
          "-ERR REPLICAOF not allowed while failing over.",
          old.call("REPLICAOF", "NO", "ONE").header());
      Replicas.await(
          "it is given up",
          () -> Replicas.info(old, "master_failover_state").equals("no-failover"));
      assertEquals("master", Replicas.info(old, "role"));
      assertEquals(id, Replicas.info(old, "master_replid"));
      assertEquals("+OK", old.call("SET", "a", "c").header());
      sleeper.read();
      Replicas.awaitInSync(old, next);
    }
  }

  @Test
  void whatCannotBeIsRefusedAsByRedis() throws IOException {
    try (RunningServer redknot = redknot();
        ReferenceServer redis = redis();
        RawConnection ours = new RawConnection(redknot.port());
        RawConnection theirs = new RawConnection(redis.port())) {
      for (String command :
          List.of(
              "FAILOVER",
              "FAILOVER ABORT",
              "FAILOVER ABORT ABORT",
              "FAILOVER TO 127.0.0.1 1",
              "FAILOVER TO 127.0.0.1",
              "FAILOVER TO 127.0.0.1 x",
              "FAILOVER TIMEOUT 0",
              "FAILOVER TIMEOUT x",
              "FAILOVER FORCE",
              "FAILOVER WHAT",
              "REPLICAOF no",
              "REPLICAOF 127.0.0.1 x",
              "REPLICAOF 127.0.0.1 65536",
              "REPLICAOF 127.0.0.1 -1",
              "PSYNC x 1 FAILOVER",
              "REPLICAOF no one")) {
        String[] words = command.split(" ", -1);
        assertEquals(theirs.call(words).raw(), ours.call(words).raw(), command);
      }
    }
  }
}
