package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions of many clients at once, on several event loops: none loses what another did. */
class TransactionStressTest {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = Integer.getInteger("redknot.stress.rounds", 150);
  private static final int COUNTERS = 3;

  private @TempDir Path directory;

  private RunningServer server(String cluster) {
    return RunningServer.start(
        "--io-threads", "4", "--cluster-enabled", cluster, "--dir", directory.toString());
  }

  @Test
  void countersUnderWatchCountEveryTransactionThatSucceeded() throws Exception {
    try (RunningServer server = server("no")) {
      stress(server);
    }
  }

  @Test
  void countersOfSlotsCountEveryTransactionThatSucceeded() throws Exception {
    try (RunningServer server = server("yes");
        RawClient client = server.connect()) {
      client.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      Eventually.await(
          "a cluster that serves",
          () -> client.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
      stress(server);
    }
  }

  private static void stress(RunningServer server) throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<int[]>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        long seed = i;
        Callable<int[]> task = () -> count(server, new SplittableRandom(seed));
        clients.add(threads.submit(task));
      }
      int[] sums = new int[COUNTERS];
      for (Future<int[]> client : clients) {
        for (int i = 0; i < COUNTERS; i++) {
          sums[i] += client.get()[i];
        }
      }
      try (RawClient client = server.connect()) {
        for (int i = 0; i < COUNTERS; i++) {
          assertEquals("" + sums[i], client.askText("GET", "{" + i + "}count"));
          assertEquals(":" + sums[i] + "\r\n", client.ask("LLEN", "{" + i + "}log"));
        }
      }
    }
  }

  /** Adds one to counters by reading and writing them, and tells how often to which. */
  private static int[] count(RunningServer server, SplittableRandom random) {
    int[] counted = new int[COUNTERS];
    try (RawClient client = server.connect()) {
      for (int round = 0; round < ROUNDS; round++) {
        int counter = random.nextInt(COUNTERS);
        String tag = "{" + counter + "}";
        client.command("WATCH", tag + "count").reply();
        String old = client.ask("GET", tag + "count");
        int next = old.equals("$-1\r\n") ? 1 : Integer.parseInt(old.lines().toList().get(1)) + 1;
        client.command("MULTI").command("SET", tag + "count", "" + next);
        client.command("RPUSH", tag + "log", "" + next);
        if (random.nextInt(4) == 0) {
          // Looks at all shards, so that all locks are taken.
          client.command("DBSIZE");
        }
        client.command("EXEC");
        String reply = client.reply();
        while (reply.startsWith("+")) {
          reply = client.reply();
        }
        counted[counter] += reply.startsWith("*-1") ? 0 : 1;
      }
    }
    return counted;
  }
}
