package io.redknot.server.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.storage.aof.AofManifest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tool for files says and does; others use it by {@link #run}. */
public class FileCheckTest {
  private static final long NOW_MS = 1_800_000_000_000L;

  private @TempDir Path directory;
  private String said = "";

  private int check(String... args) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = new FileCheck(out, out, NOW_MS).run(args);
    said = bytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  /** Its exit code. */
  public static int run(String... args) {
    return new FileCheckTest().check(args);
  }

  private void assertSaid(String words) {
    assertTrue(said.contains(words), said);
  }

  /** Makes a base of data and an increment of three commands; returns the manifest. */
  private String appended() {
    try (RunningServer server =
            RunningServer.start("--dir", directory.toString(), "--appendonly", "yes");
        RawClient client = server.connect()) {
      client.ask("MSET", "a", "1", "b", "2");
      client.ask("RPUSH", "list", "x", "y");
      client.ask("PEXPIREAT", "b", "4102444800123");
      client.ask("SAVE");
      client.ask("BGREWRITEAOF");
      Eventually.await(
          "the end of a rewrite",
          () -> client.ask("INFO", "persistence").contains("aof_rewrite_in_progress:0"));
      client.ask("SET", "c", "3");
      client.ask("SET", "d", "4");
    }
    return file("appendonly.aof.manifest").toString();
  }

  private Path file(String name) {
    return directory.resolve("appendonlydir").resolve(name);
  }

  @Test
  void wholeFilesAreWell() {
    String manifest = appended();
    assertEquals(0, check(manifest, directory.resolve("dump.rdb").toString()));
    assertSaid("lists 2 files to load");
    assertSaid(
        "3 keys, 1 with an expiry, 0 expired, 0 libraries of functions, the checksum is right");
    assertSaid("appendonly.aof.2.incr.aof: 3 commands");
    assertSaid("all files are well");
  }

  @Test
  void damagedDataIsFoundAndLeftAlone() throws IOException {
    Path dump = directory.resolve("dump.rdb");
    appended();
    byte[] good = Files.readAllBytes(dump);
    byte[] bad = good.clone();
    bad[bad.length - 1] ^= 1;
    Files.write(dump, bad);
    assertEquals(1, check("--fix", dump.toString()));
    assertSaid("Wrong RDB checksum; 3 keys");
    assertTrue(Arrays.equals(bad, Files.readAllBytes(dump)));
    Files.write(dump, Arrays.copyOf(good, good.length - 20));
    assertEquals(1, check(dump.toString()));
    assertSaid("the data ends too early");
  }

  @Test
  void tornTailIsCutOffOnlyWhereThatIsAsked() throws IOException {
    String manifest = appended();
    Path increment = file("appendonly.aof.2.incr.aof");
    byte[] good = Files.readAllBytes(increment);
    String torn = RawClient.resp("MULTI") + RawClient.resp("SET", "e", "5") + "*3\r\n$3\r\nSE";
    byte[] bad = concat(good, torn.getBytes(StandardCharsets.ISO_8859_1));
    Files.write(increment, bad);
    assertEquals(1, check(manifest));
    assertSaid("well up to byte " + good.length + "; a transaction begins there");
    assertTrue(Arrays.equals(bad, Files.readAllBytes(increment)));
    assertEquals(0, check("--fix", manifest));
    assertTrue(Arrays.equals(good, Files.readAllBytes(increment)));
    assertEquals(torn, Files.readString(file("appendonly.aof.2.incr.aof.cut-off")));
    assertEquals(0, check(manifest));
  }

  @Test
  void fileIsRepairedAgainAndAgain() throws IOException {
    Path file = directory.resolve("commands.aof");
    String whole = RawClient.resp("SET", "k", "v");
    for (String torn : List.of("*1", "*2", "*3")) {
      Files.writeString(file, whole + torn);
      assertEquals(0, check("--fix", file.toString()));
      assertEquals(whole, Files.readString(file));
    }
    assertEquals("*1", Files.readString(directory.resolve("commands.aof.cut-off")));
    assertEquals("*2", Files.readString(directory.resolve("commands.aof.cut-off.2")));
    assertEquals("*3", Files.readString(directory.resolve("commands.aof.cut-off.3")));
  }

  @Test
  void lastFileIsNotCutWhereOneBeforeItIsDamaged() throws IOException {
    Files.createDirectories(directory.resolve("appendonlydir"));
    Path manifest = file("appendonly.aof.manifest");
    Files.writeString(manifest, "file a seq 1 type i\nfile b seq 2 type i\n");
    Files.writeString(file("a"), RawClient.resp("SET", "k", "v") + "*3\r\nnonsense");
    Files.writeString(file("b"), RawClient.resp("SET", "k", "v") + "*3\r\n$3");
    assertEquals(1, check("--fix", manifest.toString()));
    assertSaid("b: is left as it is, because a file before it is damaged");
    assertTrue(Files.readString(file("b")).endsWith("*3\r\n$3"));
    Files.delete(file("a"));
    assertEquals(1, check("--fix", manifest.toString()));
    assertTrue(Files.readString(file("b")).endsWith("*3\r\n$3"));
  }

  @Test
  void hugeManifestIsNotRead() throws IOException {
    Path manifest = directory.resolve("huge.manifest");
    try (RandomAccessFile file = new RandomAccessFile(manifest.toFile(), "rw")) {
      file.setLength(AofManifest.BYTES_MAX + 1L);
    }
    assertEquals(1, check(manifest.toString()));
    assertSaid("is no manifest, with more than");
  }

  @Test
  void goesBackToTimeOnlyWhereFileIsLastAndBeginsBefore() throws IOException {
    String until = "--truncate-to-timestamp";
    Files.createDirectories(directory.resolve("appendonlydir"));
    String manifest =
        Files.writeString(
                file("appendonly.aof.manifest"), "file a seq 1 type i\nfile b seq 2 type i\n")
            .toString();
    String first = "#TS:10\r\n" + RawClient.resp("SET", "k", "v") + "#TS:20\r\n";
    String second = RawClient.resp("MULTI") + "#TS:30\r\n" + RawClient.resp("SET", "k", "w");
    Files.writeString(file("a"), first + RawClient.resp("SET", "k", "u"));
    Files.writeString(file("b"), RawClient.resp("SET", "k", "v") + second + "*1\r\nnonsense");
    assertEquals(1, check(until, "15", manifest));
    assertSaid("a: is not the last file");
    assertTrue(Files.readString(file("a")).startsWith(first + "*3"));
    // What stands behind that time need not be well, and no transaction is cut in two.
    assertEquals(0, check(until, "25", manifest));
    assertSaid("what follows is later than 25");
    assertEquals(RawClient.resp("SET", "k", "v"), Files.readString(file("b")));
    assertEquals(second + "*1\r\nnonsense", Files.readString(file("b.cut-off")));
    assertEquals(1, check(until, "5", file("a").toString()));
    assertSaid("a: nothing in it is of that time or before");
    Files.writeString(file("b"), "#TS:1x\r\n" + RawClient.resp("SET", "k", "v"));
    assertEquals(1, check(until, "25", file("b").toString()));
    assertSaid("no command follows: a time that is none");
    for (String wrong : List.of("-1", "x", "")) {
      assertEquals(2, check(until, wrong, file("b").toString()));
    }
    assertEquals(2, check("--fix", until, "25", file("b").toString()));
    assertEquals(2, check(until));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  @Test
  void fileThatOthersFollowIsNotCut() throws IOException {
    Files.createDirectories(directory.resolve("appendonlydir"));
    Files.writeString(
        file("appendonly.aof.manifest"), "file a seq 1 type i\nfile b seq 2 type i\n");
    Files.writeString(file("a"), RawClient.resp("SET", "k", "v") + "*3\r\nnonsense");
    Files.writeString(file("b"), RawClient.resp("SET", "k", "v"));
    assertEquals(1, check("--fix", file("appendonly.aof.manifest").toString()));
    assertSaid("is not the last file");
    assertTrue(Files.readString(file("a")).endsWith("nonsense"));
  }

  @Test
  void wrongManifestsAndMissingFilesAreNamed() throws IOException {
    Files.createDirectories(directory.resolve("appendonlydir"));
    Path manifest = file("appendonly.aof.manifest");
    Files.writeString(manifest, "file a seq 1 type b\nfile b seq 1 type q\n");
    assertEquals(1, check(manifest.toString()));
    assertSaid("line 2 'file b seq 1 type q' cannot be used: Unknown AOF file type");
    Files.writeString(manifest, "file a seq 1 type b\n");
    assertEquals(1, check(manifest.toString()));
    assertSaid("a: is listed and missing");
    assertEquals(1, check(file("nothing").toString()));
    assertSaid("cannot be read");
    assertEquals(2, check());
    assertEquals(2, check("--nonsense"));
  }
}
