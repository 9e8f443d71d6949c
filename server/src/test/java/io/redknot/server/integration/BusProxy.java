package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands before the bus port of a node, which announces the proxy's port instead of its own. Passes
 * whole messages on, or loses those of one node to another while connections go on as if nothing
 * were.
 */
final class BusProxy implements Closeable {
  private static final int HEAD_BYTES = 8;
  private static final int LENGTH_OFFSET = 4;
  private static final int SENDER_OFFSET = 40;
  private static final int ID_LENGTH = 40;

  /** Which messages are lost, and which pairs of nodes talk; shared by all proxies of a cluster. */
  static final class Network {
    private record Way(String from, String to) {}

    private final Set<Way> cut = ConcurrentHashMap.newKeySet();
    private final Map<Way, AtomicLong> passed = new ConcurrentHashMap<>();

    /** Loses what one node sends to the other from now on. */
    void cut(String fromId, String toId) {
      cut.add(new Way(fromId, toId));
    }

    void heal() {
      cut.clear();
    }

    /** How many messages of the one node have been passed on to the other. */
    long passed(String fromId, String toId) {
      return counter(fromId, toId).get();
    }

    private AtomicLong counter(String fromId, String toId) {
      return passed.computeIfAbsent(new Way(fromId, toId), way -> new AtomicLong());
    }

    private boolean passes(String fromId, String toId) {
      boolean passes = !cut.contains(new Way(fromId, toId));
      if (passes) {
        counter(fromId, toId).incrementAndGet();
      }
      return passes;
    }
  }

  private final Network network;
  private final ServerSocket listening;
  private final int target;
  private final Set<Socket> open = new HashSet<>();
  private boolean closed;

  /** The node's id, once it has said it. */
  private volatile String ownId = "";

  /** Listens on a port, for a node whose bus is at another one. */
  BusProxy(Network network, int port, int target) throws IOException {
    this.network = network;
    this.target = target;
    this.listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Tells which node it stands for. */
  void standsFor(String id) {
    ownId = id;
  }

  private void accept() {
    try {
      while (true) {
        Socket caller = listening.accept();
        Thread.ofVirtual().start(() -> serve(caller));
      }
    } catch (IOException over) {
      close();
    }
  }

  private void serve(Socket caller) {
    try (caller;
        Socket node = new Socket(InetAddress.getLoopbackAddress(), target)) {
      caller.setTcpNoDelay(true);
      node.setTcpNoDelay(true);
      if (!remember(caller, node)) {
        return;
      }
      Connection connection = new Connection(caller, node);
      Thread answers = Thread.ofVirtual().start(connection::passAnswers);
      connection.passWords();
      answers.join();
      forget(caller, node);
    } catch (IOException refused) {
      // The node is down; so is its bus for who calls.
      return;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean remember(Socket... sockets) {
    open.addAll(Arrays.asList(sockets));
    return !closed;
  }

  private synchronized void forget(Socket... sockets) {
    open.removeAll(Arrays.asList(sockets));
  }

  /** A connection that a node has opened to the one behind this proxy. */
  private final class Connection {
    private final Socket caller;
    private final Socket node;
    private volatile String callerId = "";

    Connection(Socket caller, Socket node) {
      this.caller = caller;
      this.node = node;
    }

    void passWords() {
      pass(caller, node, true);
    }

    void passAnswers() {
      pass(node, caller, false);
    }

    private void pass(Socket from, Socket to, boolean words) {
      try (from;
          to) {
        DataInputStream in = new DataInputStream(from.getInputStream());
        OutputStream out = to.getOutputStream();
        byte[] message = read(in);
        while (message.length > 0) {
          if (words) {
            callerId = new String(message, SENDER_OFFSET, ID_LENGTH, US_ASCII);
          }
          String fromId = words ? callerId : ownId;
          String toId = words ? ownId : callerId;
          if (network.passes(fromId, toId)) {
            out.write(message);
          }
          message = read(in);
        }
      } catch (IOException ended) {
        // By either side: the other one's is closed with it.
        return;
      }
    }

    /** A whole message; empty at the end. */
    private static byte[] read(DataInputStream in) throws IOException {
      byte[] head = in.readNBytes(HEAD_BYTES);
      if (head.length < HEAD_BYTES) {
        return new byte[0];
      }
      int length = ByteBuffer.wrap(head).getInt(LENGTH_OFFSET);
      byte[] message = Arrays.copyOf(head, length);
      InputStream rest = in;
      int read = rest.readNBytes(message, HEAD_BYTES, length - HEAD_BYTES);
      return read == length - HEAD_BYTES ? message : new byte[0];
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new AssertionError("a socket that cannot be closed", e);
    }
  }
}
