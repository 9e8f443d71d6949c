package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.replication.Replication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outside of a cluster, who changes a node's role waits for its locks, and nobody else does. */
class RoleChangeTest {
  /** Some on every event loop. */
  private static final int CLIENTS = 16;

  private @TempDir Path directory;

  private RunningServer start(String name, String... options) throws IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--dir", Files.createDirectories(directory.resolve(name)).toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return RunningServer.start(all.toArray(String[]::new));
  }

  private RunningServer replicaOf(RunningServer primary) throws IOException {
    RunningServer replica = start("replica", "--replicaof", "127.0.0.1 " + primary.port());
    try (RawClient client = replica.connect()) {
      Eventually.await(
          "the link is up",
          () -> client.askText("INFO", "replication").contains("master_link_status:up"));
    }
    return replica;
  }

  private static boolean follows(RunningServer server) {
    return !server.server().config().replicaof.get().isNone();
  }

  private static void whileNoRoleChanges(RunningServer server, String what, Runnable asked) {
    whileNoRoleChanges(server, true, what, asked);
  }

  /**
   * As while a slow command holds the lock of a shard; every event loop answers meanwhile.
   *
   * @param begins whether something is seen of it at its beginning; an EXEC is waited for otherwise
   */
  private static void whileNoRoleChanges(
      RunningServer server, boolean begins, String what, Runnable asked) {
    List<RawClient> others = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      others.add(server.connect());
    }
    boolean before = follows(server);
    Replication replication = server.server().replication();
    boolean answered =
        replication.whileStill(
            () -> {
              asked.run();
              RawClient first = others.getFirst();
              Eventually.await(
                  what + " is being carried out",
                  () ->
                      begins
                          ? follows(server) != before
                          : first.ask("CLIENT", "LIST").contains(" cmd=exec "));
              for (RawClient other : others) {
                assertEquals("+PONG\r\n", other.ask("PING"), what);
              }
              return true;
            });
    others.forEach(RawClient::close);
    assertTrue(answered);
  }

  @Test
  void replicaOfIsWaitedForByWhoAskedOnly() throws IOException {
    try (RunningServer primary = start("primary");
        RunningServer node = start("node");
        RawClient admin = node.connect()) {
      String port = Integer.toString(primary.port());
      whileNoRoleChanges(
          node,
          "REPLICAOF",
          () -> {
            admin.command("REPLICAOF", "127.0.0.1", port);
            admin.command("ROLE");
          });
      assertEquals("+OK\r\n", admin.reply());
      assertTrue(admin.reply().contains("slave"), "what comes behind it sees the new role");
      whileNoRoleChanges(
          node, "REPLICAOF NO ONE", () -> admin.command("REPLICAOF", "NO", "ONE").command("ROLE"));
      assertEquals("+OK\r\n", admin.reply());
      assertTrue(admin.reply().contains("master"));
    }
  }

  @Test
  void replicaThatIsAskedToTakeOverAnswersOthersMeanwhile() throws IOException {
    try (RunningServer primary = start("primary");
        RunningServer replica = replicaOf(primary);
        RawClient next = replica.connect()) {
      String id = replica.server().replication().history().id();
      assertEquals("+OK\r\n", next.ask("REPLCONF", "capa", "psync2"));
      String from = Long.toString(replica.server().replication().offset() + 1);
      whileNoRoleChanges(
          replica, "PSYNC FAILOVER", () -> next.command("PSYNC", id, from, "FAILOVER"));
      String reply = next.line();
      assertEquals("+CONTINUE " + replica.server().replication().history().id(), reply);
      assertTrue(!reply.contains(id), "it goes on in a history of its own");
    }
  }

  @Test
  void primaryThatHandsOverAnswersOthersMeanwhile() throws IOException {
    try (RunningServer primary = start("primary");
        RunningServer replica = replicaOf(primary);
        RawClient admin = primary.connect();
        RawClient of = replica.connect()) {
      admin.ask("SET", "key", "value");
      whileNoRoleChanges(primary, "FAILOVER", () -> assertEquals("+OK\r\n", admin.ask("FAILOVER")));
      Eventually.await("it has stepped down", () -> admin.ask("ROLE").contains("slave"));
      Eventually.await("its replica serves", () -> of.ask("ROLE").contains("master"));
      assertEquals("+OK\r\n", of.ask("SET", "key", "another"));
    }
  }

  private static void inTransaction(RawClient client, String... commands) {
    client.command("MULTI");
    for (String command : commands) {
      client.command(command.split(" ", -1));
    }
    client.command("EXEC");
  }

  /** The replies of EXEC, which stands behind MULTI and so many commands. */
  private static String executed(RawClient client, int commands) {
    assertEquals("+OK\r\n", client.reply());
    for (int i = 0; i < commands; i++) {
      assertEquals("+QUEUED\r\n", client.reply());
    }
    return client.reply();
  }

  @Test
  void transactionThatChangesTheRoleIsWaitedForByWhoAskedOnly() throws IOException {
    try (RunningServer primary = start("primary");
        RunningServer node = start("node");
        RawClient admin = node.connect()) {
      String port = Integer.toString(primary.port());
      whileNoRoleChanges(
          node,
          false,
          "REPLICAOF in a transaction",
          () -> inTransaction(admin, "SET k v", "REPLICAOF 127.0.0.1 " + port, "ROLE"));
      String followed = executed(admin, 3);
      assertTrue(followed.startsWith("*3\r\n+OK\r\n+OK\r\n*5\r\n$5\r\nslave\r\n"), followed);
      assertTrue(follows(node));
      whileNoRoleChanges(
          node,
          false,
          "REPLICAOF NO ONE in a transaction",
          () -> inTransaction(admin, "REPLICAOF NO ONE", "ROLE"));
      String promoted = executed(admin, 2);
      assertTrue(promoted.startsWith("*2\r\n+OK\r\n*3\r\n$6\r\nmaster\r\n"), promoted);
      assertTrue(!follows(node));
    }
  }

  @Test
  void failoverThatIsBegunAndGivenUpInTransactionsHoldsNobodyUp() throws IOException {
    try (RunningServer primary = start("primary");
        RunningServer replica = replicaOf(primary);
        RawClient admin = primary.connect();
        RawClient writer = primary.connect()) {
      // It never acknowledges what it does not get to execute.
      replica.server().replication().whileStill(() -> holdsFailoverUp(admin, writer));
      Eventually.await("it serves", () -> writer.ask("SET", "k", "v").equals("+OK\r\n"));
      assertTrue(admin.ask("ROLE").contains("master"));
    }
  }

  private static boolean holdsFailoverUp(RawClient admin, RawClient writer) {
    assertEquals("+OK\r\n", writer.ask("SET", "k", "unacknowledged"));
    inTransaction(admin, "FAILOVER", "INFO replication");
    assertTrue(executed(admin, 2).contains("master_failover_state:waiting-for-sync"));
    writer.command("SET", "k", "held");
    inTransaction(admin, "FAILOVER ABORT", "INFO replication");
    assertTrue(executed(admin, 2).contains("master_failover_state:no-failover"));
    assertEquals("+OK\r\n", writer.reply());
    return true;
  }

  @Test
  void watchedKeyThatWasTouchedLeavesTheRoleAsItIs() throws IOException {
    try (RunningServer node = start("node");
        RawClient admin = node.connect();
        RawClient other = node.connect()) {
      admin.ask("WATCH", "k");
      inTransaction(admin, "REPLICAOF 127.0.0.1 1", "ROLE");
      assertEquals("*-1\r\n", afterChange(node, other, admin));
      assertTrue(admin.ask("ROLE").contains("master"));
      inTransaction(admin, "REPLICAOF 127.0.0.1 1");
      assertEquals("*1\r\n+OK\r\n", executed(admin, 1), "nothing is watched any more");
    }
  }

  /** The key is changed when EXEC is here and waits for the role. */
  private static String afterChange(RunningServer node, RawClient other, RawClient admin) {
    Replication replication = node.server().replication();
    replication.whileStill(() -> other.ask("SET", "k", "v"));
    return executed(admin, 2);
  }
}
