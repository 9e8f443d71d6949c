package io.redknot.server.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Ports for servers, free together with their bus ports. Both lie below the range from which Linux
 * gives ports to outgoing connections, so that nothing takes them between two starts.
 *
 * <p>A port is claimed by holding the UDP port of the same number, which no server uses: test runs
 * side by side see each other's claims, and the system lifts them when the process is gone.
 */
public final class Ports {
  /** How far the bus port of a node lies above its port. */
  public static final int BUS_OFFSET = 10_000;

  private static final int FIRST = 11_000;
  private static final int COUNT = 11_700;

  private static final Map<Integer, Claim> CLAIMS = new HashMap<>();
  private static int next = new Random(ProcessHandle.current().pid()).nextInt(COUNT);

  private Ports() {}

  /** A port that is this process's own until it is released or the process ends. */
  public static int claim() {
    return claimRow(1);
  }

  /** As {@link #claim}, {@code count} ports in a row; the first of them is returned. */
  public static synchronized int claimRow(int count) {
    for (int tries = 0; tries < COUNT; tries++) {
      int first = FIRST + next++ % (COUNT - count + 1);
      if (claimAll(first, count)) {
        next += count - 1;
        return first;
      }
    }
    throw new IllegalStateException("no free port from " + FIRST + " to " + (FIRST + COUNT));
  }

  /** Lets others have a port that nobody listens on any more; one not claimed is left alone. */
  public static synchronized void release(int port) {
    Claim claim = CLAIMS.remove(port);
    if (claim != null) {
      claim.close();
    }
  }

  private static boolean claimAll(int first, int count) {
    for (int port = first; port < first + count; port++) {
      Claim claim = isFree(port) && isFree(port + BUS_OFFSET) ? Claim.of(port) : null;
      if (claim == null) {
        for (int claimed = first; claimed < port; claimed++) {
          release(claimed);
        }
        return false;
      }
      CLAIMS.put(port, claim);
    }
    return true;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  /** One claim: what holds the number of a port and that of its bus port. */
  private record Claim(DatagramChannel port, DatagramChannel bus) {
    static @Nullable Claim of(int port) {
      DatagramChannel held = hold(port);
      if (held == null) {
        return null;
      }
      DatagramChannel heldBus = hold(port + BUS_OFFSET);
      if (heldBus == null) {
        closeQuietly(held);
        return null;
      }
      return new Claim(held, heldBus);
    }

    private static @Nullable DatagramChannel hold(int number) {
      try {
        DatagramChannel channel = DatagramChannel.open();
        try {
          channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), number));
          return channel;
        } catch (IOException taken) {
          channel.close();
          return null;
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    private static void closeQuietly(DatagramChannel channel) {
      try {
        channel.close();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    void close() {
      closeQuietly(port);
      closeQuietly(bus);
    }
  }
}
