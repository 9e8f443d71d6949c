package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.server.replication.PrimaryLink;
import io.redknot.server.replication.Replication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that comes back to its primary again and again while clients are paused. */
class PausedLinkTest {
  private static final int RECONNECTS = 4;

  private @TempDir Path directory;

  private RunningServer start(String name, String... options) throws Exception {
    String folder = Files.createDirectories(directory.resolve(name)).toString();
    String[] all = {"--dir", folder, "--repl-diskless-sync-delay", "0"};
    String[] both = Arrays.copyOf(all, all.length + options.length);
    System.arraycopy(options, 0, both, all.length, options.length);
    return RunningServer.start(both);
  }

  private static void awaitHeld(RunningServer primary, RunningServer replica) {
    Replication of = replica.server().replication();
    Eventually.await(
        "all that was written has come",
        () -> {
          PrimaryLink link = of.primary();
          return link != null
              && link.isUp()
              && link.readOffset() == primary.server().replication().offset();
        });
  }

  @Test
  void nothingOfALostLinkWaitsForTheEndOfThePause() throws Exception {
    try (RunningServer primary = start("primary", "--repl-ping-replica-period", "3600");
        RunningServer replica = start("replica", "--replicaof", "127.0.0.1 " + primary.port());
        RawClient writer = primary.connect();
        RawClient admin = replica.connect()) {
      writer.ask("SET", "k", "first");
      Replication of = replica.server().replication();
      Eventually.await("it has the key", () -> admin.ask("GET", "k").contains("first"));
      long applied = of.offset();
      admin.ask("CLIENT", "PAUSE", "100000", "WRITE");
      ClientPause pause = replica.server().dispatcher().pause();
      for (int i = 0; i < RECONNECTS; i++) {
        writer.ask("INCR", "n");
        awaitHeld(primary, replica);
        Eventually.await("one link, one to go on", () -> pause.actionCount() == 1);
        assertEquals(applied, of.offset(), "nothing is executed");
        writer.ask("CLIENT", "KILL", "TYPE", "replica");
      }
      awaitHeld(primary, replica);
      admin.ask("REPLICAOF", "NO", "ONE");
      Eventually.await("the last link leaves nothing, either", () -> pause.actionCount() == 0);
      admin.ask("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
      admin.ask("CLIENT", "UNPAUSE");
      Eventually.await("it goes on", () -> admin.ask("GET", "n").contains("" + RECONNECTS));
    }
  }
}
