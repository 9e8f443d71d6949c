package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A disk that is full, or fails, while the append-only file is turned on or rewritten: nothing half
 * made is left, nothing is lost, and it works when the disk does.
 */
class AofFullDiskTest {
  private static final String OK = "+OK\r\n";

  /** More than a base and a manifest of these tests take together. */
  private static final int ROOM_MAX = 2000;

  private static final int ROOM_STEP = 17;

  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start(String... more) {
    List<String> options = new ArrayList<>(List.of("--dir", directory.toString()));
    options.addAll(List.of(more));
    return RunningServer.startOn(disk, options.toArray(String[]::new));
  }

  private static String field(RawClient client, String name) {
    String info = client.ask("INFO", "persistence");
    int at = info.indexOf(name + ":");
    return info.substring(at + name.length() + 1, info.indexOf('\r', at));
  }

  private static void awaitRewrite(RawClient client) {
    Eventually.await(
        "the end of the rewrite", () -> field(client, "aof_rewrite_in_progress").equals("0"));
  }

  /** All files below the folder, by name. */
  private Set<String> files() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> all = Files.walk(directory)) {
      all.filter(Files::isRegularFile).forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  /** What the manifest lists, and itself; files of the past may be gone before it is told. */
  private Set<String> listed() throws IOException {
    Set<String> names = new TreeSet<>(List.of("appendonly.aof.manifest"));
    Path manifest = directory.resolve("appendonlydir").resolve("appendonly.aof.manifest");
    for (String line : Files.readAllLines(manifest)) {
      String name = line.split(" ", -1)[1];
      if (!line.endsWith(" h") || Files.exists(manifest.resolveSibling(name))) {
        names.add(name);
      }
    }
    return names;
  }

  private void assertLoaded(List<String> keys) {
    try (RunningServer server = start("--appendonly", "yes");
        RawClient client = server.connect()) {
      for (String key : keys) {
        assertEquals(":1\r\n", client.ask("EXISTS", key), key);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"everysec", "always"})
  void appendingBeginsWhenThereIsRoomForIt(String fsync) throws IOException {
    try (RunningServer server = start("--appendfsync", fsync);
        RawClient client = server.connect()) {
      client.ask("SET", "before", "1");
      disk.room(20);
      // As with Redis, which answers before it is known whether there is room.
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      Eventually.await(
          "three failures", () -> field(client, "aof_rewrites_consecutive_failures").equals("3"));
      awaitRewrite(client);
      server.awaitFiles();
      assertEquals("err", field(client, "aof_last_bgrewrite_status"));
      assertEquals("1", field(client, "aof_enabled"));
      assertEquals(new TreeSet<>(), files());
      assertEquals(OK, client.ask("SET", "between", "1"));
      disk.room(Long.MAX_VALUE);
      assertTrue(client.ask("BGREWRITEAOF").startsWith("+Background append only file rewriting"));
      awaitRewrite(client);
      assertEquals("ok", field(client, "aof_last_bgrewrite_status"));
      assertEquals("ok", field(client, "aof_last_write_status"));
      assertEquals(OK, client.ask("SET", "after", "1"));
    }
    assertLoaded(List.of("before", "between", "after"));
  }

  @Test
  void fullDiskAtAnyByteLeavesNothingOfAppendingThatWasToBegin() throws IOException {
    List<String> keys = new ArrayList<>();
    int failed = 0;
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      boolean done = false;
      for (int room = 0; !done && room < ROOM_MAX; room += ROOM_STEP) {
        keys.add("key" + room);
        assertEquals(OK, client.ask("SET", keys.getLast(), "1"));
        String before = field(client, "aof_rewrites");
        disk.room(room);
        assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
        Eventually.await("a rewrite", () -> !field(client, "aof_rewrites").equals(before));
        awaitRewrite(client);
        done = field(client, "aof_last_bgrewrite_status").equals("ok");
        disk.room(Long.MAX_VALUE);
        if (!done) {
          failed++;
          assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "no"));
          server.awaitFiles();
          assertEquals(new TreeSet<>(), files(), "room for " + room);
        }
      }
      assertTrue(done);
      assertTrue(failed > 10, failed + " failed");
      assertEquals(listed(), files());
      keys.add("last");
      assertEquals(OK, client.ask("SET", "last", "1"));
    }
    assertLoaded(keys);
  }

  @Test
  void manifestThatCannotBeReplacedLeavesNothingOfAppendingThatWasToBegin() throws IOException {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      client.ask("SET", "before", "1");
      disk.renamesFail(path -> path.toString().endsWith(".manifest"));
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      Eventually.await("a failure", () -> field(client, "aof_last_bgrewrite_status").equals("err"));
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "no"));
      server.awaitFiles();
      assertEquals(new TreeSet<>(), files());
      disk.renamesFail(path -> false);
      assertEquals(OK, client.ask("CONFIG", "SET", "appendonly", "yes"));
      awaitRewrite(client);
      assertEquals("ok", field(client, "aof_last_bgrewrite_status"));
      client.ask("SET", "after", "1");
    }
    assertLoaded(List.of("before", "after"));
  }

  private static void rewrite(RunningServer server, RawClient client, String outcome) {
    String before = field(client, "aof_rewrites");
    client.ask("BGREWRITEAOF");
    Eventually.await("a rewrite", () -> !field(client, "aof_rewrites").equals(before));
    awaitRewrite(client);
    assertEquals(outcome, field(client, "aof_last_bgrewrite_status"));
    server.awaitFiles();
  }

  @Test
  void baseWhoseNameDoesNotComeToTheDiskIsNotLeft() throws IOException {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      client.ask("SET", "before", "1");
      // Else it is the new folder whose name does not come to the disk.
      rewrite(server, client, "ok");
      Set<String> before = listed();
      disk.folderSyncsFail(true);
      rewrite(server, client, "err");
      assertEquals(before, files());
      disk.folderSyncsFail(false);
      rewrite(server, client, "ok");
      assertEquals(listed(), files());
    }
    assertLoaded(List.of("before"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"everysec", "always"})
  void fullDiskAtAnyByteOfRewriteLosesNothing(String fsync) throws IOException {
    List<String> keys = new ArrayList<>();
    int failed = 0;
    try (RunningServer server = start("--appendonly", "yes", "--appendfsync", fsync);
        RawClient client = server.connect()) {
      for (int room = 0; room < ROOM_MAX / 2; room += 2 * ROOM_STEP) {
        keys.add("key" + room);
        assertEquals(OK, client.ask("SET", keys.getLast(), "1"));
        String before = field(client, "aof_rewrites");
        disk.room(room);
        client.ask("BGREWRITEAOF");
        int left = room;
        Eventually.await(
            "a disk that is full, or the end",
            () ->
                field(client, "aof_last_write_status").equals("err")
                    || field(client, "aof_rewrite_in_progress").equals("0"));
        disk.room(Long.MAX_VALUE);
        Eventually.await("a rewrite", () -> !field(client, "aof_rewrites").equals(before));
        awaitRewrite(client);
        Eventually.await(
            "a disk that works", () -> field(client, "aof_last_write_status").equals("ok"));
        server.awaitFiles();
        assertEquals(listed(), files(), "room for " + left);
        failed += field(client, "aof_last_bgrewrite_status").equals("err") ? 1 : 0;
      }
      assertTrue(failed > 5, failed + " failed");
    }
    assertLoaded(keys);
  }

  /** What a sync that failed has lost the next one does not bring back. */
  @Test
  void fileIsRewrittenAfterSyncOfTheSecondThatFailed() {
    try (RunningServer server = start("--appendonly", "yes", "--appendfsync", "everysec");
        RawClient client = server.connect()) {
      disk.syncsFail(true);
      assertEquals(OK, client.ask("SET", "a", "1"));
      String refusal = "-MISCONF Errors writing to the AOF file: Input/output error\r\n";
      Eventually.await("a refusal", () -> client.ask("SET", "b", "1").equals(refusal));
      assertEquals("err", field(client, "aof_last_write_status"));
      disk.syncsFail(false);
      Eventually.await("a disk that works", () -> client.ask("SET", "c", "1").equals(OK));
      Eventually.await("a rewrite", () -> field(client, "aof_rewrites").equals("1"));
      awaitRewrite(client);
      assertEquals("ok", field(client, "aof_last_bgrewrite_status"));
    }
    assertLoaded(List.of("a", "c"));
  }
}
