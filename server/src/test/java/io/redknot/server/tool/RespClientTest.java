package io.redknot.server.tool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.redknot.server.net.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RespClientTest {
  private static final int PATIENCE_MS = 60_000;
  private static final int LINES_OF_PING = 3;

  /** Answers each PING with the next reply. */
  private static List<String> serve(ServerSocket node, List<String> replies) throws IOException {
    List<String> asked = new ArrayList<>();
    try (Socket client = node.accept();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII))) {
      for (String reply : replies) {
        for (int i = 0; i < LINES_OF_PING; i++) {
          asked.add(in.readLine());
        }
        client.getOutputStream().write((reply + "\r\n").getBytes(US_ASCII));
      }
    }
    return asked;
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(Ports.claim(), 1, InetAddress.getLoopbackAddress());
  }

  private interface Question {
    void ask(RespClient client) throws IOException;
  }

  private static int asked(List<String> replies, Question question) throws Exception {
    try (ServerSocket node = listening();
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<List<String>> served = thread.submit(() -> serve(node, replies));
      NodeAddress address = NodeAddress.parse("127.0.0.1:" + node.getLocalPort());
      try (RespClient client = RespClient.connect(address, PATIENCE_MS)) {
        question.ask(client);
      }
      return served.get().size() / LINES_OF_PING;
    }
  }

  @Test
  void nodeThatLoadsIsAskedAgain() throws Exception {
    List<String> replies = List.of("-LOADING Redis is loading", "-LOADING x", "+PONG");
    assertEquals(3, asked(replies, client -> assertEquals("PONG", client.ask("PING"))));
  }

  @Test
  void anyOtherErrorIsTheAnswer() throws Exception {
    List<String> replies = List.of("-LOADINGS no such code");
    assertEquals(
        1, asked(replies, client -> assertThrows(ReplyException.class, () -> client.ask("PING"))));
  }
}
