package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Strangers at the bus port. */
class BusStressTest {
  private static final long SEED = 20_260_101;
  private static final int HEADER_BYTES = 2_256;
  private static final int READ_TIMEOUT_MS = 20_000;

  @RegisterExtension private static final Nodes NODES = Nodes.forClass();

  private static List<NodeProcess> pair = List.of();

  private final NodeProcess node = pair.getFirst();
  private final String before = view(node);

  @BeforeAll
  static void startPair() throws IOException {
    pair = NODES.startAll(Collections.nCopies(2, NodeKind.REDKNOT));
    pair.get(0).text("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    pair.get(1).text("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    Joined.meet(pair);
    Topology.awaitAgreement(pair);
  }

  private static String view(NodeProcess node) {
    try {
      return Topology.nodes(node).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket stranger(NodeProcess node) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.busPort());
    socket.setSoTimeout(READ_TIMEOUT_MS);
    return socket;
  }

  /** The start of a bus message, with a body of zeros. */
  private static byte[] message(String signature, int claimedBytes, int type, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
    bytes.put(signature.getBytes(US_ASCII)).putInt(claimedBytes);
    bytes.putShort((short) 1).putShort((short) 7000).putShort((short) type);
    bytes.putShort((short) count);
    return bytes.array();
  }

  private void assertUndisturbed() throws IOException {
    assertTrue(node.isAlive(), node::log);
    assertEquals(before, view(node));
    assertTrue(node.stateOk(), node::log);
    long received = Long.parseLong(node.clusterInfo("cluster_stats_messages_received"));
    Waiting.until(
        "the bus goes on",
        () -> Long.parseLong(node.clusterInfo("cluster_stats_messages_received")) > received + 1);
    Topology.awaitAgreement(pair);
  }

  @Test
  void garbageEndsOnlyTheConnectionThatBroughtIt() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[1 + random.nextInt(5_000)];
      random.nextBytes(garbage);
      try (Socket socket = stranger(node)) {
        socket.getOutputStream().write(garbage);
      } catch (IOException closed) {
        assertTrue(node.isAlive(), () -> "seed " + SEED + "\n" + node.log());
      }
    }
    assertUndisturbed();
  }

  @Test
  void wrongSignatureAndImpossibleLengthsCloseTheConnection() throws IOException {
    List<byte[]> messages = new ArrayList<>();
    messages.add(message("XXXX", HEADER_BYTES, 0, 0));
    messages.add(message("RCmb", 0, 0, 0));
    messages.add(message("RCmb", 15, 0, 0));
    messages.add(message("RCmb", -1, 0, 0));
    messages.add(message("RCmb", Integer.MIN_VALUE, 0, 0));
    for (byte[] message : messages) {
      try (Socket socket = stranger(node)) {
        socket.getOutputStream().write(message);
        assertEquals(-1, readOrReset(socket));
      }
    }
    assertUndisturbed();
  }

  private static int readOrReset(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketException reset) {
      return -1;
    }
  }

  @Test
  void claimedLengthsCostNothingBeforeTheirBytesArrive() throws IOException {
    List<Socket> held = new ArrayList<>();
    try {
      // Together they claim far more than the node's heap.
      for (int i = 0; i < 50; i++) {
        Socket socket = stranger(node);
        held.add(socket);
        socket.getOutputStream().write(message("RCmb", 512 * 1024 * 1024, 4, 1));
      }
      assertUndisturbed();
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void pingsOfUnknownNodesChangeNothing() throws IOException {
    Random random = new Random(SEED);
    try (Socket socket = stranger(node)) {
      for (int type = 0; type < 12; type++) {
        byte[] message = message("RCmb", HEADER_BYTES, type, 0);
        // Everything behind the counters at random: sender, epochs, slots, flags.
        for (int at = 16; at < message.length; at++) {
          message[at] = (byte) random.nextInt();
        }
        if (type != 2) {
          socket.getOutputStream().write(message);
        }
      }
    } catch (IOException closed) {
      assertTrue(node.isAlive(), () -> "seed " + SEED + "\n" + node.log());
    }
    assertUndisturbed();
  }

  @Test
  void flightOfConnectionsLeavesTheNodeServing() throws IOException {
    byte[] half = message("RCmb", HEADER_BYTES, 0, 0);
    for (int i = 0; i < 500; i++) {
      try (Socket socket = stranger(node)) {
        socket.getOutputStream().write(half, 0, 1 + i % half.length);
      }
    }
    assertUndisturbed();
  }
}
