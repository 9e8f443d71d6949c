package io.redknot.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFileReaderTest {
  @TempDir private Path directory;

  private ServerConfig read(String text) throws Exception {
    return TestConfigs.fromText(directory, text);
  }

  private String failure(String text) {
    return assertThrows(ConfigFileException.class, () -> read(text)).text();
  }

  @Test
  void commentsAndBlankLinesAreSkippedAndNamesIgnoreCase() throws Exception {
    ServerConfig config = read("# c\n\n   \t\n  TimeOut   5  \r\n# timeout 6\n");
    assertEquals(5, config.timeout.get());
  }

  @Test
  void quotesAndEscapesAreThoseOfInlineCommands() throws Exception {
    ServerConfig config = read("requirepass \"a b\\x41\\n\\\"\"\nmasterauth 'x\\'y\\n'\n");
    assertEquals("a bA\n\"", config.requirepass.get());
    assertEquals("x'y\\n", config.masterauth.get());
  }

  @Test
  void encryptionBetweenNodesIsRefusedNotIgnored() {
    assertTrue(failure("tls-replication yes\n").contains(ServerConfig.NO_TLS_BETWEEN_NODES));
    assertTrue(failure("tls-cluster yes\n").contains(ServerConfig.NO_TLS_BETWEEN_NODES));
  }

  @Test
  void bytesThatAreNotUtf8SurviveReading() throws Exception {
    assertEquals("\u00ff\u0080", read("requirepass \"\u00ff\\x80\"\n").requirepass.get());
  }

  @Test
  void anErrorCarriesTheTextOfRedisAndNamesTheFile() {
    String expected =
        """
        *** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***
        Reading the configuration file, at line 3
        >>> 'timeout  x'
        argument couldn't be parsed into an integer
        (%s)\
        """
            .formatted(directory.resolve("test.conf"));
    assertEquals(expected, failure("# c\n\n  timeout  x  \n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          foo bar                     | Bad directive or wrong number of arguments
          port                        | wrong number of arguments
          port 1 2                    | wrong number of arguments
          port ""                     | argument couldn't be parsed into an integer
          port 70000                  | argument must be between 0 and 65535 inclusive
          timeout "5                  | Unbalanced quotes in configuration line
          timeout '5'x                | Unbalanced quotes in configuration line
          save 1                      | Invalid save parameters
          maxmemory abc               | argument must be a memory value
          appendonly x                | argument must be 'yes' or 'no'
          enable-debug-command x      | argument(s) must be one of the following: no, yes, local
          include                     | Bad directive or wrong number of arguments
          include a b                 | Bad directive or wrong number of arguments
          rename-command config       | Bad directive or wrong number of arguments
          user                        | Bad directive or wrong number of arguments
          loadmodule x.so             | Redknot cannot load modules
          sentinel x                  | sentinel directive while not in sentinel mode
          dir /nonexistent            | No such file or directory
          dir ""                      | No such file or directory
          dir /etc/passwd             | Not a directory
          replicaof 1.2.3.4           | wrong number of arguments
          replicaof 1.2.3.4 x         | Invalid master port
          replicaof 1.2.3.4 65536     | Invalid master port
          unixsocketperm 999          | argument couldn't be parsed as an octal number
          unixsocketperm 1777         | argument must be between 0 and 777 inclusive
          notify-keyspace-events Q    | Invalid event class character. Use 'Ag$lshzxeKEtmdn'.
          appendfilename a/b          | appendfilename can't be a path, just a filename
          appendfilename ""           | appendfilename can't be empty
          appenddirname a/b           | appenddirname can't be a path, just a dirname
          dbfilename a/b              | dbfilename can't be a path, just a filename
          proc-title-template {foo}   | template format is invalid or contains unknown variables
          proc-title-template {title  | template format is invalid or contains unknown variables
          oom-score-adj-values 1      | wrong number of arguments
          redknot-shards 3            | argument must be a power of two
          redknot-shards 2048         | argument must be between 1 and 1024 inclusive
          bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 | Too many bind addresses specified.
          lua-replicate-commands      | Bad directive or wrong number of arguments
          """)
  void aWrongLineStopsTheStartWithTheReasonOfRedis(String line, String reason) {
    assertEquals(reason, failure(line + "\n").split("\n", -1)[3]);
  }

  @Test
  void directivesOfOlderVersionsArePassedOver() throws Exception {
    read("list-max-ziplist-entries 5\nlist-max-ziplist-value 5\nlua-replicate-commands yes\n");
  }

  @Test
  void saveLinesAddUpAndAnEmptyOneTakesThemBack() throws Exception {
    assertEquals("1 2 3 4", read("save 1 2\nsave 3 4\n").text("save"));
    assertEquals("3 4", read("save 1 2\nsave \"\"\nsave 3 4\n").text("save"));
    assertEquals("", read("save \"\"\n").text("save"));
    assertEquals("3600 1 300 100 60 10000", read("").text("save"));
  }

  @Test
  void oneQuotedWordIsSplitWhereADirectiveTakesSeveral() throws Exception {
    ServerConfig config = read("bind \"127.0.0.1 -::1\"\nshutdown-on-sigint \"save now\"\n");
    assertEquals(List.of("127.0.0.1", "-::1"), config.bind.get().words());
    assertTrue(config.shutdownOnSigint.get().save());
    assertTrue(config.shutdownOnSigint.get().now());
  }

  @Test
  void includeStartsFromTheDirectorySetSoFarAndExpandsPatternsInOrder() throws Exception {
    Path sub = Files.createDirectory(directory.resolve("sub"));
    TestConfigs.write(directory.resolve("b.conf"), "timeout 8\n");
    TestConfigs.write(sub.resolve("b.conf"), "timeout 7\n");
    TestConfigs.write(sub.resolve("x2.conf"), "tcp-keepalive 2\n");
    TestConfigs.write(sub.resolve("x1.conf"), "tcp-keepalive 1\n");
    ServerConfig config = read("dir sub\ninclude b.conf\ninclude x*.conf\ninclude n*.conf\n");
    assertEquals(7, config.timeout.get());
    assertEquals(2, config.tcpKeepalive.get());
    assertEquals(sub, config.dir.get());
  }

  @Test
  void anIncludedFileThatIsMissingStopsTheStart() {
    String text = failure("include /nonexistent\n");
    assertEquals(
        "Fatal error, can't open config file '/nonexistent': No such file or directory", text);
  }

  @Test
  void filesThatIncludeEachOtherWithoutEndStopTheStart() {
    assertTrue(failure("include test.conf\n").contains("deeper than 16"));
  }

  @Test
  void aLineAndAFileBeyondTheirLimitsStopTheStart() {
    String line = "requirepass " + "x".repeat(ConfigFileReader.LINE_BYTES_MAX);
    assertTrue(failure(line).contains("longer than 1048576 bytes"));
    String file = "#\n".repeat(ConfigFileReader.FILE_BYTES_MAX / 2 + 1);
    assertTrue(failure(file).contains("larger than 16777216 bytes"));
  }

  @Test
  void usersAndRenamedCommandsAreKeptForTheServerToJudge() throws Exception {
    ServerConfig config = read("user a on nopass\nrename-command CONFIG \"\"\n");
    assertEquals(List.of("user", "a", "on", "nopass"), config.users().getFirst().words());
    ConfigLine renamed = config.renamedCommands().getFirst();
    assertEquals(List.of("rename-command", "CONFIG", ""), renamed.words());
    String text = ConfigFileException.at(renamed, "No such command in rename-command").text();
    assertTrue(text.contains("at line 2\n>>> 'rename-command CONFIG \"\"'\nNo such command"));
  }

  @Test
  void aUserIsDefinedOnce() {
    String reason =
        "Error in user declaration 'foo': Duplicate user found. A user can only be defined once in"
            + " config files";
    assertEquals(reason, failure("user foo on\nuser foo off\n").split("\n", -1)[3]);
  }

  @Test
  void aClusterNodeFollowsNobodyByConfigurationAndHasOneDatabase() throws Exception {
    assertEquals(
        "*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\n"
            + "replicaof directive not allowed in cluster mode",
        failure("cluster-enabled yes\nreplicaof 1.2.3.4 5\n"));
    assertEquals(1, read("databases 4\ncluster-enabled yes\n").databases.get());
    assertEquals(4, read("databases 4\n").databases.get());
  }

  @Test
  void namesOfOptionsAreListedInTheRefusal() {
    String levels = "debug, verbose, notice, warning, nothing";
    assertTrue(failure("loglevel x\n").contains("one of the following: " + levels + "\n"));
    String options = "default, save, nosave, now, force";
    assertTrue(failure("shutdown-on-sigint\n").contains("one of the following: " + options));
    assertTrue(failure("shutdown-on-sigint save nosave\n").contains("SAVE and NOSAVE can't"));
  }

  @Test
  void aLogFileThatCannotBeOpenedStopsTheStart() {
    assertTrue(
        failure("logfile /nonexistent/x\n")
            .endsWith("Can't open the log file: No such file or directory"));
  }

  @Test
  void hzIsKeptWithinItsUsefulRange() throws Exception {
    assertEquals(500, read("hz 1000\n").hz.get());
    assertEquals(1, read("hz 0\n").hz.get());
  }

  @Test
  void anyBytesEndInAConfigurationOrInAnError() throws Exception {
    for (long seed = 1; seed <= 3000; seed++) {
      String text = randomText(new Random(seed));
      try {
        assertFalse(read(text).get(List.of("*")).isEmpty());
      } catch (ConfigFileException refused) {
        assertFalse(refused.text().isEmpty());
      } catch (RuntimeException | StackOverflowError broken) {
        throw new AssertionError("seed " + seed + " with " + text, broken);
      }
    }
  }

  private static String randomText(Random random) {
    String[] pieces = {
      " ",
      " ",
      "\n",
      "\"",
      "'",
      "\\",
      "\\x4",
      "\\xzz",
      "#",
      "*",
      "[",
      "-",
      "5",
      "10mb",
      "yes",
      "%",
      "99999999999999999999",
      "save",
      "user",
      "normal 0 0 0",
      "\u00ff",
      "\0",
      "{title}",
      "1e400"
    };
    String[] specials = {"include", "include", "user", "rename-command", "loadmodule", "sentinel"};
    List<Directive<?>> rows = ConfigTable.all();
    StringBuilder text = new StringBuilder();
    for (int line = random.nextInt(6); line >= 0; line--) {
      int row = random.nextInt(rows.size() + specials.length);
      boolean special = row >= rows.size();
      String name = special ? specials[row - rows.size()] : rows.get(row).name();
      // These two touch files outside the test's directory.
      text.append(name.equals("logfile") || name.equals("dir") ? "timeout" : name).append(' ');
      for (int word = random.nextInt(5); word >= 0; word--) {
        text.append(pieces[random.nextInt(pieces.length)]).append(random.nextBoolean() ? " " : "");
      }
      text.append('\n');
    }
    return text.toString().replace("logfile", "timeout");
  }
}
