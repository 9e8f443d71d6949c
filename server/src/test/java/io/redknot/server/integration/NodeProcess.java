package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A cluster node in a process and a folder of its own, on 127.0.0.1. */
final class NodeProcess implements AutoCloseable {
  /** Short, so that failures are noticed soon, and long enough for a machine that is busy. */
  static final int NODE_TIMEOUT_MS = 2_000;

  private static final int LOG_TAIL_LINES = 60;

  private final NodeKind kind;
  private final Path folder;
  private final int port;
  private final List<String> directives;
  private @Nullable Process process;
  private @Nullable RespConnection connection;

  /**
   * A node that is not started yet.
   *
   * @param folder its own, existing
   * @param directives lines for its configuration file
   */
  NodeProcess(NodeKind kind, Path folder, int port, List<String> directives) throws IOException {
    this.kind = kind;
    this.folder = folder;
    this.port = port;
    this.directives = directives;
    Files.writeString(conf(), String.join("\n", confLines()) + "\n");
  }

  private List<String> confLines() {
    List<String> lines = new ArrayList<>();
    lines.add("port " + port);
    lines.add("bind 127.0.0.1");
    lines.add("dir \"" + folder + "\"");
    lines.add("save \"\"");
    lines.add("cluster-enabled yes");
    lines.add("cluster-config-file nodes.conf");
    lines.add("cluster-node-timeout " + NODE_TIMEOUT_MS);
    lines.add("repl-diskless-sync-delay 0");
    lines.addAll(directives);
    return lines;
  }

  NodeKind kind() {
    return kind;
  }

  int port() {
    return port;
  }

  int busPort() {
    return port + Ports.BUS_OFFSET;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  Path folder() {
    return folder;
  }

  Path conf() {
    return folder.resolve("node.conf");
  }

  Path nodesConf() {
    return folder.resolve("nodes.conf");
  }

  /** Starts the process, without waiting for anything. */
  NodeProcess launch() throws IOException {
    return launch(List.of());
  }

  /** Starts the process with further arguments. */
  NodeProcess launch(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(kind.command());
    command.add(conf().toString());
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
            .start();
    Children.add(running());
    return this;
  }

  /** Waits until the node answers. */
  NodeProcess awaitReady() {
    Waiting.untilNothing(
        this + " answers PING",
        () -> {
          assertTrue(running().isAlive(), () -> this + " ended instead of answering:\n" + log());
          try (RespConnection probe = connect()) {
            String answer = probe.ask("PING").toString();
            return answer.equals("+PONG") ? "" : answer;
          }
        });
    return this;
  }

  /** Starts the process and waits until the node answers. */
  NodeProcess start() throws IOException {
    return launch().awaitReady();
  }

  boolean isAlive() {
    return running().isAlive();
  }

  private Process running() {
    return Objects.requireNonNull(process);
  }

  /** Ends the process at once, as kill -9 does. */
  void kill() {
    if (process != null) {
      disconnect();
      running().destroyForcibly();
      awaitEnd();
    }
  }

  /** Stops the process where it is, until {@link #thaw}; its sockets stay open. */
  void freeze() throws IOException {
    signal("STOP");
  }

  void thaw() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(running().pid())).inheritIO().start();
    assertEquals(0, kill.onExit().join().exitValue(), () -> "kill -" + name + " " + this);
  }

  /** Asks the process to stop, as SIGTERM does; its exit code. */
  int terminate() {
    disconnect();
    running().destroy();
    return awaitEnd();
  }

  /** Waits until the process has ended; its exit code. */
  int awaitEnd() {
    try {
      assertTrue(
          running().waitFor(Waiting.LIMIT_MS, TimeUnit.MILLISECONDS),
          () -> this + " does not end:\n" + log());
      return running().exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + this + " ends", e);
    }
  }

  /** A connection of the caller's own. */
  RespConnection connect() throws IOException {
    return new RespConnection(port);
  }

  /** Asks over this node's own connection, which is opened when it is needed. */
  synchronized Reply ask(String... words) throws IOException {
    try {
      if (connection == null) {
        connection = connect();
      }
      return connection.ask(words);
    } catch (IOException broken) {
      disconnect();
      throw new IOException(this + " gave no answer: " + broken.getMessage(), broken);
    }
  }

  /** Asks for a text or a number; an error fails the test, but for one that goes by itself. */
  String text(String... words) throws IOException {
    Reply reply = ask(words);
    if (reply.toString().startsWith("-LOADING")) {
      // It has become a replica just now; who waits asks again.
      throw new IOException(this + ": " + reply);
    }
    assertTrue(!reply.isError(), () -> this + ": " + String.join(" ", words) + ": " + reply);
    return reply.words();
  }

  /** The value of one line of CLUSTER INFO. */
  String clusterInfo(String field) throws IOException {
    return text("CLUSTER", "INFO")
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  boolean stateOk() throws IOException {
    return clusterInfo("cluster_state").equals("ok");
  }

  String id() throws IOException {
    return text("CLUSTER", "MYID");
  }

  synchronized void disconnect() {
    if (connection != null) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new AssertionError("a socket that cannot be closed", e);
      }
      connection = null;
    }
  }

  private Path logFile() {
    return folder.resolve("log");
  }

  /** Everything the process printed. */
  String log() {
    try {
      return Files.exists(logFile()) ? Files.readString(logFile()) : "";
    } catch (IOException e) {
      throw new AssertionError("a log that cannot be read", e);
    }
  }

  /** The end of what the process printed. */
  String logTail() {
    List<String> lines = log().lines().toList();
    int from = Math.max(0, lines.size() - LOG_TAIL_LINES);
    return "---- log of " + this + "\n" + String.join("\n", lines.subList(from, lines.size()));
  }

  @Override
  public void close() {
    kill();
  }

  @Override
  public String toString() {
    return kind + " at " + port;
  }
}
