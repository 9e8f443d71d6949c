package io.redknot.server;

import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.config.ConfigEnvironment;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.StartOptions;
import io.redknot.server.log.ServerLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program; its arguments are those of redis-server. */
public final class Main {
  private Main() {}

  /** Runs the server until it is told to stop. */
  public static void main(String[] args) throws InterruptedException, IOException {
    ConfigEnvironment environment =
        new ConfigEnvironment(
            Path.of("").toAbsolutePath(), Runtime.getRuntime().availableProcessors(), System.in);
    int code;
    try {
      code =
          switch (StartOptions.parse(List.of(args), environment)) {
            case StartOptions.Run run -> run(run.config());
            case StartOptions.Print print -> {
              (print.isError() ? System.err : System.out).println(print.text());
              yield print.exitCode();
            }
          };
    } catch (ConfigFileException wrong) {
      System.err.println(wrong.text());
      code = 1;
    }
    System.exit(code);
  }

  private static int run(ServerConfig config) throws InterruptedException, IOException {
    if (!openLog(config)) {
      return 1;
    }
    Logger log = LoggerFactory.getLogger(Main.class);
    long pid = ProcessHandle.current().pid();
    log.info(
        "Redknot {} is starting, compatible with Redis {}, PID: {}",
        StartOptions.REDKNOT_VERSION,
        StartOptions.REDIS_COMPATIBLE_VERSION,
        pid);
    Server server = new Server(config, new SystemClock());
    try {
      log.info(
          "Running mode={}, port={}.",
          config.clusterEnabled.get() ? "cluster" : "standalone",
          config.port.get());
      server.start();
    } catch (IOException | NodesConfException failure) {
      log.warn("{}", failure.getMessage());
      return 1;
    }
    handleSignals(server, log);
    Path pidFile = writePidFile(config, pid, log);
    log.info("Server initialized");
    if (config.port.get() != 0) {
      log.info("Ready to accept connections tcp");
    }
    server.awaitStopRequest();
    server.stop();
    if (pidFile != null) {
      log.info("Removing the pid file.");
      Files.deleteIfExists(pidFile);
    }
    log.warn("Redknot is now ready to exit, bye bye...");
    return 0;
  }

  private static boolean openLog(ServerConfig config) {
    String file = config.logfile.get();
    try {
      ServerLog.level(config.loglevel.get());
      if (!file.isEmpty()) {
        ServerLog.file(config.dir.get().resolve(file).toString());
      }
      return true;
    } catch (IOException failure) {
      System.err.println("Can't open the log file: " + failure.getMessage());
      return false;
    }
  }

  private static void handleSignals(Server server, Logger log) {
    for (String name : new String[] {"TERM", "INT"}) {
      Signals.handle(
          name,
          signal -> {
            log.warn("Received SIG{} scheduling shutdown...", signal);
            server.requestStop();
          });
    }
    // A closed terminal is no reason to stop.
    Signals.handle("HUP", signal -> {});
  }

  /** As in Redis, a failure is told and no reason to stop. */
  private static @Nullable Path writePidFile(ServerConfig config, long pid, Logger log) {
    String name = config.pidfile.get();
    if (name.isEmpty()) {
      return null;
    }
    Path file = config.dir.get().resolve(name);
    try {
      Files.writeString(file, pid + "\n");
      return file;
    } catch (IOException failure) {
      log.warn("Failed to write PID file: {}", failure.getMessage());
      return null;
    }
  }
}
