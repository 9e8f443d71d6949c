package io.redknot.server.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Records the cache of loaded and linked classes with which the server starts quickly: starts a
 * server through its launcher, has it do what servers do, and stops it. The JVM writes the cache
 * when it ends.
 *
 * <pre>
 * launcher cache-file folder     the folder is the server's, and is made if it is missing
 * </pre>
 *
 * <p>Source: JEP 514, ahead-of-time command-line ergonomics.
 */
public final class Training {
  private static final int ANSWER_TIMEOUT_MS = 10_000;
  private static final long START_LIMIT_MS = 60_000;
  private static final long END_LIMIT_MS = 120_000;
  private static final int FIRST_PORT = 21_000;
  private static final int PORTS = 8_000;
  private static final int ROUNDS = 10;

  /** Profiles in the cache make the JVM compile at once what it compiled in the training. */
  private static final String NO_PROFILES =
      " -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining";

  private static final String SELF = "0123456789abcdef0123456789abcdef01234567";
  private static final String PEER = "76543210fedcba9876543210fedcba9876543210";

  /**
   * A node that owns all slots, so that the training reads such a file, too, and one that nobody
   * has ever heard of.
   */
  private static final String NODES =
      SELF
          + " :0@0 myself,master - 0 0 0 connected 0-16383\n"
          + PEER
          + " 127.0.0.1:1@1 master - 0 0 1 connected\n"
          + "vars currentEpoch 1 lastVoteEpoch 0\n";

  private final PrintStream err;

  Training(PrintStream err) {
    this.err = err;
  }

  /** Makes the cache and ends the process: 0 where it is there, 1 where it is not, 2 for usage. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(new Training(System.err).run(args));
  }

  int run(String... args) throws InterruptedException {
    if (args.length != 3) {
      err.println("training: expected launcher cache-file folder");
      return 2;
    }
    Path cache = Path.of(args[1]).toAbsolutePath();
    try {
      record(Path.of(args[0]).toAbsolutePath(), cache, Path.of(args[2]).toAbsolutePath());
    } catch (IOException failure) {
      err.println("training: " + failure.getMessage());
      return 1;
    }
    return 0;
  }

  private void record(Path launcher, Path cache, Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("nodes.conf"), NODES);
    Files.deleteIfExists(cache);
    Path log = folder.resolve("training.log");
    NodeAddress address = new NodeAddress("127.0.0.1", freePort());
    ProcessBuilder builder =
        new ProcessBuilder(
            launcher.toString(),
            "--port",
            Integer.toString(address.port()),
            "--bind",
            address.host(),
            "--dir",
            folder.toString(),
            "--cluster-enabled",
            "yes");
    builder.environment().put("REDKNOT_JAVA_OPTS", "-XX:AOTCacheOutput=" + cache + NO_PROFILES);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Process server = builder.start();
    try {
      exercise(server, address);
      if (!server.waitFor(END_LIMIT_MS, TimeUnit.MILLISECONDS) || !Files.exists(cache)) {
        throw new IOException("no cache was written:\n" + Files.readString(log));
      }
    } catch (IOException failure) {
      throw new IOException(failure.getMessage() + "\n" + Files.readString(log), failure);
    } finally {
      server.destroyForcibly();
    }
  }

  private static int freePort() throws IOException {
    int first = (int) (ProcessHandle.current().pid() % PORTS);
    for (int i = 0; i < PORTS; i++) {
      int port = FIRST_PORT + (first + i) % PORTS;
      if (isFree(port) && isFree(port + NodeAddress.BUS_PORT_DISTANCE)) {
        return port;
      }
    }
    throw new IOException("no free port");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private static void exercise(Process server, NodeAddress address)
      throws IOException, InterruptedException {
    boolean up =
        Patience.await(
            START_LIMIT_MS,
            () -> {
              if (!server.isAlive()) {
                throw new IOException("the server ended while it was starting");
              }
              return serves(address);
            });
    if (!up) {
      throw new IOException("the server does not serve its slots");
    }
    List<List<String>> usual = new ArrayList<>(TrainingCommands.USUAL);
    usual.addAll(TrainingCommands.moving(address, SELF, PEER));
    try (RespClient client = RespClient.connect(address, ANSWER_TIMEOUT_MS)) {
      for (List<String> command : TrainingCommands.FIRST) {
        client.send(command);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (List<String> command : usual) {
          client.send(command);
        }
      }
      client.send(List.of("HELLO", "3"));
      for (List<String> command : TrainingCommands.USUAL) {
        client.send(command);
      }
      client.send(List.of("SHUTDOWN", "NOSAVE"));
      client.skipToEnd();
    }
  }

  /** A node is reluctant at first: until then all that is about keys would be refused. */
  private static boolean serves(NodeAddress address) {
    try (RespClient client = RespClient.connect(address, ANSWER_TIMEOUT_MS)) {
      return client.ask("CLUSTER", "INFO").contains("cluster_state:ok");
    } catch (IOException notYet) {
      return false;
    }
  }
}
