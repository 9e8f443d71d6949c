package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.server.replication.Effects;
import io.redknot.server.replication.ReplicaLink;
import io.redknot.server.replication.Replication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AofFailureTest {
  private static final String OK = "+OK\r\n";
  private static final String FULL =
      "-MISCONF Errors writing to the AOF file: No space left on device\r\n";
  private static final String BROKEN =
      "-MISCONF Errors writing to the AOF file: Input/output error\r\n";

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start(String fsync, String... more) {
    List<String> options = new ArrayList<>(List.of("--dir", directory.toString()));
    options.addAll(List.of("--appendonly", "yes", "--appendfsync", fsync));
    options.addAll(List.of(more));
    return RunningServer.startOn(disk, options.toArray(String[]::new));
  }

  private static void await(BooleanSupplier condition) {
    Eventually.await("what the test waits for", condition);
  }

  /** Gives a write until the answer is another one; no other answer may come before it. */
  private static void setUntil(RawClient client, String before, String after) {
    String reply = client.ask("SET", "probe", "x");
    while (reply.equals(before)) {
      reply = client.ask("SET", "probe", "x");
    }
    assertEquals(after, reply);
  }

  private static String field(RawClient client, String name) {
    String info = client.ask("INFO", "persistence");
    int at = info.indexOf(name + ":");
    return info.substring(at + name.length() + 1, info.indexOf('\r', at));
  }

  @Test
  void fullDiskRefusesWritesUntilThereIsRoom() {
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      client.ask("SET", "before", "1");
      disk.room(10);
      setUntil(client, OK, FULL);
      assertEquals(FULL, client.ask("PING"));
      assertEquals("$1\r\n1\r\n", client.ask("GET", "before"));
      assertEquals("err", field(client, "aof_last_write_status"));
      disk.room(Long.MAX_VALUE);
      setUntil(client, FULL, OK);
      assertEquals("ok", field(client, "aof_last_write_status"));
      client.ask("SET", "after", "2");
    }
    assertLoaded("before", "after", "probe");
  }

  private void assertLoaded(String... keys) {
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      for (String key : keys) {
        assertEquals(":1\r\n", client.ask("EXISTS", key), key);
      }
    }
  }

  @Test
  void alwaysAcknowledgesNothingThatIsNotSynced() {
    try (RunningServer server = start("always");
        RawClient writer = server.connect();
        RawClient other = server.connect()) {
      disk.syncsFail(true);
      writer.command("SET", "a", "1");
      pingUntilRefused(server, other, BROKEN);
      // Who has changed nothing gets replies; the writer gets none before the disk works.
      assertEquals("$1\r\n1\r\n", other.ask("GET", "a"));
      disk.syncsFail(false);
      assertEquals(OK, writer.reply());
      setUntil(other, BROKEN, OK);
      writer.ask("SET", "b", "2");
    }
    assertLoaded("a", "b");
  }

  /**
   * PING is refused as writes are, and waits for nothing once the failure is known: before that,
   * its reply is held with those of all whose requests were at work while something was changed.
   */
  private static void pingUntilRefused(RunningServer server, RawClient client, String refusal) {
    CommitGate gate = server.server().persister().appendOnly().gate();
    await(() -> gate.passes(Long.MAX_VALUE, false));
    String reply = client.ask("PING");
    while (!reply.equals(refusal)) {
      reply = client.ask("PING");
    }
  }

  @Test
  void whatFullDiskTookInPartIsWrittenAnew() {
    try (RunningServer server = start("always");
        RawClient writer = server.connect();
        RawClient other = server.connect()) {
      disk.room(7);
      writer.command("SET", "a", "1");
      pingUntilRefused(server, other, FULL);
      disk.room(Long.MAX_VALUE);
      assertEquals(OK, writer.reply());
    }
    assertLoaded("a");
  }

  @Test
  void whoWaitedForKeyIsNotToldWhatIsNotSynced() {
    try (RunningServer server = start("always");
        RawClient waiting = server.connect();
        RawClient pusher = server.connect();
        RawClient other = server.connect()) {
      waiting.command("BLPOP", "list", "0");
      await(() -> other.ask("INFO", "clients").contains("blocked_clients:1"));
      disk.syncsHang(true);
      pusher.command("RPUSH", "list", "x");
      await(
          () ->
              server.server().shards().isEmpty(0)
                  && server.server().stats().commandsProcessedEver() > 1);
      disk.syncsFail(true);
      disk.syncsHang(false);
      pingUntilRefused(server, other, BROKEN);
      // The element is taken, and a crash could still bring it back.
      assertTrue(waiting.isSilent());
      assertTrue(pusher.isSilent());
      disk.syncsFail(false);
      assertEquals("*2\r\n$4\r\nlist\r\n$1\r\nx\r\n", waiting.reply());
      assertEquals(":1\r\n", pusher.reply());
    }
  }

  @Test
  void whoChangedNothingIsNotHeldByTheChangesOfOthers() {
    try (RunningServer server = start("always");
        RawClient waiting = server.connect();
        RawClient writer = server.connect();
        RawClient other = server.connect()) {
      String id = waiting.ask("CLIENT", "ID").substring(1).strip();
      waiting.command("BLPOP", "list", "0");
      await(() -> other.ask("INFO", "clients").contains("blocked_clients:1"));
      disk.syncsFail(true);
      writer.command("SET", "a", "1");
      pingUntilRefused(server, other, BROKEN);
      assertEquals(":1\r\n", other.ask("CLIENT", "UNBLOCK", id));
      assertEquals("*-1\r\n", waiting.reply());
      assertTrue(writer.isSilent());
      disk.syncsFail(false);
      assertEquals(OK, writer.reply());
    }
  }

  @Test
  void whoFindsKeyExpiredHasChangedNothing() {
    try (RunningServer server = start("always");
        RawClient writer = server.connect();
        RawClient other = server.connect()) {
      other.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      other.ask("SET", "over", "1", "PXAT", "1");
      disk.syncsFail(true);
      writer.command("SET", "a", "1");
      pingUntilRefused(server, other, BROKEN);
      assertEquals("$-1\r\n", other.ask("GET", "over"));
      assertTrue(writer.isSilent());
      disk.syncsFail(false);
      assertEquals(OK, writer.reply());
    }
  }

  private static void awaitDurable(RunningServer server) {
    AppendOnly appendOnly = server.server().persister().appendOnly();
    Eventually.await("all is synced", () -> appendOnly.durable() == appendOnly.appended());
  }

  @Test
  void whatIsNotSyncedBesideSaveIsSyncedBehindIt() {
    try (RunningServer server = start("always");
        RawClient client = server.connect()) {
      client.ask("CONFIG", "SET", "no-appendfsync-on-rewrite", "yes");
      disk.syncsHang(true);
      client.ask("BGSAVE");
      assertEquals(OK, client.ask("SET", "a", "1"));
      assertEquals("1", field(client, "rdb_bgsave_in_progress"));
      disk.syncsHang(false);
      awaitDurable(server);
      disk.syncsHang(true);
      client.ask("BGSAVE");
      assertEquals(OK, client.ask("SET", "a", "2"));
      client.command("CONFIG", "SET", "no-appendfsync-on-rewrite", "no");
      disk.syncsHang(false);
      assertEquals(OK, client.reply());
      awaitDurable(server);
    }
  }

  @Test
  void changedPolicyHoldsForWhatIsWrittenAlready() {
    try (RunningServer server = start("no");
        RawClient client = server.connect()) {
      for (String policy : List.of("everysec", "always")) {
        client.ask("CONFIG", "SET", "appendfsync", "no");
        client.ask("SET", "a", policy);
        await(() -> field(client, "aof_buffer_length").equals("0"));
        client.ask("CONFIG", "SET", "appendfsync", policy);
        awaitDurable(server);
      }
    }
  }

  @Test
  void appendingIsNotTurnedOnWhereItsManifestCannotBeRead() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("appendonlydir"));
    Files.writeString(folder.resolve("appendonly.aof.manifest"), "nonsense\n");
    try (RunningServer server = RunningServer.startOn(disk, "--dir", directory.toString());
        RawClient client = server.connect()) {
      String refusal =
          "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on"
              + " AOF. Check server logs.\r\n";
      assertEquals(refusal, client.ask("CONFIG", "SET", "appendonly", "yes"));
      client.ask("MULTI");
      client.ask("CONFIG", "SET", "appendonly", "yes");
      assertEquals("*1\r\n" + refusal, client.ask("EXEC"));
      Files.delete(folder.resolve("appendonly.aof.manifest"));
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      await(() -> field(client, "aof_rewrite_in_progress").equals("0"));
      assertEquals("1", field(client, "aof_enabled"));
    }
  }

  @Test
  void manyConnectionsShareOneSync() {
    int clients = 20;
    int rounds = 20;
    try (RunningServer server = start("always")) {
      List<RawClient> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        all.add(server.connect());
      }
      long before = disk.syncs();
      for (int round = 0; round < rounds; round++) {
        disk.syncsHang(true);
        for (int i = 0; i < clients; i++) {
          all.get(i).command("SET", "k" + i, "" + round);
        }
        long expected = (long) clients * (round + 1);
        await(() -> server.server().stats().commandsProcessedEver() == expected);
        disk.syncsHang(false);
        all.forEach(client -> assertEquals(OK, client.reply()));
      }
      long syncs = disk.syncs() - before;
      assertTrue(syncs <= (long) clients * rounds / 2, syncs + " syncs");
      all.forEach(RawClient::close);
    }
  }

  @Test
  void replyWaitsForItsSync() {
    try (RunningServer server = start("always");
        RawClient client = server.connect();
        RawClient reader = server.connect()) {
      for (int round = 0; round < 50; round++) {
        disk.syncsHang(true);
        client.command("SET", "a", "1");
        long changed = 2L * round + 1;
        await(() -> server.server().stats().commandsProcessedEver() == changed);
        // A reader would see what a crash could still undo.
        reader.command("GET", "a");
        await(() -> server.server().stats().commandsProcessedEver() == changed + 1);
        assertTrue(client.isSilent());
        assertTrue(reader.isSilent());
        disk.syncsHang(false);
        assertEquals(OK, client.reply());
        assertEquals("$1\r\n1\r\n", reader.reply());
      }
    }
  }

  @Test
  void replicasGetNothingThatIsNotSynced() throws Exception {
    try (RunningServer server = start("always", "--repl-diskless-sync", "no");
        RawClient client = server.connect();
        RawClient replica = server.connect()) {
      replica.command("PSYNC", "?", "-1");
      Replication replication = server.server().replication();
      await(() -> replication.replicas().stream().anyMatch(ReplicaLink::isOnline));
      ReplicaLink link = replication.replicas().getFirst();
      for (int round = 0; round < 20; round++) {
        disk.syncsHang(true);
        long before = replication.offset();
        client.command("SET", "a", "1");
        // More than a PING, which may come at any time.
        await(() -> replication.offset() > before + 20);
        link.connection().eventLoop().submit(() -> {}).sync();
        boolean held = link.position() < replication.offset();
        // First, or nothing could be closed.
        disk.syncsHang(false);
        assertTrue(held);
        assertEquals(OK, client.reply());
        await(() -> link.position() == replication.offset());
      }
    }
  }

  @Test
  void secondsOfSyncsThatHangAreCountedAndWritesGoOn() {
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      disk.syncsHang(true);
      while (field(client, "aof_pending_bio_fsync").equals("0")) {
        assertEquals(OK, client.ask("SET", "k", "v"));
      }
      while (field(client, "aof_delayed_fsync").equals("0")) {
        assertEquals(OK, client.ask("SET", "k", "v"));
      }
      disk.syncsHang(false);
    }
    assertLoaded("k");
  }

  @Test
  void failedRewriteLeavesAllAsItWas() {
    Predicate<Path> bases = path -> path.toString().contains(".base.");
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      disk.renamesFail(bases);
      for (int i = 0; i < 3; i++) {
        client.ask("BGREWRITEAOF");
        await(() -> field(client, "aof_rewrite_in_progress").equals("0"));
        client.ask("SET", "b" + i, "1");
      }
      assertEquals("err", field(client, "aof_last_bgrewrite_status"));
      assertEquals("3", field(client, "aof_rewrites_consecutive_failures"));
      disk.renamesFail(path -> false);
      client.ask("BGREWRITEAOF");
      await(() -> field(client, "aof_rewrite_in_progress").equals("0"));
      assertEquals("ok", field(client, "aof_last_bgrewrite_status"));
      client.ask("SET", "c", "1");
    }
    assertLoaded("a", "b0", "b1", "b2", "c");
  }

  @Test
  void failedManifestLeavesAllAsItWas() {
    Predicate<Path> manifests = path -> path.toString().endsWith(".manifest");
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      disk.renamesFail(manifests);
      client.ask("BGREWRITEAOF");
      setUntil(client, OK, BROKEN);
      disk.renamesFail(path -> false);
      setUntil(client, BROKEN, OK);
      client.ask("SET", "b", "1");
    }
    assertLoaded("a", "b", "probe");
  }

  @Test
  void rewriteThatIsCalledOffCountsNoTime() {
    try (RunningServer server = RunningServer.startOn(disk, "--dir", directory.toString());
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      disk.syncsHang(true);
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      assertEquals("1", field(client, "aof_rewrite_in_progress"));
      assertEquals("0", field(client, "aof_current_rewrite_time_sec"));
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "no"));
      assertEquals("0", field(client, "aof_rewrite_in_progress"));
      assertEquals("-1", field(client, "aof_current_rewrite_time_sec"));
      disk.syncsHang(false);
      server.awaitFiles();
    }
  }

  @Test
  void fileThatLacksSomethingIsRewritten() {
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      Effects effects = new Effects();
      effects.lose();
      server.server().propagator().publish(effects);
      await(() -> field(client, "aof_rewrites").equals("1"));
      await(() -> field(client, "aof_rewrite_in_progress").equals("0"));
      server.awaitFiles();
    }
    assertLoaded("a");
  }

  @Test
  void rewriteThatWaitsForSaveIsPending() {
    try (RunningServer server = start("everysec");
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      assertEquals("0", field(client, "aof_pending_rewrite"));
      disk.syncsHang(true);
      client.ask("BGSAVE");
      client.ask("BGREWRITEAOF");
      assertEquals("1", field(client, "aof_pending_rewrite"));
      disk.syncsHang(false);
      await(() -> field(client, "aof_pending_rewrite").equals("0"));
      server.awaitFiles();
    }
  }

  @Test
  void appendingIsTurnedOnAndOffWhileItRuns() {
    try (RunningServer server = RunningServer.startOn(disk, "--dir", directory.toString());
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      for (int i = 0; i < 3; i++) {
        assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
        client.ask("SET", "b" + i, "1");
        await(() -> field(client, "aof_rewrite_in_progress").equals("0"));
        client.ask("SET", "c" + i, "1");
        if (i < 2) {
          assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "no"));
          client.ask("SET", "d" + i, "1");
        }
      }
    }
    assertLoaded("a", "b0", "c0", "d0", "b1", "c1", "d1", "b2", "c2");
  }
}
