package io.redknot.server.config;

import io.redknot.server.net.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A real redis-server that tells what is right, with a connection to it. */
final class RedisOracle implements AutoCloseable {
  private static final Path BINARY = Path.of("/usr/bin/redis-server");

  private final Process process;
  private final Socket socket;
  private final InputStream replies;

  private RedisOracle(Process process, int port) throws IOException {
    this.process = process;
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    this.replies = socket.getInputStream();
  }

  static boolean isInstalled() {
    return Files.isExecutable(BINARY);
  }

  /** Starts a server with the arguments, and with a port of its own on the loopback. */
  static RedisOracle start(Path directory, String... arguments) throws IOException {
    int port = Ports.claim();
    Process process = launch(directory, port, arguments);
    BufferedReader log = process.inputReader();
    String line = log.readLine();
    while (line != null && !line.contains("Ready to accept connections")) {
      line = log.readLine();
    }
    if (line == null) {
      throw new IOException("redis-server did not start");
    }
    return new RedisOracle(process, port);
  }

  /** Runs a server that is expected not to start, and returns what it printed. */
  static String failedStart(Path directory, String... arguments) throws IOException {
    Process process = launch(directory, Ports.claim(), arguments);
    StringBuilder text = new StringBuilder();
    for (String line : (Iterable<String>) process.inputReader().lines()::iterator) {
      if (line.contains("Ready to accept connections")) {
        process.destroyForcibly();
      }
      text.append(line).append('\n');
    }
    return text.toString();
  }

  private static Process launch(Path directory, int port, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(BINARY.toString()));
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    return builder.redirectErrorStream(true).start();
  }

  /** Sends a command; an error reply is returned as its text, an array as its elements. */
  List<String> call(String... words) throws IOException {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    return readReply();
  }

  private List<String> readReply() throws IOException {
    String line = readLine();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '*' -> readElements(Integer.parseInt(rest));
      case '$' -> List.of(readBulk(Integer.parseInt(rest)));
      default -> List.of(rest);
    };
  }

  private List<String> readElements(int count) throws IOException {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.addAll(readReply());
    }
    return elements;
  }

  private String readBulk(int length) throws IOException {
    byte[] bytes = replies.readNBytes(length);
    replies.skipNBytes(2);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    int c = replies.read();
    while (c != '\r') {
      if (c < 0) {
        throw new IOException("redis-server closed the connection");
      }
      line.append((char) c);
      c = replies.read();
    }
    replies.skipNBytes(1);
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    process.destroyForcibly();
    process.onExit().join();
  }
}
