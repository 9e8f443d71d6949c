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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A server of this process on a free port of the loopback interface. */
public final class RunningServer implements AutoCloseable {
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
    return startOn(disk, ChannelSecurity.NONE, arguments);
  }

  /** As {@link #startOn(Disk, String...)}, with that between its sockets and itself. */
  static RunningServer startOn(Disk disk, ChannelSecurity security, String... arguments) {
    ServerLog.level(Choices.LogLevel.NOTHING);
    int port = Ports.claim();
    List<String> all =
        new ArrayList<>(
            List.of("--port", String.valueOf(port), "--bind", "127.0.0.1", "--io-threads", "2"));
    all.addAll(List.of("--save", ""));
    all.addAll(List.of(arguments));
    ConfigEnvironment environment =
        new ConfigEnvironment(Path.of("target").toAbsolutePath(), 2, InputStream.nullInputStream());
    try {
      if (StartOptions.parse(all, environment) instanceof StartOptions.Run run) {
        Server server = new Server(run.config(), new SystemClock(), disk, security);
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
    Ports.release(port);
  }

  /** Waits until the file thread has done what it was given. */
  public void awaitFiles() {
    AtomicBoolean done = new AtomicBoolean();
    server.files().execute(() -> done.set(true));
    Eventually.await("the file thread to be done", done::get);
  }
}
