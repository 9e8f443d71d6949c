package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.ReplayClient;
import io.redknot.server.dispatch.Turn;
import io.redknot.server.net.Eventually;
import io.redknot.server.net.PeerAddress;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.server.net.Session;
import io.redknot.server.replication.RecordedStream;
import io.redknot.server.stats.LoopStats;
import io.redknot.storage.rdb.RdbFileWriter;
import io.redknot.storage.rdb.RdbOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadingTest {
  private static final String OK = "+OK\r\n";
  private static final String MISCONF =
      "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to"
          + " disk. Commands that may modify the data set are disabled, because this instance is"
          + " configured to report errors during writes if RDB snapshotting fails"
          + " (stop-writes-on-bgsave-error option). Please check the Redis logs for details about"
          + " the RDB error.\r\n";

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start(String... more) {
    String[] all = new String[more.length + 4];
    System.arraycopy(
        new String[] {"--dir", directory.toString(), "--enable-debug-command", "yes"},
        0,
        all,
        0,
        4);
    System.arraycopy(more, 0, all, 4, more.length);
    return RunningServer.startOn(disk, all);
  }

  private static void fill(RawClient client) {
    client.ask("MSET", "a", "1", "b", "2");
    client.ask("RPUSH", "l", "x", "y");
    client.ask("PEXPIREAT", "b", "4102444800123");
    client.ask("SELECT", "5");
    client.ask("SADD", "s", "m");
    client.ask("SELECT", "0");
  }

  private static void assertFilled(RawClient client) {
    assertEquals(":3\r\n", client.ask("DBSIZE"));
    assertEquals("*2\r\n$1\r\nx\r\n$1\r\ny\r\n", client.ask("LRANGE", "l", "0", "-1"));
    assertEquals(":4102444800123\r\n", client.ask("PEXPIRETIME", "b"));
    client.ask("SELECT", "5");
    assertEquals(":1\r\n", client.ask("SISMEMBER", "s", "m"));
    client.ask("SELECT", "0");
  }

  @Test
  void reloadingLeavesTheDataAsItIs() {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      fill(client);
      assertEquals(OK, client.ask("DEBUG", "RELOAD"));
      assertFilled(client);
      client.ask("SET", "c", "not saved");
      assertEquals(OK, client.ask("DEBUG", "RELOAD", "NOSAVE"));
      assertFilled(client);
    }
  }

  @Test
  void snapshotThatCannotBeLoadedLeavesTheDataAsItIs() throws IOException {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      fill(client);
      Files.writeString(directory.resolve("dump.rdb"), "REDIS0010 and nothing of the kind");
      assertEquals(
          "-ERR Error trying to load the RDB dump, check server logs.\r\n",
          client.ask("DEBUG", "RELOAD", "NOSAVE"));
      assertFilled(client);
      assertEquals(OK, client.ask("SET", "a", "1"));
    }
  }

  @Test
  void appendOnlyFileIsLoadedInPlaceAndNotTold() {
    try (RunningServer server = start("--appendonly", "yes");
        RawClient client = server.connect()) {
      fill(client);
      client.ask("MULTI");
      client.ask("APPEND", "a", "2");
      client.ask("APPEND", "a", "3");
      client.ask("EXEC");
      RecordedStream stream = new RecordedStream();
      server.server().propagator().attach(stream);
      assertEquals(OK, client.ask("DEBUG", "LOADAOF"));
      assertFilled(client);
      assertEquals(OK, client.ask("DEBUG", "LOADAOF"));
      assertFilled(client);
      assertEquals("$3\r\n123\r\n", client.ask("GET", "a"));
      assertEquals(List.of(), stream.take());
    }
  }

  private static final String FUNCTIONS = "#!lua name=lib\nredis.register_function('f', print)";

  /** Makes a data set of one library of functions. */
  private void writeFunctions() throws IOException {
    try (OutputStream file = Files.newOutputStream(directory.resolve("dump.rdb"))) {
      RdbFileWriter writer = new RdbFileWriter(new RdbOutput(file::write, false, true), 10);
      writer.function(FUNCTIONS.getBytes(StandardCharsets.ISO_8859_1));
      writer.end();
    }
  }

  private void assertSavesFunctions(RawClient client, String where) throws IOException {
    Files.delete(directory.resolve("dump.rdb"));
    assertEquals(OK, client.ask("SAVE"));
    String saved = Files.readString(directory.resolve("dump.rdb"), StandardCharsets.ISO_8859_1);
    assertTrue(saved.contains(FUNCTIONS), where);
  }

  @Test
  void functionsSurviveWhatCannotBeLoaded() throws IOException {
    writeFunctions();
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      assertSavesFunctions(client, "as loaded");
      assertEquals(OK, client.ask("DEBUG", "RELOAD"));
      assertSavesFunctions(client, "reloaded");
      Files.writeString(directory.resolve("dump.rdb"), "REDIS0010 and nothing of the kind");
      assertTrue(client.ask("DEBUG", "RELOAD", "NOSAVE").startsWith("-ERR"));
      assertSavesFunctions(client, "after a failure");
    }
  }

  @Test
  void functionsSurviveInFileOfCommands() throws IOException {
    writeFunctions();
    try (RunningServer server = start("--aof-use-rdb-preamble", "no");
        RawClient client = server.connect()) {
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      Eventually.await(
          "the end of a rewrite",
          () -> client.ask("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
    }
    try (RunningServer server =
            start("--appendonly", "yes", "--aof-use-rdb-preamble", "no", "--save", "");
        RawClient client = server.connect()) {
      assertSavesFunctions(client, "from commands");
      assertEquals(OK, client.ask("DEBUG", "LOADAOF"));
      assertSavesFunctions(client, "from commands again");
    }
  }

  private boolean savesFunctions(RawClient client, String source) throws IOException {
    Files.deleteIfExists(directory.resolve("dump.rdb"));
    assertEquals(OK, client.ask("SAVE"));
    return Files.readString(directory.resolve("dump.rdb"), StandardCharsets.ISO_8859_1)
        .contains(source);
  }

  @Test
  void flushedFunctionsAreInNoFileAnyMore() throws IOException {
    writeFunctions();
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      Eventually.await(
          "the end of a rewrite",
          () -> client.ask("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
      assertTrue(savesFunctions(client, FUNCTIONS));
      RecordedStream stream = new RecordedStream();
      server.server().propagator().attach(stream);
      assertEquals(OK, client.ask("FUNCTION", "FLUSH", "ASYNC"));
      assertEquals(List.of("0:FUNCTION FLUSH ASYNC"), stream.take());
      assertFalse(savesFunctions(client, FUNCTIONS));
      assertEquals(OK, client.ask("DEBUG", "LOADAOF"));
      assertFalse(savesFunctions(client, FUNCTIONS));
    }
  }

  @Test
  void functionsOfPrimaryAreKeptAndTold() throws IOException {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      RecordedStream stream = new RecordedStream();
      server.server().propagator().attach(stream);
      Session session = Session.replaying(-7, new PeerAddress("", "", true, false, -1), 0);
      Turn turn = new Turn(server.server().clock(), new LoopStats(1000));
      ReplayClient primary = ReplayClient.ofLink(server.server(), turn, session);
      assertNull(primary.execute(Args.ofText("FUNCTION", "LOAD", "#!lua name=x\ncode")));
      assertTrue(savesFunctions(client, "#!lua name=x\ncode"));
      assertEquals(List.of("0:FUNCTION LOAD #!lua name=x\ncode"), stream.take());
      assertNull(primary.execute(Args.ofText("FUNCTION", "DELETE", "x")));
      assertFalse(savesFunctions(client, "name=x"));
    }
  }

  @Test
  void whatIsLoadedIsAddedToWhatIsThere() {
    try (RunningServer server = start();
        RawClient client = server.connect();
        RawClient watcher = server.connect()) {
      fill(client);
      client.ask("SAVE");
      client.ask("SET", "a", "changed");
      client.ask("SET", "c", "not saved");
      client.ask("DEL", "l");
      assertEquals(
          "-ERR Error trying to load the RDB dump, check server logs.\r\n",
          client.ask("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"));
      assertEquals(":0\r\n", client.ask("EXISTS", "l"));
      assertEquals("$7\r\nchanged\r\n", client.ask("GET", "a"));
      watcher.ask("WATCH", "a");
      assertEquals(OK, client.ask("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"));
      watcher.ask("MULTI");
      assertEquals("*-1\r\n", watcher.ask("EXEC"));
      assertEquals("$1\r\n1\r\n", client.ask("GET", "a"));
      assertEquals("$9\r\nnot saved\r\n", client.ask("GET", "c"));
      client.ask("DEL", "c");
      assertFilled(client);
      client.ask("FLUSHALL");
      assertEquals(OK, client.ask("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"));
      assertFilled(client);
    }
  }

  @Test
  void othersWaitForTheEndOfReloading() {
    try (RunningServer server = start();
        RawClient client = server.connect();
        RawClient other = server.connect()) {
      fill(client);
      client.command("DEBUG", "RELOAD");
      for (int i = 0; i < 100; i++) {
        assertEquals(":3\r\n", other.ask("DBSIZE"));
      }
      assertEquals(OK, client.reply());
    }
  }

  @Test
  void failedSaveRefusesWritesUntilOneWorks() {
    try (RunningServer server = start("--save", "3600 1000000");
        RawClient client = server.connect()) {
      assertEquals(OK, client.ask("SET", "a", "1"));
      disk.room(10);
      assertEquals("-ERR\r\n", client.ask("SAVE"));
      assertEquals(MISCONF, client.ask("SET", "a", "2"));
      assertEquals(MISCONF, client.ask("PING"));
      assertEquals("$1\r\n1\r\n", client.ask("GET", "a"));
      assertTrue(client.ask("INFO", "persistence").contains("rdb_last_bgsave_status:err"));
      assertEquals(OK, client.ask("CONFIG", "SET", "stop-writes-on-bgsave-error", "no"));
      assertEquals(OK, client.ask("SET", "a", "2"));
      assertEquals(OK, client.ask("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes"));
      assertEquals(MISCONF, client.ask("SET", "a", "3"));
      assertEquals(OK, client.ask("CONFIG", "SET", "save", ""));
      assertEquals(OK, client.ask("SET", "a", "3"));
      assertEquals(OK, client.ask("CONFIG", "SET", "save", "3600 1000000"));
      assertEquals(MISCONF, client.ask("SET", "a", "4"));
      disk.room(Long.MAX_VALUE);
      assertEquals(OK, client.ask("SAVE"));
      assertEquals(OK, client.ask("SET", "a", "4"));
    }
  }

  @Test
  void failedSaveLeavesTheOldFileAndNoOther() throws IOException {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      fill(client);
      assertEquals(OK, client.ask("SAVE"));
      byte[] before = Files.readAllBytes(directory.resolve("dump.rdb"));
      client.ask("SET", "more", "x");
      disk.syncsFail(true);
      assertEquals("-ERR\r\n", client.ask("SAVE"));
      disk.syncsFail(false);
      assertEquals(
          new String(before, StandardCharsets.ISO_8859_1),
          Files.readString(directory.resolve("dump.rdb"), StandardCharsets.ISO_8859_1));
      try (var files = Files.list(directory)) {
        assertEquals(1, files.count());
      }
    }
  }
}
