package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.replication.Replication;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
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

  private static final String OK = "+OK\r\n";

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
      awaitLink(client);
    }
    return replica;
  }

  private static void awaitLink(RawClient replica) {
    Eventually.await(
        "the link is up",
        () -> replica.askText("INFO", "replication").contains("master_link_status:up"));
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
                  () -> begins ? follows(server) != before : executes(first));
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
      // A node that is loading refuses it.
      awaitLink(admin);
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

  private static void awaitWaiting(String what, String thread, Class<?> caller) {
    Eventually.await(
        what,
        () ->
            Thread.getAllStackTraces().entrySet().stream()
                .filter(one -> one.getKey().getName().startsWith(thread))
                .map(one -> List.of(one.getValue()))
                .anyMatch(frames -> isIn(Shard.class, frames) && isIn(caller, frames)));
  }

  private static boolean isIn(Class<?> type, List<StackTraceElement> frames) {
    return frames.stream().anyMatch(frame -> frame.getClassName().equals(type.getName()));
  }

  /** A change of role waits for the shards, and behind it does what a client has sent. */
  private static void behindAChange(RunningServer node, RawClient admin, Runnable sends) {
    assertEquals("+OK\r\n", admin.ask("REPLICAOF", "NO", "ONE"));
    Shards shards = node.server().shards();
    shards.lockAll();
    try {
      admin.command("REPLICAOF", "127.0.0.1", "1");
      awaitWaiting("the role waits", "redknot-role", Replication.class);
      sends.run();
      awaitWaiting("the write waits", "io-", Dispatcher.class);
    } finally {
      shards.unlockAll();
    }
    assertEquals("+OK\r\n", admin.reply());
  }

  @Test
  void writeThatWaitsForItsShardBehindTheChangeIsRefused() throws IOException {
    try (RunningServer node = start("node");
        RawClient admin = node.connect();
        RawClient client = node.connect()) {
      String readOnly = "READONLY You can't write against a read only replica.\r\n";
      behindAChange(node, admin, () -> client.command("SET", "a", "1"));
      assertEquals("-" + readOnly, client.reply());
      behindAChange(node, admin, () -> inTransaction(client, "SET b 1", "ECHO c"));
      String refused = "-EXECABORT Transaction discarded because of: " + readOnly;
      assertEquals(refused, executed(client, 2));
      assertEquals(":0\r\n", admin.ask("DBSIZE"));
    }
  }

  @Test
  void transactionOfAnyCommandsRunsAsAWholeAndHoldsNobodyUp() throws IOException {
    try (RunningServer node = start("node");
        RawClient admin = node.connect();
        RawClient other = node.connect()) {
      whileNoRoleChanges(
          node,
          false,
          "REPLICAOF beside commands of the connection",
          () ->
              inTransaction(
                  admin,
                  "SELECT 1",
                  "SET k v",
                  "REPLICAOF 127.0.0.1 1",
                  "CLIENT SETNAME me",
                  "SUBSCRIBE c",
                  "PUBLISH c m",
                  "SET k w",
                  "SELECT 2"));
      String subscribed = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";
      String replies = "*8\r\n" + OK.repeat(4) + subscribed + ":1\r\n" + OK.repeat(2);
      assertEquals(replies, executed(admin, 8));
      String message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n";
      assertEquals(message, admin.reply(), "behind the reply");
      String listed = other.askText("CLIENT", "LIST", "TYPE", "pubsub");
      assertTrue(listed.matches("(?s).* name=me .* db=2 .*"), listed);
      other.ask("SELECT", "1");
      assertEquals("$1\r\nw\r\n", other.ask("GET", "k"));
    }
  }

  @Test
  void whoEndsItsConnectionInATransactionRunsNothingBehindIt() throws IOException {
    try (RunningServer node = start("node");
        RawClient admin = node.connect();
        RawClient other = node.connect()) {
      String id = admin.ask("CLIENT", "ID").substring(1).strip();
      admin.send(
          RawClient.resp("MULTI")
              + RawClient.resp("CLIENT", "KILL", "ID", id, "SKIPME", "no")
              + RawClient.resp("REPLICAOF", "NO", "ONE")
              + RawClient.resp("EXEC")
              + RawClient.resp("SET", "behind", "1"));
      String replies = admin.readToEnd();
      assertTrue(replies.contains("*2\r\n:1\r\n"), replies);
      assertEquals(":0\r\n", other.ask("EXISTS", "behind"));
    }
  }

  @Test
  void failoverThatCannotBeginInATransactionIsRefusedThere() throws IOException {
    try (RunningServer primary = start("primary");
        RunningServer replica = replicaOf(primary);
        RawClient admin = primary.connect()) {
      boolean _ =
          replica
              .server()
              .replication()
              .whileStill(
                  () -> {
                    admin.ask("SET", "k", "unacknowledged");
                    inTransaction(admin, "SELECT 1", "FAILOVER", "FAILOVER", "FAILOVER ABORT");
                    assertEquals(
                        "*4\r\n+OK\r\n+OK\r\n-ERR FAILOVER already in progress.\r\n+OK\r\n",
                        executed(admin, 4));
                    return true;
                  });
      inTransaction(admin, "SELECT 1", "REPLICAOF 127.0.0.1 1", "FAILOVER");
      assertEquals(
          "*3\r\n+OK\r\n+OK\r\n-ERR FAILOVER is not valid when server is a replica.\r\n",
          executed(admin, 3));
    }
  }

  @Test
  void whoLeavesWhileItsTransactionWaitsListensToNothing() throws IOException {
    try (RunningServer node = start("node");
        RawClient other = node.connect()) {
      RawClient admin = node.connect();
      boolean _ =
          node.server()
              .replication()
              .whileStill(
                  () -> {
                    inTransaction(admin, "SUBSCRIBE c", "SET k v", "REPLICAOF 127.0.0.1 1");
                    Eventually.await("it waits", () -> executes(other));
                    admin.close();
                    Eventually.await("it is gone", () -> !executes(other));
                    return true;
                  });
      Eventually.await("it has run", () -> other.ask("GET", "k").equals("$1\r\nv\r\n"));
      assertEquals("*0\r\n", other.ask("PUBSUB", "CHANNELS"));
    }
  }

  private static boolean executes(RawClient asked) {
    return asked.ask("CLIENT", "LIST").contains(" cmd=exec ");
  }
}
