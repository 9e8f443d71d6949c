package io.redknot.cluster.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A redis-server process with cluster support, and a client that speaks inline commands to it. */
final class RealRedis implements AutoCloseable {
  final int port;
  private final Process process;

  RealRedis(int port, Path dir) throws IOException {
    this.port = port;
    process =
        new ProcessBuilder(
                List.of(
                    "redis-server",
                    "--port",
                    Integer.toString(port),
                    "--bind",
                    "127.0.0.1",
                    "--cluster-enabled",
                    "yes",
                    "--cluster-node-timeout",
                    "1500",
                    "--repl-diskless-sync-delay",
                    "0",
                    "--save",
                    "",
                    "--dir",
                    dir.toString(),
                    "--cluster-config-file",
                    "nodes-" + port + ".conf"))
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("redis-" + port + ".log").toFile())
            .start();
    try {
      Await.until("redis answers", this::answers);
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  private boolean answers() {
    try {
      return call("PING").equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  /** The first line of a simple reply, or the text of a bulk. */
  String call(String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String first = in.readLine();
      if (first == null) {
        throw new IOException("no reply");
      }
      if (!first.startsWith("$")) {
        return first;
      }
      char[] bulk = new char[Integer.parseInt(first.substring(1))];
      int at = 0;
      while (at < bulk.length) {
        int read = in.read(bulk, at, bulk.length - at);
        if (read < 0) {
          throw new IOException("reply cut short");
        }
        at += read;
      }
      return new String(bulk);
    }
  }

  /** Like {@link #call}, for conditions: a server that is gone answers nothing. */
  String ask(String command) {
    try {
      return call(command);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
