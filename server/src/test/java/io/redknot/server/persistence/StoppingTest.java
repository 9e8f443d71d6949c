package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.StopRequest;
import io.redknot.server.Stopping;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoppingTest {
  private static final String OK = "+OK\r\n";
  private static final String REFUSED = "-ERR Errors trying to SHUTDOWN. Check logs.\r\n";
  private static final String NO_STOP = "-ERR No shutdown in progress.\r\n";

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start() {
    return RunningServer.startOn(
        disk,
        "--dir",
        directory.toString(),
        "--repl-diskless-sync",
        "no",
        "--shutdown-timeout",
        "60");
  }

  /** What the main thread does; completed when the server is to stop. */
  private static CompletableFuture<StopRequest> await(RunningServer server) {
    CompletableFuture<StopRequest> stop = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                stop.complete(server.server().stopping().await());
              } catch (InterruptedException | RuntimeException failure) {
                stop.completeExceptionally(failure);
              }
            });
    return stop;
  }

  private static void awaitWaiting(RawClient client, int clients) {
    Eventually.await(
        "clients wait", () -> client.ask("INFO", "clients").contains("blocked_clients:" + clients));
  }

  /** Takes a data set and says nothing more. */
  private static void follow(RawClient replica, RawClient client) {
    replica.command("PSYNC", "?", "-1");
    Eventually.await(
        "the replica is online", () -> client.ask("INFO", "replication").contains("state=online"));
  }

  @Test
  void stopThatWaitsForReplicaIsCalledOff() {
    try (RunningServer server = start();
        RawClient replica = server.connect();
        RawClient first = server.connect();
        RawClient second = server.connect();
        RawClient client = server.connect()) {
      CompletableFuture<StopRequest> stop = await(server);
      follow(replica, client);
      assertEquals(NO_STOP, client.ask("SHUTDOWN", "ABORT"));
      assertEquals(OK, client.ask("SET", "a", "1"));
      first.command("SHUTDOWN");
      awaitWaiting(client, 1);
      second.command("SHUTDOWN", "NOW");
      awaitWaiting(client, 2);
      Eventually.await(
          "the time is shown",
          () -> client.ask("INFO", "server").contains("shutdown_in_milliseconds:"));
      assertEquals("-ERR syntax error\r\n", client.ask("SHUTDOWN", "ABORT", "NOW"));
      assertEquals(OK, client.ask("SHUTDOWN", "ABORT"));
      assertEquals(REFUSED, first.reply());
      assertEquals(REFUSED, second.reply());
      assertEquals(NO_STOP, client.ask("SHUTDOWN", "ABORT"));
      assertEquals(OK, client.ask("SET", "a", "2"));
      assertFalse(client.ask("INFO", "server").contains("shutdown_in_milliseconds:"));
      assertFalse(stop.isDone());
    }
  }

  @Test
  void stopNowWaitsForNoReplica() throws Exception {
    try (RunningServer server = start();
        RawClient replica = server.connect();
        RawClient client = server.connect()) {
      CompletableFuture<StopRequest> stop = await(server);
      follow(replica, client);
      assertEquals(OK, client.ask("SET", "a", "1"));
      client.command("SHUTDOWN", "NOW", "NOSAVE");
      assertTrue(stop.get(10, TimeUnit.SECONDS).options().now());
    }
  }

  @Test
  void nothingIsAcknowledgedThatTheLastSaveMisses() {
    try (RunningServer server = start();
        RawClient stopper = server.connect();
        RawClient writer = server.connect();
        RawClient client = server.connect()) {
      CompletableFuture<StopRequest> stop = await(server);
      disk.syncsHang(true);
      stopper.command("SHUTDOWN", "SAVE");
      Eventually.await(
          "it saves", () -> client.ask("INFO", "persistence").contains("bgsave_in_progress:1"));
      writer.command("SET", "a", "1");
      Eventually.await(
          "the write waits", () -> server.server().dispatcher().pause().waitingCount() == 1);
      assertEquals("$-1\r\n", client.ask("GET", "a"));
      assertTrue(writer.isSilent());
      assertEquals(OK, client.ask("SHUTDOWN", "ABORT"));
      disk.syncsHang(false);
      assertEquals(REFUSED, stopper.reply());
      assertEquals(OK, writer.reply());
      assertFalse(stop.isDone());
    }
  }

  @Test
  void stopIsRefusedWhereTheDataCannotBeSaved() throws Exception {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      CompletableFuture<StopRequest> stop = await(server);
      client.ask("SET", "a", "1");
      disk.room(10);
      assertEquals(REFUSED, client.ask("SHUTDOWN", "SAVE"));
      assertFalse(stop.isDone());
      client.command("SHUTDOWN", "SAVE", "FORCE");
      assertTrue(stop.get(10, TimeUnit.SECONDS).options().force());
    }
  }

  @Test
  void whoIsRefusedMayAskAgainAtOnce() throws Exception {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      CompletableFuture<StopRequest> stop = await(server);
      client.ask("SET", "a", "1");
      disk.room(10);
      Stopping stopping = server.server().stopping();
      ShutdownOptions save = new ShutdownOptions(true, false, false, false);
      ShutdownOptions force = new ShutdownOptions(true, false, false, true);
      stopping.request(save, () -> stopping.request(force, () -> {}));
      assertTrue(stop.get(10, TimeUnit.SECONDS).options().force());
    }
  }
}
