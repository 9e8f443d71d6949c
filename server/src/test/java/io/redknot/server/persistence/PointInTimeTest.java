package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was changed before the reply is in the file, and nothing that was changed behind it. */
class PointInTimeTest {
  private static final String SAVING = "+Background saving started\r\n";
  private static final String REWRITING = "+Background append only file rewriting started\r\n";
  private static final String REWRITE_SCHEDULED =
      "+Background append only file rewriting scheduled\r\n";
  private static final String BUSY = "-ERR Background save already in progress\r\n";

  private @TempDir Path directory;
  private final CountDownLatch fileThreadBlocks = new CountDownLatch(1);
  private RunningServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    start("no");
  }

  private void start(String appendonly) {
    server =
        RunningServer.start(
            "--dir", directory.toString(), "--appendonly", appendonly, "--save", "");
    client = server.connect();
  }

  @AfterEach
  void stop() {
    fileThreadBlocks.countDown();
    client.close();
    server.close();
  }

  private void blockFileThread() {
    server
        .server()
        .files()
        .execute(
            () -> {
              try {
                fileThreadBlocks.await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static void awaitField(RawClient asking, String field) {
    Eventually.await(
        "a field of INFO", () -> asking.ask("INFO", "persistence").contains("\n" + field + "\r"));
  }

  /** Both writes have reached the server before the file can be begun. */
  private void writeAround(String command, String running, String reply, String ended) {
    blockFileThread();
    try (RawClient other = server.connect()) {
      client.command("SET", "before", "1");
      client.command(command);
      client.command("SET", "after", "1");
      awaitField(other, running);
      other.ask("SET", "meanwhile", "1");
      fileThreadBlocks.countDown();
      assertEquals("+OK\r\n", client.reply());
      assertEquals(reply, client.reply());
      assertEquals("+OK\r\n", client.reply());
      awaitField(other, ended);
      awaitField(other, running.replace(":1", ":0"));
    }
    client.close();
    server.close();
  }

  private void assertBeforeIsThereAndAfterIsNot() {
    assertEquals(":2\r\n", client.ask("EXISTS", "before", "meanwhile"));
    assertEquals(":0\r\n", client.ask("EXISTS", "after"));
  }

  @Test
  void savedFileHasWhatWasWrittenBeforeTheReplyAndNothingThatWasWrittenBehindIt() {
    writeAround("BGSAVE", "rdb_bgsave_in_progress:1", SAVING, "rdb_saves:1");
    start("no");
    assertBeforeIsThereAndAfterIsNot();
  }

  @Test
  void rewrittenFileHasWhatWasWrittenBeforeTheReplyAndNothingThatWasWrittenBehindIt() {
    writeAround("BGREWRITEAOF", "aof_rewrite_in_progress:1", REWRITING, "aof_rewrites:1");
    start("yes");
    assertBeforeIsThereAndAfterIsNot();
  }

  @Test
  void baseOfCommandsIsAnsweredFor() {
    client.ask("CONFIG", "SET", "aof-use-rdb-preamble", "no");
    assertEquals(REWRITING, client.ask("BGREWRITEAOF"));
    awaitField(client, "aof_rewrite_in_progress:0");
  }

  @Test
  void saveThatCannotBeginIsAnsweredFor() {
    client.ask("CONFIG", "SET", "dbfilename", "dump.rdb");
    deleteDirectory();
    assertEquals(SAVING, client.ask("BGSAVE"));
    awaitField(client, "rdb_last_bgsave_status:err");
  }

  private void deleteDirectory() {
    String[] left = directory.toFile().list();
    assertEquals(0, left == null ? -1 : left.length);
    assertEquals(true, directory.toFile().delete());
  }

  @Test
  void whatIsAskedForInsideTransactionIsDoneBehindIt() {
    for (String[] command : new String[][] {{"MULTI"}, {"BGSAVE"}, {"BGREWRITEAOF"}}) {
      client.ask(command);
    }
    String saving = "+Background saving scheduled\r\n";
    assertEquals("*2\r\n" + saving + REWRITE_SCHEDULED, client.ask("EXEC"));
    awaitField(client, "rdb_saves:1");
    awaitField(client, "aof_rewrites:1");
    awaitField(client, "aof_rewrite_in_progress:0");
  }

  @Test
  void nothingIsSavedWhileSnapshotIsSentToReplica() {
    client.ask("CONFIG", "SET", "repl-diskless-sync-delay", "0");
    blockFileThread();
    try (RawClient replica = server.connect()) {
      replica.ask("REPLCONF", "capa", "eof", "capa", "psync2");
      replica.command("PSYNC", "?", "-1");
      awaitField(client, "rdb_bgsave_in_progress:1");
      assertEquals(BUSY, client.ask("BGSAVE"));
      assertEquals(BUSY, client.ask("SAVE"));
      assertEquals(REWRITE_SCHEDULED, client.ask("BGREWRITEAOF"));
      fileThreadBlocks.countDown();
      awaitField(client, "aof_rewrites:1");
      awaitField(client, "aof_rewrite_in_progress:0");
      assertEquals(SAVING, client.ask("BGSAVE"));
      awaitField(client, "rdb_saves:1");
    }
  }
}
