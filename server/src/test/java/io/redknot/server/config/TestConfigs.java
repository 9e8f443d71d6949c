package io.redknot.server.config;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Builds configurations from texts and arguments in a directory of the test's own. */
final class TestConfigs {
  static final int CORES = 2;

  private TestConfigs() {}

  static ConfigEnvironment environment(Path directory, String standardInput) {
    byte[] input = standardInput.getBytes(StandardCharsets.ISO_8859_1);
    return new ConfigEnvironment(directory, CORES, new ByteArrayInputStream(input));
  }

  static ServerConfig defaults(Path directory) {
    return new ServerConfig(environment(directory, ""));
  }

  static StartOptions parse(Path directory, String standardInput, String... arguments)
      throws ConfigFileException {
    return StartOptions.parse(List.of(arguments), environment(directory, standardInput));
  }

  static ServerConfig start(Path directory, String... arguments) throws ConfigFileException {
    return ((StartOptions.Run) parse(directory, "", arguments)).config();
  }

  static ServerConfig fromText(Path directory, String text) throws Exception {
    write(directory.resolve("test.conf"), text);
    return start(directory, "test.conf");
  }

  static void write(Path file, String text) throws Exception {
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
  }
}
