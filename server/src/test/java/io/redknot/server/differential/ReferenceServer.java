package io.redknot.server.differential;

import io.redknot.server.net.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real redis-server that keeps nothing on disk and ends with the test. */
final class ReferenceServer implements AutoCloseable {
  private static final String READY = "Ready to accept connections";
  private static final String SENTINEL_READY = "Sentinel ID is";

  private final Process process;
  private final int port;

  /**
   * Starts one and waits until it takes connections.
   *
   * @param directory where it runs
   * @param options further ones, as on the command line
   * @throws IOException where there is no redis-server, or it does not start
   */
  ReferenceServer(Path directory, List<String> options) throws IOException {
    this(directory, List.of(), with(options), READY);
  }

  private ReferenceServer(Path directory, List<String> first, List<String> options, String ready)
      throws IOException {
    port = Ports.claim();
    List<String> command = new ArrayList<>(List.of("redis-server"));
    command.addAll(first);
    command.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1"));
    command.addAll(options);
    process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    BufferedReader log = process.inputReader(StandardCharsets.ISO_8859_1);
    StringBuilder read = new StringBuilder();
    String line = "";
    while (line != null && !line.contains(ready)) {
      line = log.readLine();
      read.append(line).append('\n');
    }
    if (line == null) {
      throw new IOException("redis-server did not start:\n" + read);
    }
    var _ = Thread.ofVirtual().start(() -> drain(log));
  }

  private static List<String> with(List<String> options) {
    List<String> all = new ArrayList<>(List.of("--save", "", "--appendonly", "no"));
    all.addAll(options);
    return all;
  }

  /** A sentinel that watches nothing yet and keeps a file in that directory. */
  static ReferenceServer sentinel(Path directory) throws IOException {
    Path file = directory.resolve("sentinel.conf");
    Files.writeString(file, "# written by the sentinel\n");
    List<String> how = List.of("--sentinel");
    return new ReferenceServer(directory, List.of(file.toString()), how, SENTINEL_READY);
  }

  private static void drain(BufferedReader log) {
    try (Writer nowhere = Writer.nullWriter()) {
      log.transferTo(nowhere);
    } catch (IOException _) {
      // The process has ended and its output with it.
    }
  }

  int port() {
    return port;
  }

  /** Stops the process where it is, until {@link #thaw}; its sockets stay open. */
  void freeze() throws IOException {
    signal("-STOP");
  }

  void thaw() throws IOException {
    signal("-CONT");
  }

  private void signal(String name) throws IOException {
    String pid = Long.toString(process.pid());
    int exit =
        new ProcessBuilder("kill", name, pid).inheritIO().start().onExit().join().exitValue();
    if (exit != 0) {
      throw new IOException("kill " + name + " " + pid + ": " + exit);
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
    Ports.release(port);
  }
}
