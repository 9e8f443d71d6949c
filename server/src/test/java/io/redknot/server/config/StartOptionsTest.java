package io.redknot.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartOptionsTest {
  @TempDir private Path directory;

  private ServerConfig start(String... arguments) throws ConfigFileException {
    return TestConfigs.start(directory, arguments);
  }

  private String failure(String... arguments) {
    return assertThrows(ConfigFileException.class, () -> start(arguments)).text();
  }

  @Test
  void withoutArgumentsTheDefaultsHoldAndThereIsNoFile() throws Exception {
    assertEquals(6379, start().port.get());
    assertEquals(null, start().configFile());
  }

  @Test
  void optionsOverruleTheFileAndStandardInputStandsBetween() throws Exception {
    TestConfigs.write(directory.resolve("a.conf"), "timeout 1\ntcp-keepalive 1\nport 1");
    String input = "\ntcp-keepalive 2\nport 2\n";
    StartOptions options = TestConfigs.parse(directory, input, "a.conf", "--port", "3", "-");
    ServerConfig config = ((StartOptions.Run) options).config();
    assertEquals(1, config.timeout.get());
    assertEquals(2, config.tcpKeepalive.get());
    assertEquals(3, config.port.get());
    assertEquals(directory.resolve("a.conf"), config.configFile());
  }

  @Test
  void aMinusAtTheEndReadsStandardInputToo() throws Exception {
    StartOptions options = TestConfigs.parse(directory, "port 5\n", "--timeout", "3", "-");
    assertEquals(5, ((StartOptions.Run) options).config().port.get());
  }

  @Test
  void anOptionTakesTheWordsUpToTheNext() throws Exception {
    ServerConfig config = start("--save", "1", "2", "3", "4", "--bind", "127.0.0.1", "::1");
    assertEquals("1 2 3 4", config.text("save"));
    assertEquals("127.0.0.1 ::1", config.text("bind"));
  }

  @Test
  void saveOptionsAddUpAndABareOneIsEmpty() throws Exception {
    assertEquals("9 9 8 8", start("--save", "9 9", "--save", "8", "8").text("save"));
    assertEquals("", start("--save", "").text("save"));
    assertEquals("", start("--save").text("save"));
    ServerConfig config = start("--save", "--port", "7");
    assertEquals("", config.text("save"));
    assertEquals(7, config.port.get());
  }

  @Test
  void nameAndValueMayBeOneArgument() throws Exception {
    assertEquals(7000, start("--port 7000").port.get());
  }

  @Test
  void aValueMayLookLikeAnOption() throws Exception {
    assertEquals("--x", start("--requirepass", "--x", "--port", "7").requirepass.get());
  }

  @Test
  void aWrongOptionIsShownAsALineOfTheCommandLine() {
    assertEquals(
        """
        *** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***
        Reading the configuration file, at line 3
        >>> 'port "x"'
        argument couldn't be parsed into an integer
        (command line)""",
        failure("--timeout", "5", "--port", "x"));
    assertTrue(failure("--port").contains("at line 2\n>>> 'port'\nwrong number of arguments"));
    assertTrue(failure("-x").contains(">>> '\"-x\"'\nBad directive"));
    assertTrue(failure("--timeout", "--", "5").contains(">>> 'timeout \"--\" \"5\"'\nwrong"));
  }

  @Test
  void aFileThatIsMissingIsNamed() {
    assertEquals(
        "Fatal error, can't open config file '%s': No such file or directory"
            .formatted(directory.resolve("none.conf")),
        failure("none.conf"));
  }

  @Test
  void argumentsThatAskForATextGetIt() throws Exception {
    assertTrue(print("--version").text().startsWith("Redknot server v=0.1.0 redis_compat=7.2.4 "));
    assertEquals(print("--version"), print("-v"));
    assertTrue(print("-h").text().startsWith("Usage: redknot"));
    assertEquals(print("--help", "x"), print("-h"));
    assertEquals(0, print("-h").exitCode());
    for (String refused : new String[] {"--test-memory", "--check-system", "--sentinel"}) {
      assertEquals(1, print(refused).exitCode());
      assertTrue(print(refused).isError());
    }
  }

  private StartOptions.Print print(String... arguments) throws ConfigFileException {
    return (StartOptions.Print) TestConfigs.parse(directory, "", arguments);
  }
}
