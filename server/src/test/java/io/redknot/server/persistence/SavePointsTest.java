package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data set is saved when enough has changed for long enough, and again when it failed. */
class SavePointsTest {
  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private static String field(RawClient client, String name) {
    String info = client.ask("INFO", "persistence");
    int at = info.indexOf(name + ":");
    return info.substring(at + name.length() + 1, info.indexOf('\r', at));
  }

  private static long lastSave(RawClient client) {
    return Long.parseLong(client.ask("LASTSAVE").substring(1).strip());
  }

  @Test
  void dataIsSavedWhenAPointIsReached() {
    Path file = directory.resolve("dump.rdb");
    try (RunningServer server = RunningServer.startOn(disk, "--dir", directory.toString());
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      assertEquals("+OK\r\n", client.ask("CONFIG", "SET", "save", "1000000 1 1 3"));
      client.ask("SET", "b", "1");
      long before = lastSave(client);
      assertEquals("2", field(client, "rdb_changes_since_last_save"));
      // Of both points one half is reached now, and of the second one all with the next change.
      Eventually.await(
          "more than a second", () -> server.server().clock().nowMs() / 1000 > before + 2);
      assertFalse(Files.exists(file));
      client.ask("SET", "c", "1");
      Eventually.await("a save", () -> field(client, "rdb_changes_since_last_save").equals("0"));
      assertTrue(Files.exists(file));
      assertTrue(lastSave(client) > before);
      assertEquals("ok", field(client, "rdb_last_bgsave_status"));
    }
    try (RunningServer server = RunningServer.start("--dir", directory.toString());
        RawClient client = server.connect()) {
      assertEquals(":3\r\n", client.ask("DBSIZE"));
    }
  }

  @Test
  void pointThatIsReachedOnFullDiskIsTriedAgain() {
    try (RunningServer server = RunningServer.startOn(disk, "--dir", directory.toString());
        RawClient client = server.connect()) {
      client.ask("SET", "a", "1");
      disk.room(0);
      client.ask("CONFIG", "SET", "save", "1 1");
      Eventually.await("a failure", () -> field(client, "rdb_last_bgsave_status").equals("err"));
      assertTrue(client.ask("SET", "b", "1").startsWith("-MISCONF Redis is configured to save"));
      assertEquals("1", field(client, "rdb_changes_since_last_save"));
      disk.room(Long.MAX_VALUE);
      Eventually.await("a save", () -> field(client, "rdb_last_bgsave_status").equals("ok"));
      Eventually.await("a write", () -> client.ask("SET", "b", "1").equals("+OK\r\n"));
    }
  }
}
