package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is torn or damaged is refused with a word about it, or repaired as it is documented. */
class AofDamageTest {
  private static final int COMMANDS = 60;
  private static final int TRIES = 40;

  private @TempDir Path directory;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(directory.resolve("appendonlydir"));
  }

  private RunningServer start(String... more) {
    String[] common = {"--dir", directory.toString(), "--appendonly", "yes"};
    String[] all = Arrays.copyOf(common, common.length + more.length);
    System.arraycopy(more, 0, all, common.length, more.length);
    return RunningServer.start(all);
  }

  private String refusal(String... more) throws IOException {
    Map<String, String> before = files();
    Throwable failure = assertThrows(IllegalStateException.class, () -> start(more).close());
    assertEquals(before, files(), "files of a refused start are changed");
    Throwable cause = failure.getCause();
    assertTrue(cause instanceof IOException, () -> failure.toString());
    return String.valueOf(cause.getMessage());
  }

  private Map<String, String> files() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        contents.put(file.toString(), latin(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private void write(String name, String content) throws IOException {
    Files.write(folder.resolve(name), content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void manifest(String... lines) throws IOException {
    write("appendonly.aof.manifest", String.join("\n", lines) + "\n");
  }

  private static String set(int number) {
    return RawClient.resp("SET", "key-" + number, "value of " + number);
  }

  /** Commands one by one, and at the end three that belong together. */
  private static String commands(int from, int to) {
    StringBuilder all = new StringBuilder(RawClient.resp("SELECT", "0"));
    for (int i = from; i < to - 3; i++) {
      all.append(set(i));
    }
    all.append(RawClient.resp("MULTI"));
    for (int i = to - 3; i < to; i++) {
      all.append(set(i));
    }
    return all.append(RawClient.resp("EXEC")).toString();
  }

  /** Keys that so many bytes of the commands make. */
  private static int complete(String commands, int bytes) {
    int count = 0;
    int end = commands.indexOf(RawClient.resp("MULTI"));
    for (int at = commands.indexOf("SET\r"); at >= 0 && at < end; ) {
      int next = commands.indexOf("*", at);
      count += next <= bytes ? 1 : 0;
      at = commands.indexOf("SET\r", at + 1);
    }
    return bytes == commands.length() ? count + 3 : count;
  }

  private void assertKeys(int expected, String message, String... more) {
    try (RunningServer server = start(more);
        RawClient client = server.connect()) {
      assertEquals(":" + expected + "\r\n", client.ask("DBSIZE"), message);
    }
  }

  @Test
  void tornTailOfTheLastFileIsCutOff() throws IOException {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    String base = commands(0, 10);
    String increment = commands(10, COMMANDS);
    for (int i = 0; i < TRIES; i++) {
      int length = random.nextInt(increment.length() + 1);
      manifest(
          "file appendonly.aof.1.base.aof seq 1 type b",
          "file appendonly.aof.1.incr.aof seq 1 type i");
      write("appendonly.aof.1.base.aof", base);
      write("appendonly.aof.1.incr.aof", increment.substring(0, length));
      String message = "seed " + seed + ", cut at " + length;
      int kept = 10 + complete(increment, length);
      assertKeys(kept, message);
      // What was cut off is gone: the next start needs no leave to cut.
      assertKeys(kept, message, "--aof-load-truncated", "no");
    }
  }

  @Test
  void tornTailIsRefusedWhereItMayNotBeCut() throws IOException {
    String increment = commands(0, 10);
    manifest("file appendonly.aof.1.incr.aof seq 1 type i");
    write("appendonly.aof.1.incr.aof", increment.substring(0, increment.length() - 3));
    String said = refusal("--aof-load-truncated", "no");
    assertTrue(said.startsWith("Unexpected end of file reading the append only file"), said);
    assertTrue(said.contains("appendonly.aof.1.incr.aof"), said);
  }

  @Test
  void tornFileThatOthersFollowIsRefused() throws IOException {
    manifest(
        "file appendonly.aof.1.incr.aof seq 1 type i",
        "file appendonly.aof.2.incr.aof seq 2 type i");
    String first = commands(0, 10);
    write("appendonly.aof.1.incr.aof", first.substring(0, first.length() - 3));
    write("appendonly.aof.2.incr.aof", commands(10, 20));
    String said = refusal();
    assertTrue(said.startsWith("Unexpected end of file reading the append only file"), said);
  }

  @Test
  void incrementsWithoutBaseAreAppliedOnceAtEveryStart() throws IOException {
    manifest("file appendonly.aof.1.incr.aof seq 1 type i");
    String increment = RawClient.resp("SELECT", "0") + RawClient.resp("INCR", "k").repeat(5);
    write("appendonly.aof.1.incr.aof", increment.substring(0, increment.length() - 1));
    for (int i = 4; i < 8; i++) {
      try (RunningServer server = start();
          RawClient client = server.connect()) {
        assertEquals("$1\r\n" + i + "\r\n", client.ask("GET", "k"));
        client.ask("INCR", "k");
      }
    }
  }

  @Test
  void missingFileIsRefused() throws IOException {
    manifest(
        "file appendonly.aof.1.base.rdb seq 1 type b",
        "file appendonly.aof.1.incr.aof seq 1 type i");
    write("appendonly.aof.1.incr.aof", commands(0, 10));
    assertEquals(
        "Unable to obtain the AOF file appendonly.aof.1.base.rdb length. stat: No such file or"
            + " directory",
        refusal());
  }

  @Test
  void unknownCommandIsRefused() throws IOException {
    manifest("file appendonly.aof.1.incr.aof seq 1 type i");
    write("appendonly.aof.1.incr.aof", commands(0, 10) + RawClient.resp("BAKE", "cake"));
    assertEquals(
        "Unknown command 'BAKE' reading the append only file appendonly.aof.1.incr.aof", refusal());
  }

  @Test
  void manifestsThatCannotBeAreRefused() throws IOException {
    Map<String, String> wrong =
        Map.of(
            "", "Found an empty AOF manifest",
            "file a seq 1 type b\nfile b seq 2 type b\n", "Found duplicate base file information",
            "file a seq 2 type i\nfile b seq 1 type i\n", "Found a non-monotonic sequence number",
            "file ../a seq 1 type i\n", "File can't be a path, just a filename",
            "file a seq 1 type x\n", "Unknown AOF file type",
            "file a seq 1\n", "Invalid AOF manifest file format");
    for (Map.Entry<String, String> entry : wrong.entrySet()) {
      write("appendonly.aof.manifest", entry.getKey());
      String said = refusal();
      assertTrue(said.contains("FATAL AOF MANIFEST FILE ERROR"), said);
      assertTrue(said.contains(entry.getValue()), said);
    }
  }

  @Test
  void flippedBitsAreRefusedOrLeaveWellFormedCommands() throws IOException {
    long seed = 12;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good = commands(0, COMMANDS).getBytes(StandardCharsets.ISO_8859_1);
    manifest("file appendonly.aof.1.incr.aof seq 1 type i");
    int refused = 0;
    for (int i = 0; i < 4 * TRIES; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      write("appendonly.aof.1.incr.aof", latin(bad));
      Map<String, String> before = files();
      try (RunningServer server = start("--aof-load-truncated", "no");
          RawClient client = server.connect()) {
        assertEquals("+PONG\r\n", client.ask("PING"), "seed " + seed + ", try " + i);
      } catch (IllegalStateException failure) {
        assertTrue(failure.getCause() instanceof IOException, failure.toString());
        assertEquals(before, files(), "seed " + seed + ", try " + i);
        refused++;
      }
    }
    assertTrue(refused > TRIES / 2, refused + " refused");
  }

  @Test
  void flippedBitsOfDataAreRefused() throws IOException {
    try (RunningServer server = start();
        RawClient client = server.connect()) {
      for (int i = 0; i < COMMANDS; i++) {
        client.ask("RPUSH", "list" + i % 7, "element " + i);
      }
      client.ask("BGREWRITEAOF");
      Eventually.await(
          "the end of a rewrite",
          () -> client.ask("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
    }
    Path base = folder.resolve("appendonly.aof.2.base.rdb");
    byte[] good = Files.readAllBytes(base);
    long seed = 13;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < TRIES; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(base, bad);
      String said = refusal();
      List<String> words =
          List.of("Error reading the RDB preamble", "Bad file format", "Unknown command");
      assertTrue(words.stream().anyMatch(said::startsWith), said + ", seed " + seed);
      Files.write(base, Arrays.copyOf(good, random.nextInt(5, good.length)));
      said = refusal();
      assertTrue(said.startsWith("Error reading the RDB preamble"), said + ", seed " + seed);
    }
    Files.write(base, good);
    assertKeys(7, "whole again");
  }

  @Test
  void oldSingleFileIsTakenOver() throws IOException {
    Files.delete(folder);
    Files.writeString(directory.resolve("appendonly.aof"), commands(0, 10));
    assertKeys(10, "taken over");
    assertTrue(Files.exists(folder.resolve("appendonly.aof")));
    assertTrue(Files.notExists(directory.resolve("appendonly.aof")));
    assertKeys(10, "again");
    assertEquals(
        "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n",
        Files.readString(folder.resolve("appendonly.aof.manifest")));
  }

  @Test
  void takingOverThatWasInterruptedIsCompleted() throws IOException {
    manifest("file appendonly.aof seq 1 type b");
    Files.writeString(directory.resolve("appendonly.aof"), commands(0, 10));
    assertKeys(10, "taken over");
    assertTrue(Files.exists(folder.resolve("appendonly.aof")));
  }

  @Test
  void appendOnlyFileIsLoadedAndNoSnapshot() throws IOException {
    try (RunningServer server = RunningServer.start("--dir", directory.toString());
        RawClient client = server.connect()) {
      client.ask("SET", "of-snapshot", "1");
      client.ask("SAVE");
    }
    manifest("file appendonly.aof.1.incr.aof seq 1 type i");
    write("appendonly.aof.1.incr.aof", commands(0, 5));
    assertKeys(5, "of the append-only file");
  }
}
