package io.redknot.server;

import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.config.ConfigEnvironment;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.config.StartOptions;
import io.redknot.server.log.ServerLog;
import io.redknot.server.net.Transport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program; its arguments are those of redis-server, see {@link StartOptions}. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final String DAEMON_PIDFILE = "/var/run/redis.pid";

  private Main() {}

  /** Runs the server until it is told to stop; the exit code is 1 where it cannot start. */
  public static void main(String[] args) throws InterruptedException {
    Transport.loadAhead();
    ConfigEnvironment environment =
        new ConfigEnvironment(
            Path.of("").toAbsolutePath(), Runtime.getRuntime().availableProcessors(), System.in);
    int code;
    try {
      code = follow(StartOptions.parse(List.of(args), environment));
    } catch (ConfigFileException wrong) {
      print(System.err, wrong.text());
      code = 1;
    }
    System.exit(code);
  }

  // No switch over the types: linking its method handle takes a twentieth of the start.
  private static int follow(StartOptions options) throws InterruptedException, ConfigFileException {
    if (options instanceof StartOptions.Print text) {
      print(text.isError() ? System.err : System.out, text.text());
      return text.exitCode();
    }
    return run(((StartOptions.Run) options).config());
  }

  /** Texts of the configuration are byte strings, one {@code char} a byte. */
  private static void print(PrintStream to, String bytes) {
    to.writeBytes((bytes + "\n").getBytes(StandardCharsets.ISO_8859_1));
    to.flush();
  }

  private static int run(ServerConfig config) throws InterruptedException, ConfigFileException {
    if (!openLog(config)) {
      return 1;
    }
    logStart(config);
    Server server = new Server(config, new SystemClock());
    if (!open(server)) {
      return 1;
    }
    handleSignals(server);
    PidFile pidFile = pidFile(config);
    if (pidFile != null) {
      pidFile.write(ProcessHandle.current().pid());
    }
    LOG.info("Server initialized");
    if (config.port.get() != 0) {
      LOG.info("Ready to accept connections tcp");
    }
    if (!config.unixsocket.get().isEmpty()) {
      LOG.info("Ready to accept connections unix");
    }
    StopRequest request = server.stopping().await();
    if (pidFile != null) {
      pidFile.remove();
    }
    return stop(server) && !request.becauseOfFailure() ? 0 : 1;
  }

  private static boolean openLog(ServerConfig config) {
    ServerLog.level(config.loglevel.get());
    String name = config.logfile.get();
    if (name.isEmpty()) {
      return true;
    }
    try {
      ServerLog.file(ServerFiles.path(config, name).toString());
      return true;
    } catch (IOException failure) {
      print(System.err, "Can't open the log file: " + failure.getMessage());
      return false;
    }
  }

  private static void logStart(ServerConfig config) {
    LOG.info(
        "Redknot {} is starting, compatible with Redis {}, pid={}",
        StartOptions.REDKNOT_VERSION,
        StartOptions.REDIS_COMPATIBLE_VERSION,
        ProcessHandle.current().pid());
    Path file = config.configFile();
    if (file == null) {
      LOG.info("No configuration file is named; defaults and options hold");
    } else {
      LOG.info("Configuration loaded from {}", file);
    }
    if (!config.users().isEmpty() || !config.aclfile.get().isEmpty()) {
      LOG.warn("WARNING: this version has no ACLs; the users of the configuration are ignored");
    }
  }

  private static boolean open(Server server) {
    try {
      server.start();
      return true;
    } catch (IOException failure) {
      LOG.warn("{}", failure.getMessage());
    } catch (NodesConfException unusable) {
      LOG.warn("The cluster configuration file cannot be used: {}", unusable.getMessage());
    }
    return false;
  }

  private static void handleSignals(Server server) {
    AtomicInteger received = new AtomicInteger();
    ServerConfig config = server.config();
    Signals.handle("TERM", signal -> stopBy(signal, server, config.shutdownOnSigterm.get()));
    Signals.handle(
        "INT",
        signal -> {
          if (received.getAndIncrement() > 0) {
            LOG.warn("A second SIGINT: exiting at once.");
            Runtime.getRuntime().halt(1);
          }
          stopBy(signal, server, config.shutdownOnSigint.get());
        });
    // A closed terminal is no reason to stop.
    Signals.handle("HUP", signal -> {});
  }

  private static void stopBy(String signal, Server server, ShutdownOptions options) {
    LOG.warn("Received SIG{} scheduling shutdown...", signal);
    server.stopping().request(options, () -> {});
  }

  /** A daemon has a pid file even where none is named. */
  private static @Nullable PidFile pidFile(ServerConfig config) {
    String name = config.pidfile.get();
    if (name.isEmpty()) {
      boolean daemon = config.text("daemonize").equals("yes");
      return daemon ? new PidFile(Path.of(DAEMON_PIDFILE)) : null;
    }
    return new PidFile(ServerFiles.path(config, name));
  }

  private static boolean stop(Server server) {
    try {
      server.stop();
    } catch (IOException failure) {
      LOG.warn("Closing the cluster configuration file failed: {}", failure.toString());
      return false;
    }
    LOG.warn("Redknot is now ready to exit, bye bye...");
    return true;
  }
}
