package io.redknot.server.net;

import io.redknot.server.Server;
import io.redknot.server.SystemClock;
import io.redknot.server.config.Choices;
import io.redknot.server.config.ConfigEnvironment;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.StartOptions;
import io.redknot.server.log.ServerLog;
import io.redknot.server.persistence.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/** A server of this process on a free port of the loopback interface. */
public final class RunningServer implements AutoCloseable {
  private static final int FIRST_PORT = 30_000;
  private static final int PORTS = 14_000;
  private static final int BUS_OFFSET = 10_000;

  // Different from process to process, so that builds side by side seldom look at the same ports.
  private static final Random PORT_CHOICE = new Random(ProcessHandle.current().pid());

  private final Server server;
  private final int port;

  private RunningServer(Server server, int port) {
    this.server = server;
    this.port = port;
  }

  /** Starts a server with arguments as on the command line, such as {@code --maxclients 2}. */
  public static RunningServer start(String... arguments) {
    return startOn(Disk.REAL, arguments);
  }

  /** As {@link #start}, with its data on that disk. */
  public static RunningServer startOn(Disk disk, String... arguments) {
    ServerLog.level(Choices.LogLevel.NOTHING);
    int port = freePort();
    List<String> all =
        new ArrayList<>(
            List.of("--port", String.valueOf(port), "--bind", "127.0.0.1", "--io-threads", "2"));
    all.addAll(List.of("--save", ""));
    all.addAll(List.of(arguments));
    ConfigEnvironment environment =
        new ConfigEnvironment(Path.of("target").toAbsolutePath(), 2, InputStream.nullInputStream());
    try {
      if (StartOptions.parse(all, environment) instanceof StartOptions.Run run) {
        Server server = new Server(run.config(), new SystemClock(), disk);
        return started(server, port);
      }
      throw new IllegalArgumentException(all.toString());
    } catch (ConfigFileException wrong) {
      throw new IllegalArgumentException(wrong.text(), wrong);
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static RunningServer started(Server server, int port) throws Exception {
    try {
      server.start();
      return new RunningServer(server, port);
    } catch (Exception refused) {
      server.stop();
      throw refused;
    }
  }

  /**
   * A port that nobody listens on, nor on its bus port, below the range from which the system takes
   * its own.
   */
  public static synchronized int freePort() {
    int port = candidate();
    while (!isFree(port) || !isFree(port + BUS_OFFSET)) {
      port = candidate();
    }
    return port;
  }

  private static int candidate() {
    return FIRST_PORT + PORT_CHOICE.nextInt(PORTS);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  public Server server() {
    return server;
  }

  public int port() {
    return port;
  }

  /** A new connection; the caller closes it. */
  public RawClient connect() {
    return new RawClient(port);
  }

  /** Returns when it has stopped and nothing is written to its files any more. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
    awaitFiles();
  }

  /** Waits until the file thread has done what it was given. */
  public void awaitFiles() {
    AtomicBoolean done = new AtomicBoolean();
    server.files().execute(() -> done.set(true));
    Eventually.await("the file thread to be done", done::get);
  }
}
