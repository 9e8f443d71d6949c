package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients are told while a save or a rewrite runs; the disk decides for how long. */
class RewriteCommandsTest {
  private static final String OK = "+OK\r\n";
  private static final String STARTED = "+Background append only file rewriting started\r\n";

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();
  private RunningServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = RunningServer.startOn(disk, "--dir", directory.toString());
    client = server.connect();
    client.ask("MSET", "a", "1", "b", "2");
  }

  @AfterEach
  void stop() {
    disk.syncsHang(false);
    client.close();
    server.close();
  }

  private String field(String name) {
    String info = client.ask("INFO", "persistence");
    int at = info.indexOf("\n" + name + ":");
    return at < 0 ? "" : info.substring(at + name.length() + 2, info.indexOf('\r', at));
  }

  private void await(String name, String value) {
    Eventually.await("a field of INFO", () -> field(name).equals(value));
  }

  private void awaitRewrite() {
    await("aof_rewrite_in_progress", "0");
    assertEquals("ok", field("aof_last_bgrewrite_status"));
  }

  @Test
  void aKeyOfTheBaseThatWasKeptFromExpiringIsThereAfterARestart() {
    client.ask("CONFIG", "SET", "appendonly", "yes");
    await("aof_rewrite_scheduled", "0");
    awaitRewrite();
    client.ask("SET", "k", "5", "PX", "4000");
    String expiry = client.ask("PEXPIRETIME", "k");
    assertEquals(STARTED, client.ask("BGREWRITEAOF"));
    awaitRewrite();
    assertEquals(":6\r\n", client.ask("INCR", "k"));
    assertEquals(":1\r\n", client.ask("PERSIST", "k"));
    long expiryMs = Long.parseLong(expiry.substring(1, expiry.length() - 2));
    Eventually.await("the end of the key", () -> server.server().clock().nowMs() > expiryMs);
    client.close();
    server.close();
    server =
        RunningServer.startOn(new SimDisk(), "--dir", directory.toString(), "--appendonly", "yes");
    client = server.connect();
    assertEquals("$1\r\n6\r\n", client.ask("GET", "k"));
  }

  @Test
  void oneIsRefusedOrScheduledWhileTheOtherRuns() {
    disk.syncsHang(true);
    assertEquals(STARTED, client.ask("BGREWRITEAOF"));
    assertEquals("1", field("aof_rewrite_in_progress"));
    assertEquals(
        "-ERR Background append only file rewriting already in progress\r\n",
        client.ask("BGREWRITEAOF"));
    assertEquals(
        "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE"
            + " in order to schedule a BGSAVE whenever possible.\r\n",
        client.ask("BGSAVE"));
    assertEquals("+Background saving scheduled\r\n", client.ask("BGSAVE", "SCHEDULE"));
    disk.syncsHang(false);
    awaitRewrite();
    await("rdb_saves", "1");

    disk.syncsHang(true);
    assertEquals("+Background saving started\r\n", client.ask("BGSAVE"));
    assertEquals("-ERR Background save already in progress\r\n", client.ask("BGSAVE"));
    assertEquals("-ERR Background save already in progress\r\n", client.ask("SAVE"));
    assertEquals(
        "+Background append only file rewriting scheduled\r\n", client.ask("BGREWRITEAOF"));
    assertEquals("1", field("aof_rewrite_scheduled"));
    disk.syncsHang(false);
    await("aof_rewrites", "2");
    awaitRewrite();
  }

  @Test
  void rewriteWorksWhileNothingIsAppended() {
    assertEquals(STARTED, client.ask("BGREWRITEAOF"));
    awaitRewrite();
    assertEquals("0", field("aof_enabled"));
    assertTrue(Files.exists(directory.resolve("appendonlydir/appendonly.aof.1.base.rdb")));
    assertEquals(STARTED, client.ask("BGREWRITEAOF"));
    awaitRewrite();
    assertTrue(Files.exists(directory.resolve("appendonlydir/appendonly.aof.2.base.rdb")));
    assertFalse(Files.exists(directory.resolve("appendonlydir/appendonly.aof.1.base.rdb")));
  }

  @Test
  void fileThatGrowsIsRewritten() {
    client.ask("CONFIG", "SET", "auto-aof-rewrite-min-size", "20kb");
    assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
    awaitRewrite();
    String value = "x".repeat(1000);
    for (int i = 0; i < 30; i++) {
      assertEquals(OK, client.ask("SET", "k", value));
    }
    await("aof_rewrites", "2");
    awaitRewrite();
    assertTrue(Long.parseLong(field("aof_base_size")) < 20_000, field("aof_base_size"));
  }

  @Test
  void stopIsRefusedBeforeTheFirstBaseIsWritten() throws InterruptedException {
    disk.syncsHang(true);
    assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
    Persister persister = server.server().persister();
    assertFalse(persister.saveBeforeStop(new ShutdownOptions(false, true, false, false)));
    assertTrue(persister.saveBeforeStop(new ShutdownOptions(false, true, false, true)));
    disk.syncsHang(false);
    awaitRewrite();
    assertTrue(persister.saveBeforeStop(new ShutdownOptions(false, true, false, false)));
  }

  @Test
  void appendingIsTurnedOffWhileTheFirstBaseIsWritten() {
    disk.syncsHang(true);
    assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
    assertEquals("1", field("aof_enabled"));
    assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "no"));
    assertEquals("0", field("aof_enabled"));
    disk.syncsHang(false);
    assertEquals(OK, client.ask("SET", "c", "3"));
    assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
    awaitRewrite();
    assertEquals(OK, client.ask("SET", "d", "4"));
    client.close();
    server.close();
    server = RunningServer.startOn(disk, "--dir", directory.toString(), "--appendonly", "yes");
    client = server.connect();
    assertEquals(":4\r\n", client.ask("DBSIZE"));
  }

  @Test
  void folderThatCannotBeMadeIsTold() throws Exception {
    Files.writeString(directory.resolve("appendonlydir"), "in the way");
    assertEquals(
        "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on"
            + " AOF. Check server logs.\r\n",
        client.ask("CONFIG", "SET", "appendonly", "yes"));
    assertEquals(
        "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n", client.ask("CONFIG", "GET", "appendonly"));
    assertEquals("0", field("aof_enabled"));
  }
}
