package io.redknot.server.differential;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A redis-server and a Redknot server with the same options. */
final class ServerPair implements AutoCloseable {
  private final ReferenceServer reference;
  private final RunningServer redknot;

  private ServerPair(Path directory, List<String> options) throws IOException {
    Path redknotDirectory = Files.createDirectories(directory.resolve("redknot"));
    Path referenceDirectory = Files.createDirectories(directory.resolve("redis"));
    List<String> ours = new ArrayList<>(options);
    ours.addAll(List.of("--dir", redknotDirectory.toString()));
    // Redis 7.0 has no listpacks of sets.
    ours.addAll(List.of("--set-max-listpack-entries", "7", "--set-max-listpack-value", "30"));
    reference = new ReferenceServer(referenceDirectory, options);
    redknot = RunningServer.start(ours.toArray(String[]::new));
  }

  /** Two servers on their own. */
  static ServerPair standalone(Path directory, List<String> options) throws IOException {
    return new ServerPair(directory, options);
  }

  /** Two clusters of one node each, which has all slots and serves them. */
  static ServerPair cluster(Path directory, List<String> options) throws IOException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--cluster-enabled", "yes"));
    ServerPair pair = new ServerPair(directory, all);
    takeAllSlots(pair.reference.port());
    takeAllSlots(pair.redknot.port());
    return pair;
  }

  private static void takeAllSlots(int port) throws IOException {
    try (RawConnection connection = new RawConnection(port)) {
      Reply added = connection.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      if (added.isError()) {
        throw new IOException(added.shown());
      }
      while (!connection.call("CLUSTER", "INFO").raw().contains("cluster_state:ok")) {
        Thread.onSpinWait();
      }
    }
  }

  int referencePort() {
    return reference.port();
  }

  int redknotPort() {
    return redknot.port();
  }

  Differential connect(int protocol, List<Family> families) throws IOException {
    return new Differential(reference.port(), redknot.port(), protocol, families);
  }

  /** A conversation of several clients with both servers, which have no keys then. */
  Conversation converse(int protocol) throws IOException {
    return new Conversation(reference.port(), redknot.port(), protocol);
  }

  @Override
  public void close() {
    redknot.close();
    reference.close();
  }
}
