package io.redknot.server.differential;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Looks for ports that nobody listens on. */
final class FreePort {
  private static final int FIRST = 21_000;
  private static final int END = 54_000;

  private static int next = FIRST + (int) (ProcessHandle.current().pid() * 37 % (END - FIRST));

  private FreePort() {}

  /** A free port of the loopback address, another one in every call. */
  static synchronized int find() throws IOException {
    for (int tries = 0; tries < END - FIRST; tries++) {
      next = next + 1 < END ? next + 1 : FIRST;
      if (isFree(next)) {
        return next;
      }
    }
    throw new IOException("no free port");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException _) {
      return false;
    }
  }
}
