package io.redknot.server.tool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;

/** Ports for cluster nodes: free together with their bus ports, below the system's own range. */
final class FreePorts {
  private static final int BUS_OFFSET = 10_000;
  private static final int FIRST = 20_000;

  // Different from process to process, so that builds side by side seldom look at the same ports.
  private final Random random = new Random(ProcessHandle.current().pid());

  /** The first of {@code count} free ports in a row. */
  int row(int count) {
    while (true) {
      int first = FIRST + random.nextInt(BUS_OFFSET - count);
      int port = first;
      while (port < first + count && isFree(port) && isFree(port + BUS_OFFSET)) {
        port++;
      }
      if (port == first + count) {
        return first;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
