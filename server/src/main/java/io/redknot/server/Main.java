package io.redknot.server;

import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.config.ConfigEnvironment;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.config.StartOptions;
import io.redknot.server.log.LogLevel;
import io.redknot.server.log.ServerLog;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program. It takes the arguments of redis-server; see {@link StartOptions}. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final String DAEMON_PIDFILE = "/var/run/redis.pid";

  private Main() {}

  /** Runs the server until it is told to stop; the exit code is 1 where it could not start. */
  public static void main(String[] args) throws InterruptedException {
    ConfigEnvironment environment =
        new ConfigEnvironment(
            Path.of("").toAbsolutePath(), Runtime.getRuntime().availableProcessors(), System.in);
    System.exit(start(List.of(args), environment));
  }

  private static int start(List<String> arguments, ConfigEnvironment environment)
      throws InterruptedException {
    StartOptions options;
    try {
      options = StartOptions.parse(arguments, environment);
    } catch (ConfigFileException wrong) {
      print(System.err, wrong.text());
      return 1;
    }
    return switch (options) {
      case StartOptions.Print text -> {
        print(text.isError() ? System.err : System.out, text.text());
        yield text.exitCode();
      }
      case StartOptions.Run run -> run(run.config());
    };
  }

  /** Texts of the configuration are byte strings, one {@code char} a byte. */
  private static void print(PrintStream to, String bytes) {
    to.writeBytes((bytes + "\n").getBytes(StandardCharsets.ISO_8859_1));
    to.flush();
  }

  private static int run(ServerConfig config) throws InterruptedException {
    if (!openLog(config)) {
      return 1;
    }
    logStart(config);
    Server server = newServer(config);
    if (server == null) {
      return 1;
    }
    new ConfigHooks(config).attach(server);
    new StopSignals(signal -> server.requestStop(stopOptions(config, signal))).install();
    if (!open(server)) {
      return 1;
    }
    PidFile pidFile = pidFile(config);
    if (pidFile != null) {
      pidFile.write(ProcessHandle.current().pid());
    }
    StopRequest request = server.awaitStopRequest();
    if (!request.becauseOfFailure()) {
      LOG.warn("User requested shutdown...");
    }
    if (pidFile != null) {
      pidFile.remove();
    }
    return stop(server) && !request.becauseOfFailure() ? 0 : 1;
  }

  private static ShutdownOptions stopOptions(ServerConfig config, String signal) {
    return signal.equals("SIGINT") ? config.shutdownOnSigint.get() : config.shutdownOnSigterm.get();
  }

  private static boolean openLog(ServerConfig config) {
    ServerLog.level(LogLevel.named(config.loglevel.text()));
    String name = config.logfile.get();
    if (name.isEmpty()) {
      return true;
    }
    try {
      ServerLog.file(ServerFiles.path(config, name).toString());
      return true;
    } catch (IOException failure) {
      print(System.err, "Can't open the log file: " + failure);
      return false;
    }
  }

  private static void logStart(ServerConfig config) {
    long pid = ProcessHandle.current().pid();
    LOG.info(
        "Redknot {} is starting: compatible with Redis {}, Java {}, 64 bits, pid={}",
        StartOptions.REDKNOT_VERSION,
        StartOptions.REDIS_COMPATIBLE_VERSION,
        Runtime.version().feature(),
        pid);
    if (config.configFile() == null) {
      LOG.info("No config file specified, using the defaults and the options of the command line");
    } else {
      LOG.info("Configuration loaded from {}", config.configFile());
    }
    LOG.info(
        "Running mode={}, port={}, PID: {}",
        config.clusterEnabled.get() ? "cluster" : "standalone",
        config.port.get(),
        pid);
    if (!config.users().isEmpty() || !config.aclfile.get().isEmpty()) {
      LOG.warn("WARNING: users of the configuration are ignored; this version has no ACLs");
    }
  }

  private static @Nullable Server newServer(ServerConfig config) {
    try {
      return new Server(config, new SystemClock());
    } catch (ConfigFileException wrong) {
      print(System.err, wrong.text());
      return null;
    }
  }

  private static boolean open(Server server) {
    try {
      server.start();
      return true;
    } catch (IOException failure) {
      LOG.warn("{}", failure.getMessage());
    } catch (NodesConfException damaged) {
      LOG.warn("Unrecoverable error: corrupted cluster config file. {}", damaged.getMessage());
    }
    return false;
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

  /** A daemon has a pid file even where none is named. */
  private static @Nullable PidFile pidFile(ServerConfig config) {
    String name = config.pidfile.get();
    if (name.isEmpty()) {
      boolean daemon = config.text("daemonize").equals("yes");
      return daemon ? new PidFile(Path.of(DAEMON_PIDFILE)) : null;
    }
    return new PidFile(ServerFiles.path(config, name));
  }
}
