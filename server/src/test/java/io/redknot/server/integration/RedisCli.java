package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Stock redis-cli. */
final class RedisCli {
  private RedisCli() {}

  /** What it printed on both outputs, and its exit code. */
  record Outcome(int code, String text) {}

  /** Runs it to its end. */
  static Outcome run(List<String> words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Programs.find("redis-cli"));
    command.addAll(words);
    return runProgram(command);
  }

  /** Runs a program to its end that uses redis-cli. */
  static Outcome runProgram(List<String> command) throws IOException, InterruptedException {
    return runProgram(command, Path.of("/dev/null"));
  }

  private static Outcome runProgram(List<String> command, Path input)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("redis-cli", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(input.toFile()))
              .start();
      Children.add(process);
      assertTrue(
          process.waitFor(Waiting.LIMIT_MS, TimeUnit.MILLISECONDS),
          () -> command + " does not end");
      return new Outcome(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  /** Runs {@code redis-cli -p port words...} and expects it to exit with 0; what it printed. */
  static String ask(int port, String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-h", "127.0.0.1", "-p", Integer.toString(port)));
    all.addAll(List.of(words));
    Outcome outcome = run(all);
    assertEquals(0, outcome.code(), outcome::text);
    return outcome.text().strip();
  }

  /** Runs {@code redis-cli --cluster} and expects it to exit with 0; what it printed. */
  static String cluster(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("--cluster"));
    all.addAll(List.of(words));
    Outcome outcome = run(all);
    assertEquals(0, outcome.code(), outcome::text);
    return outcome.text();
  }

  /** As {@link #cluster}, of what asks and has to be told yes, whatever its options say. */
  static void confirmed(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(Programs.find("redis-cli"), "--cluster"));
    all.addAll(List.of(words));
    Path yes = Files.createTempFile("redis-cli", ".in");
    try {
      Files.writeString(yes, "yes\n");
      Outcome outcome = runProgram(all, yes);
      assertEquals(0, outcome.code(), outcome::text);
    } finally {
      Files.delete(yes);
    }
  }
}
