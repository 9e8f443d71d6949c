package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoop;
import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where there is one event loop, it writes and syncs with {@code appendfsync always}. */
class LoopCommitTest {
  private static final String OK = "+OK\r\n";
  private static final String BROKEN =
      "-MISCONF Errors writing to the AOF file: Input/output error\r\n";
  private static final String FULL =
      "-MISCONF Errors writing to the AOF file: No space left on device\r\n";

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start() {
    disk.syncsOnlySeem(true);
    return RunningServer.startOn(
        disk,
        "--dir",
        directory.toString(),
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--io-threads",
        "1");
  }

  private static EventLoop loop(RunningServer server) {
    return server.server().listener().anyLoop();
  }

  /** Changes something until its sync was made by the loop, as that of a fast disk is. */
  private void awaitSyncByLoop(RunningServer server, RawClient client) {
    assertEquals(OK, client.ask("SET", "probe", "x"));
    while (!loop(server).inEventLoop(disk.syncedBy())) {
      assertEquals(OK, client.ask("SET", "probe", "x"));
    }
  }

  private static void awaitDurable(RunningServer server) {
    AppendOnly appendOnly = server.server().persister().appendOnly();
    Eventually.await("all is synced", () -> appendOnly.durable() == appendOnly.appended());
  }

  private static void awaitWriting(RunningServer server) {
    Eventually.await("the disk works", server.server().persister().appendOnly()::isWriting);
  }

  /** Asks until the failure is known, from when on nobody waits who has changed nothing. */
  private static void pingUntilRefused(RunningServer server, RawClient client, String refusal) {
    CommitGate gate = server.server().persister().appendOnly().gate();
    Eventually.await("the failure is known", () -> gate.passes(Long.MAX_VALUE, false));
    assertEquals(refusal, client.ask("PING"));
  }

  private void assertLoaded(String... keys) {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      for (String key : keys) {
        assertEquals(":1\r\n", client.ask("EXISTS", key), key);
      }
    }
  }

  @Test
  void replyWaitsForSyncOfLoop() {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      awaitSyncByLoop(server, client);
      for (int round = 0; round < 20; round++) {
        disk.syncsHang(true);
        client.command("SET", "a", "1");
        Eventually.await("a sync", disk::isHanging);
        assertTrue(client.isSilent());
        disk.syncsHang(false);
        assertEquals(OK, client.reply());
      }
    }
    assertLoaded("a");
  }

  @Test
  void allThatLoopFindsInOneRoundShareOneSync() {
    int clients = 20;
    try (RunningServer server = start();
        RawClient first = server.connect()) {
      List<RawClient> others = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        RawClient client = server.connect();
        assertEquals("+PONG\r\n", client.ask("PING"));
        others.add(client);
      }
      awaitSyncByLoop(server, first);
      CountDownLatch sent = new CountDownLatch(1);
      loop(server).execute(() -> awaitQuietly(sent));
      others.forEach(client -> client.command("SET", "other", "1"));
      long before = disk.syncs();
      sent.countDown();
      others.forEach(client -> assertEquals(OK, client.reply()));
      // Another one for who was still on the way.
      assertTrue(disk.syncs() - before <= 2, disk.syncs() - before + " syncs");
      others.forEach(RawClient::close);
    }
    assertLoaded("other");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatNobodyGetsReplyToIsSynced() {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      awaitSyncByLoop(server, client);
      client.command("CLIENT", "REPLY", "OFF");
      long before = server.server().persister().appendOnly().appended();
      client.command("SET", "silent", "1");
      Eventually.await(
          "the change", () -> server.server().persister().appendOnly().appended() > before);
      awaitDurable(server);
    }
    assertLoaded("silent");
  }

  @Test
  void failedSyncOfLoopIsMadeGood() {
    try (RunningServer server = start();
        RawClient writer = server.connect();
        RawClient other = server.connect()) {
      awaitSyncByLoop(server, writer);
      disk.syncsFail(true);
      writer.command("SET", "a", "1");
      pingUntilRefused(server, other, BROKEN);
      assertEquals("$1\r\n1\r\n", other.ask("GET", "a"));
      assertTrue(writer.isSilent());
      disk.syncsFail(false);
      assertEquals(OK, writer.reply());
      awaitWriting(server);
      awaitSyncByLoop(server, other);
    }
    assertLoaded("a");
  }

  @Test
  void whatFullDiskTookInPartOfLoopIsWrittenAnew() {
    try (RunningServer server = start();
        RawClient writer = server.connect();
        RawClient other = server.connect()) {
      awaitSyncByLoop(server, writer);
      disk.room(7);
      writer.command("SET", "a", "1");
      pingUntilRefused(server, other, FULL);
      disk.room(Long.MAX_VALUE);
      assertEquals(OK, writer.reply());
      awaitWriting(server);
      assertEquals(OK, writer.ask("SET", "b", "1"));
    }
    assertLoaded("a", "b");
  }

  @Test
  void loopGoesOnServingBesideSlowDisk() throws Exception {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      awaitSyncByLoop(server, client);
      disk.syncsHang(true);
      client.command("SET", "a", "1");
      Eventually.await("a sync", disk::isHanging);
      long began = server.server().clock().nanos();
      Eventually.await(
          "a sync that takes long",
          () -> server.server().clock().nanos() - began > TimeUnit.MILLISECONDS.toNanos(5));
      disk.syncsHang(false);
      assertEquals(OK, client.reply());
      disk.syncsHang(true);
      client.command("SET", "a", "2");
      Eventually.await("another sync", disk::isHanging);
      assertTrue(loop(server).submit(() -> true).get(10, TimeUnit.SECONDS));
      assertTrue(client.isSilent());
      disk.syncsHang(false);
      assertEquals(OK, client.reply());
      assertFalse(loop(server).inEventLoop(disk.syncedBy()));
      // A disk that is fast again is the loop's again.
      awaitSyncByLoop(server, client);
    }
    assertLoaded("a");
  }

  @Test
  void filesChangeBesideCommitsOfLoop() {
    try (RunningServer server = start();
        RawClient client = server.connect();
        RawClient other = server.connect()) {
      awaitSyncByLoop(server, client);
      for (int i = 0; i < 5; i++) {
        other.ask("BGREWRITEAOF");
        int written = 0;
        while (other.ask("INFO", "persistence").contains("aof_rewrite_in_progress:1")) {
          assertEquals(OK, client.ask("SET", "k" + i + ":" + written++, "1"));
        }
        assertEquals(OK, client.ask("SET", "behind" + i, "1"));
      }
      awaitSyncByLoop(server, client);
      awaitDurable(server);
    }
    assertLoaded("behind0", "behind1", "behind2", "behind3", "behind4");
  }
}
