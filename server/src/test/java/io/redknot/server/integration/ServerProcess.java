package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own with the arguments of a test, and nothing else. */
final class ServerProcess implements AutoCloseable {
  private final Path folder;
  private final Process process;

  private ServerProcess(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** Starts a server in a folder, which becomes its working directory. */
  static ServerProcess start(NodeKind kind, Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(kind.command());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    Children.add(process);
    return new ServerProcess(folder, process);
  }

  ServerProcess awaitLine(String text) {
    Waiting.untilNothing(
        "a line with '" + text + "'",
        () -> {
          assertTrue(process.isAlive() || out().contains(text), () -> out() + err());
          return out().contains(text) ? "" : "its output: " + out();
        });
    return this;
  }

  /** Waits until it serves; its whole output so far goes to standard output. */
  ServerProcess awaitReady() {
    return awaitLine("Ready to accept connections");
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGTERM. Not SIGINT: a test run in the background would hand down that it is ignored. */
  void terminate() {
    process.destroy();
  }

  /** Waits for the end; the exit code. */
  int awaitEnd() throws InterruptedException {
    assertTrue(process.waitFor(Waiting.LIMIT_MS, TimeUnit.MILLISECONDS), this::out);
    return process.exitValue();
  }

  /** What it has written to standard output. */
  String out() {
    return read("out");
  }

  /** What it has written to standard error. */
  String err() {
    return read("err");
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new AssertionError("an output that cannot be read", e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
