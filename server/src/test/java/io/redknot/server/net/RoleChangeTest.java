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

  /** As while a slow command holds the lock of a shard; every event loop answers meanwhile. */
  private static void whileNoRoleChanges(RunningServer server, String what, Runnable asked) {
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
              Eventually.await(what + " is being carried out", () -> follows(server) != before);
              for (RawClient other : others) {
                assertEquals("+PONG\r\n", other.ask("PING"));
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
}
