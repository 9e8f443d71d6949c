package io.redknot.server.integration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Ports for cluster nodes, free together with their bus ports. Both lie below the range from which
 * Linux gives ports to outgoing connections, so that nothing takes them between two starts.
 *
 * <p>A port is claimed by holding the UDP port of the same number, which no node uses: test runs
 * side by side see each other's claims, and the system lifts them when the process is gone.
 */
final class Ports {
  static final int BUS_OFFSET = 10_000;
  private static final int FIRST = 20_000;
  private static final int COUNT = 2_700;

  private static final List<DatagramChannel> CLAIMS = new ArrayList<>();
  private static int next = new Random(ProcessHandle.current().pid()).nextInt(COUNT);

  private Ports() {}

  /** A port that is this process's own until it ends. */
  static synchronized int claim() throws IOException {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + next++ % COUNT;
      if (isFree(port) && isFree(port + BUS_OFFSET) && isClaimed(port)) {
        return port;
      }
    }
    throw new IOException("no free port from " + FIRST + " to " + (FIRST + COUNT));
  }

  private static boolean isClaimed(int port) throws IOException {
    DatagramChannel claim = DatagramChannel.open();
    try {
      claim.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      CLAIMS.add(claim);
      return true;
    } catch (IOException taken) {
      claim.close();
      return false;
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
