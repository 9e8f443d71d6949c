package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.SourceTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;

/**
 * A cluster changes from one kind of server to the other while a client works with it: new nodes
 * join as replicas, take over, and the old ones leave.
 */
class ChangeOfServersTest {
  private static final int PRIMARIES = 3;
  private static final int KEYS = 300;
  private static final Path SCRIPT = SourceTree.repositoryRoot().resolve("scripts/take-over");

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  /** Counts in turn in many keys, and fails with the first reply that is not the next number. */
  private static final class Counting extends Thread {
    private final RedisClusterClient client;
    private final AtomicBoolean ends = new AtomicBoolean();
    private final AtomicInteger rounds = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    Counting(RedisClusterClient client) {
      this.client = client;
    }

    @Override
    public void run() {
      try {
        for (int round = 1; !ends.get(); round++) {
          for (int i = 0; i < KEYS; i++) {
            assertEquals(round, client.incr("counter:" + i));
          }
          rounds.set(round);
        }
      } catch (RuntimeException | AssertionError failed) {
        failure = failed;
      }
    }

    void awaitRound(int wanted) {
      Waiting.until("round " + wanted, () -> rounds.get() >= wanted || failure != null);
    }

    int end() throws InterruptedException {
      ends.set(true);
      join();
      Throwable failed = failure;
      if (failed != null) {
        throw new AssertionError(failed);
      }
      return rounds.get();
    }
  }

  @ParameterizedTest(name = "from {0}")
  @EnumSource
  void noClientSeesMoreThanRedirects(NodeKind from) throws Exception {
    NodeKind to = from == NodeKind.REDIS ? NodeKind.REDKNOT : NodeKind.REDIS;
    List<NodeProcess> old = nodes.startAll(List.of(from, from, from));
    SixNodes.form(old, 0);
    List<NodeProcess> fresh = new ArrayList<>();
    try (RedisClusterClient client =
        RedisClusterClient.create(new HostAndPort("127.0.0.1", old.getFirst().port()))) {
      Counting counting = new Counting(client);
      counting.start();
      counting.awaitRound(2);
      for (int i = 0; i < PRIMARIES; i++) {
        fresh.add(nodes.start(to));
      }
      takeOver(old.getFirst(), fresh);
      old.forEach(NodeProcess::kill);
      Topology.awaitAgreement(fresh);
      counting.awaitRound(counting.rounds.get() + 2);
      int rounds = counting.end();
      for (int i = 0; i < KEYS; i++) {
        int counted = Integer.parseInt(client.get("counter:" + i));
        assertTrue(counted == rounds || counted == rounds + 1, i + ": " + counted);
      }
    }
    String check = RedisCli.cluster("check", fresh.getLast().address());
    assertTrue(check.contains("[OK] All 16384 slots covered."), check);
  }

  /** By the script that users have for it. */
  private static void takeOver(NodeProcess seed, List<NodeProcess> fresh) throws Exception {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString(), "--remove", "--grace", "2"));
    command.add(seed.address());
    fresh.forEach(node -> command.add(node.address()));
    RedisCli.Outcome outcome = RedisCli.runProgram(command);
    assertEquals(0, outcome.code(), outcome::text);
  }
}
