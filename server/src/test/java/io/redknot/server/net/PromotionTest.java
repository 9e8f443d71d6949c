package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.dispatch.Router;
import io.redknot.server.replication.History;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients are sent to a node that was promoted before it has changed its role. */
class PromotionTest {
  /** Some on every event loop. */
  private static final int CLIENTS = 16;

  private static RunningServer start(Path directory) {
    return RunningServer.start(
        "--cluster-enabled",
        "yes",
        "--repl-diskless-sync-delay",
        "0",
        "--dir",
        directory.toString());
  }

  private static void await(String what, RawClient client, String expected, String... words) {
    Eventually.await(what, () -> client.ask(words).contains(expected));
  }

  private static void becomeReplica(RawClient replica, RawClient of, int port) {
    of.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await("the primary serves", of, "+OK", "SET", "k", "1");
    replica.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(port));
    String id = of.askText("CLUSTER", "MYID");
    await("it is a replica", replica, "+OK", "CLUSTER", "REPLICATE", id);
    await("the link is up", replica, "master_link_status:up", "INFO", "replication");
    await("the cluster serves", replica, "cluster_state:ok", "CLUSTER", "INFO");
  }

  /** As while a slow command holds the lock of a shard. */
  private static void whileNoRoleChanges(RunningServer server, Runnable action) {
    boolean done =
        server
            .server()
            .replication()
            .whileStill(
                () -> {
                  action.run();
                  return true;
                });
    assertTrue(done);
  }

  @Test
  void whoOrdersAChangeOfRoleIsAnsweredBehindIt(@TempDir Path first, @TempDir Path second) {
    try (RunningServer primary = start(first);
        RunningServer node = start(second);
        RawClient of = primary.connect();
        RawClient admin = node.connect();
        RawClient other = node.connect()) {
      of.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      admin.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(primary.port()));
      String id = of.askText("CLUSTER", "MYID");
      await("it knows its primary", admin, id, "CLUSTER", "NODES");
      answeredBehindTheChange(node, admin, other, "slave", "REPLICATE", id);
      await("the link is up", other, "master_link_status:up", "INFO", "replication");
      answeredBehindTheChange(node, admin, other, "master", "FAILOVER", "TAKEOVER");
    }
  }

  /** It waits for all locks where no event loop does, and its commands follow the change. */
  @Test
  void transactionThatOrdersAChangeOfRoleHoldsNobodyUp(@TempDir Path first, @TempDir Path second) {
    try (RunningServer primary = start(first);
        RunningServer node = start(second);
        RawClient of = primary.connect();
        RawClient admin = node.connect();
        RawClient other = node.connect()) {
      of.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      admin.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(primary.port()));
      String id = of.askText("CLUSTER", "MYID");
      await("it knows its primary", admin, id, "CLUSTER", "NODES");
      inTransaction(node, admin, other, "slave", "REPLICATE", id);
      await("the link is up", other, "master_link_status:up", "INFO", "replication");
      inTransaction(node, admin, other, "master", "FAILOVER", "TAKEOVER");
    }
  }

  private static void inTransaction(
      RunningServer node, RawClient admin, RawClient other, String role, String... order) {
    String[] words = new String[order.length + 1];
    words[0] = "CLUSTER";
    System.arraycopy(order, 0, words, 1, order.length);
    assertEquals("+OK\r\n", admin.ask("MULTI"));
    assertEquals("+QUEUED\r\n", admin.ask(words));
    assertEquals("+QUEUED\r\n", admin.ask("ROLE"));
    List<RawClient> others = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      others.add(node.connect());
    }
    whileNoRoleChanges(
        node,
        () -> {
          admin.command("EXEC");
          await("it is being carried out", other, " cmd=exec ", "CLIENT", "LIST");
          for (RawClient client : others) {
            assertEquals("+PONG\r\n", client.ask("PING"), order[0]);
          }
        });
    others.forEach(RawClient::close);
    String replies = admin.reply();
    assertTrue(replies.startsWith("*2\r\n+OK\r\n*"), replies);
    assertTrue(replies.contains("\r\n" + role + "\r\n"), replies);
  }

  private static void answeredBehindTheChange(
      RunningServer node, RawClient admin, RawClient other, String role, String... order) {
    whileNoRoleChanges(
        node,
        () -> {
          admin.command("CLUSTER", order[0], order[1]).command("ROLE");
          await("the cluster has it", other, "myself," + role, "CLUSTER", "NODES");
          assertEquals("+OK\r\n", other.ask("CLUSTER", "SAVECONFIG"));
          assertTrue(admin.isSilent(), order[0]);
        });
    assertEquals("+OK\r\n", admin.reply());
    String reply = admin.reply();
    assertTrue(reply.contains(role), reply);
  }

  @Test
  void replicaThatComesMeanwhileWaitsAndHoldsNobodyUp(@TempDir Path first, @TempDir Path second) {
    try (RunningServer replica = start(second);
        RawClient admin = replica.connect();
        RawClient next = replica.connect()) {
      try (RunningServer primary = start(first);
          RawClient of = primary.connect()) {
        becomeReplica(admin, of, primary.port());
      }
      ClientPause pause = replica.server().dispatcher().pause();
      Router router = Objects.requireNonNull(replica.server().dispatcher().router());
      History history = replica.server().replication().history();
      List<RawClient> others = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        others.add(replica.connect());
      }
      whileNoRoleChanges(
          replica,
          () -> {
            admin.command("CLUSTER", "FAILOVER", "TAKEOVER");
            Eventually.await("it owns the slots", () -> router.view().isMine(0));
            next.command("PSYNC", history.id(), "1");
            Eventually.await("it waits", () -> pause.waitingCount() == 1);
            for (RawClient other : others) {
              assertEquals("+PONG\r\n", other.ask("PING"));
            }
          });
      others.forEach(RawClient::close);
      assertEquals("+OK\r\n", admin.reply());
      String reply = next.reply();
      assertTrue(reply.startsWith("+CONTINUE") || reply.startsWith("+FULLRESYNC"), reply);
    }
  }

  @Test
  void writesWaitUntilTheRoleHasChanged(@TempDir Path first, @TempDir Path second) {
    try (RunningServer replica = start(second);
        RawClient admin = replica.connect();
        RawClient other = replica.connect()) {
      try (RunningServer primary = start(first);
          RawClient of = primary.connect()) {
        becomeReplica(admin, of, primary.port());
      }
      Dispatcher dispatcher = replica.server().dispatcher();
      Router router = Objects.requireNonNull(dispatcher.router());
      whileNoRoleChanges(
          replica,
          () -> {
            admin.command("CLUSTER", "FAILOVER", "TAKEOVER");
            Eventually.await("it owns the slots", () -> router.view().isMine(0));
            admin.command("INCR", "k");
            other.command("INCR", "k");
            Eventually.await("a write waits", () -> dispatcher.pause().waitingCount() > 0);
          });
      assertEquals("+OK\r\n", admin.reply());
      Set<String> replies = new TreeSet<>(List.of(admin.reply(), other.reply()));
      assertEquals(Set.of(":2\r\n", ":3\r\n"), replies);
    }
  }
}
