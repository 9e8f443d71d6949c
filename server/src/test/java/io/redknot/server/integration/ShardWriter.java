package io.redknot.server.integration;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client that adds numbers to lists and never stops, wherever the owner of the slot is, and knows
 * what was acknowledged.
 */
final class ShardWriter implements AutoCloseable {
  private final String tag;
  private final List<NodeProcess> nodes;
  private final boolean waits;
  private final Thread thread = new Thread(this::run, "writer");
  private final List<Integer> acknowledged = new ArrayList<>();
  private volatile boolean stopped;
  private int port;

  /**
   * Begins to write.
   *
   * @param tag decides the slot
   * @param waits whether only what a replica has counts as acknowledged
   */
  ShardWriter(String tag, List<NodeProcess> nodes, boolean waits) {
    this.tag = tag;
    this.nodes = nodes;
    this.waits = waits;
    this.port = nodes.getFirst().port();
    thread.start();
  }

  static String key(String tag, int number) {
    return "{" + tag + "}:" + number;
  }

  private void run() {
    int number = 0;
    while (!stopped) {
      try (RespConnection connection = new RespConnection(port)) {
        while (!stopped && write(connection, number)) {
          number++;
        }
      } catch (IOException gone) {
        port = nodes.get(number % nodes.size()).port();
      }
      number++;
    }
  }

  /** Whether to go on with this connection. */
  private boolean write(RespConnection connection, int number) throws IOException {
    String reply = connection.ask("SET", key(tag, number), "v" + number).toString();
    if (reply.startsWith("-MOVED")) {
      port = Integer.parseInt(reply.substring(reply.lastIndexOf(':') + 1));
      return false;
    }
    if (!reply.equals("+OK")) {
      return !reply.startsWith("-CLUSTERDOWN") && !reply.startsWith("-LOADING");
    }
    if (!waits || connection.ask("WAIT", "1", "500").number() >= 1) {
      synchronized (acknowledged) {
        acknowledged.add(number);
      }
    }
    return true;
  }

  /** How many writes have been acknowledged. */
  int count() {
    synchronized (acknowledged) {
      return acknowledged.size();
    }
  }

  /** Waits until so many more writes have been acknowledged. */
  void awaitMore(int more) {
    int wanted = count() + more;
    Waiting.until(more + " more writes are acknowledged", () -> count() >= wanted);
  }

  /** Stops; the first number that was acknowledged and that the node does not have, or null. */
  @Nullable String missingIn(NodeProcess node) throws IOException {
    close();
    for (int number : acknowledged) {
      String value = node.ask("GET", key(tag, number)).toString();
      if (!value.contains("v" + number)) {
        return "write " + number + " of " + acknowledged.size() + ": " + value;
      }
    }
    return null;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
