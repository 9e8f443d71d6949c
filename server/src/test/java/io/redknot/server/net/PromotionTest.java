package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.dispatch.Router;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients are sent to a node that was promoted before it has changed its role. */
class PromotionTest {
  private static RunningServer start(Path directory) {
    return RunningServer.start("--cluster-enabled", "yes", "--dir", directory.toString());
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
      // The change of the role waits for it, and one of the event loops for that.
      synchronized (replica.server().replication()) {
        admin.command("CLUSTER", "FAILOVER", "TAKEOVER");
        Eventually.await("it owns the slots", () -> router.view().isMine(0));
        admin.command("INCR", "k");
        other.command("INCR", "k");
        Eventually.await("a write waits", () -> dispatcher.pause().waitingCount() > 0);
      }
      assertEquals("+OK\r\n", admin.reply());
      Set<String> replies = new TreeSet<>(List.of(admin.reply(), other.reply()));
      assertEquals(Set.of(":2\r\n", ":3\r\n"), replies);
    }
  }
}
