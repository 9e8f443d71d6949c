package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.check.FileCheckTest;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is damaged, and asked to be repaired or loaded again, beside Redis and its tools. */
final class RepairExchangeTest {
  private static final String COMMANDS =
      RawClient.resp("SELECT", "0")
          + RawClient.resp("SET", "a", "1")
          + RawClient.resp("MULTI")
          + RawClient.resp("SET", "b", "2")
          + RawClient.resp("RPUSH", "l", "x", "y")
          + RawClient.resp("EXEC")
          + RawClient.resp("DEL", "a");

  private static final int CUT_STEP = 3;

  private @TempDir Path directory;

  /** Exit code of redis-check-aof --fix, which is told to go on. */
  private int fixByRedis(Path file) throws IOException, InterruptedException {
    Path answer = Files.writeString(directory.resolve("answer"), "y\n");
    return new ProcessBuilder("redis-check-aof", "--fix", file.toString())
        .redirectErrorStream(true)
        .redirectInput(answer.toFile())
        .redirectOutput(directory.resolve("said").toFile())
        .start()
        .waitFor();
  }

  private void assertFixedAlike(String content) throws IOException, InterruptedException {
    byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
    Path ours = Files.write(directory.resolve("ours"), bytes);
    Path theirs = Files.write(directory.resolve("theirs"), bytes);
    assertEquals(fixByRedis(theirs), FileCheckTest.run("--fix", ours.toString()), content);
    assertEquals(Files.readString(theirs), Files.readString(ours), content);
  }

  @Test
  void tornFileIsCutWhereRedisCutsIt() throws Exception {
    for (int bytes = 1; bytes < COMMANDS.length(); bytes += CUT_STEP) {
      assertFixedAlike(COMMANDS.substring(0, bytes));
    }
    assertFixedAlike(COMMANDS);
  }

  @Test
  void whatIsNoCommandIsCutOffWhereRedisCutsIt() throws Exception {
    for (String nonsense : List.of("nonsense\r\n", "*x\r\n", "*1\r\nGET\r\n", "\0\0\0\0")) {
      assertFixedAlike(COMMANDS + nonsense);
      assertFixedAlike(COMMANDS + RawClient.resp("MULTI") + nonsense);
    }
  }

  @Test
  void optionsOfReloadingAreThoseOfRedis() throws Exception {
    try (ReferenceServer reference =
            new ReferenceServer(
                Files.createDirectory(directory.resolve("redis")),
                List.of("--enable-debug-command", "yes"));
        RunningServer server =
            RunningServer.start("--dir", directory.toString(), "--enable-debug-command", "yes");
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      for (String options :
          List.of(
              "",
              "NOSAVE",
              "nosave",
              "MERGE",
              "NOSAVE MERGE NOFLUSH",
              "noflush merge",
              "NOSAVE NOSAVE",
              "BOGUS",
              "NOSAVE BOGUS",
              "BOGUS NOSAVE")) {
        for (String command :
            List.of(
                "SET kept 1",
                "SAVE",
                "SET late 1",
                ("DEBUG RELOAD " + options).strip(),
                "DBSIZE",
                "EXISTS late",
                "FLUSHALL")) {
          String[] words = command.split(" ");
          assertEquals(
              redis.call(words).raw(), redknot.call(words).raw(), options + ": " + command);
        }
      }
    }
  }
}
