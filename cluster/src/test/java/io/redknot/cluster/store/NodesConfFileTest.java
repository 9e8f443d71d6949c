package io.redknot.cluster.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodesConfFileTest {
  private static final String TEXT =
      "a".repeat(40)
          + " :0@0 myself,master - 0 0 0 connected\nvars currentEpoch 1 lastVoteEpoch 0\n";

  @TempDir Path dir;

  @Test
  void missingFileIsCreatedAndEmpty() throws Exception {
    Path path = dir.resolve("nodes.conf");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      assertTrue(file.load(false).isEmpty());
    }
    assertTrue(Files.exists(path));
  }

  @Test
  void savedTextIsLoadedAgain() throws Exception {
    Path path = dir.resolve("nodes.conf");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      file.save(TEXT, true);
      assertEquals(1, file.load(false).orElseThrow().currentEpoch());
      file.save(TEXT.replace("currentEpoch 1", "currentEpoch 2"), false);
    }
    try (NodesConfFile file = NodesConfFile.open(path)) {
      assertEquals(2, file.load(false).orElseThrow().currentEpoch());
    }
  }

  @Test
  void saveLeavesNothingElseBehind() throws Exception {
    try (NodesConfFile file = NodesConfFile.open(dir.resolve("nodes.conf"))) {
      file.save(TEXT, true);
      file.save(TEXT, false);
    }
    try (Stream<Path> files = Files.list(dir)) {
      assertEquals(List.of(dir.resolve("nodes.conf")), files.toList());
    }
  }

  @Test
  void smallTextIsWrittenOverTheOldOneUnlessItMustSurviveAPowerLoss() throws Exception {
    Path path = dir.resolve("nodes.conf");
    String longer = TEXT.replace("connected", "connected 1 3 5 7 9");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      file.save(TEXT, true);
      Object first = key(path);
      file.save(longer, false);
      assertEquals(longer, Files.readString(path));
      file.save(TEXT, false);
      assertEquals(TEXT, Files.readString(path));
      assertEquals(first, key(path));
      file.save(TEXT, true);
      assertNotEquals(first, key(path));
    }
  }

  @Test
  void textThatDoesNotFitIntoAPageIsANewFile() throws Exception {
    Path path = dir.resolve("nodes.conf");
    String large = TEXT + "\n".repeat(4096);
    try (NodesConfFile file = NodesConfFile.open(path)) {
      file.save(TEXT, false);
      Object first = key(path);
      file.save(large, false);
      Object second = key(path);
      assertNotEquals(first, second);
      file.save(TEXT, false);
      assertNotEquals(second, key(path));
      assertEquals(TEXT, Files.readString(path));
    }
  }

  @Test
  void fileThatSomebodyHasTakenAwayIsMadeAnew() throws Exception {
    Path path = dir.resolve("nodes.conf");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      file.save(TEXT, true);
      Files.move(path, dir.resolve("kept"));
      file.save(TEXT.replace("currentEpoch 1", "currentEpoch 2"), false);
      assertEquals(TEXT, Files.readString(dir.resolve("kept")));
      assertEquals(2, file.load(false).orElseThrow().currentEpoch());
      assertTrue(Files.readString(path).contains("currentEpoch 2"));
      assertThrows(NodesConfException.class, () -> NodesConfFile.open(path));
    }
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  @Test
  void secondNodeOnTheSameFileIsRefusedEvenAfterASave() throws Exception {
    Path path = dir.resolve("nodes.conf");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      assertThrows(NodesConfException.class, () -> NodesConfFile.open(path));
      file.save(TEXT, false);
      assertThrows(NodesConfException.class, () -> NodesConfFile.open(path));
    }
    NodesConfFile.open(path).close();
  }

  @Test
  void otherProcessesSeeTheLock() throws Exception {
    Path path = dir.resolve("nodes.conf");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      file.save(TEXT, false);
      file.load(false);
      assertEquals(1, tryLockElsewhere(path));
    }
    assertEquals(0, tryLockElsewhere(path));
  }

  /** Exit code 1 when another process cannot get the lock. */
  private int tryLockElsewhere(Path path) throws IOException, InterruptedException {
    Path program = dir.resolve("Probe.java");
    Files.writeString(
        program,
        """
        import java.nio.channels.FileChannel;
        import java.nio.file.*;
        public class Probe {
          public static void main(String[] args) throws Exception {
            FileChannel c = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
            System.exit(c.tryLock() == null ? 1 : 0);
          }
        }
        """);
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process process =
        new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", program.toString(), path.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return process.exitValue();
  }

  @Test
  void damagedFileIsLeftUntouched() throws Exception {
    Path path = dir.resolve("nodes.conf");
    Files.writeString(path, "this is not a node\n");
    try (NodesConfFile file = NodesConfFile.open(path)) {
      assertThrows(NodesConfException.class, () -> file.load(false));
    }
    assertEquals("this is not a node\n", Files.readString(path));
  }
}
