package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the server answers to requests that violate the grammar or its limits. */
class ProtocolErrorsTest {
  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Sends bytes and returns everything until the server closes. */
  private static String fatal(String bytes) {
    try (RawClient client = server.connect()) {
      return client.send(bytes).readToEnd();
    }
  }

  private static void assertFatal(String reason, String bytes) {
    assertEquals("-ERR Protocol error: " + reason + "\r\n", fatal(bytes));
  }

  @Test
  void brokenRequestsAreNamedAndEndTheConnection() {
    assertFatal("invalid multibulk length", "*abc\r\n");
    assertFatal("invalid multibulk length", "*3000000000\r\n");
    assertFatal("invalid multibulk length", "*+1\r\n");
    assertFatal("expected '$', got 'x'", "*1\r\nxyz\r\n");
    assertFatal("invalid bulk length", "*1\r\n$-1\r\n");
    assertFatal("invalid bulk length", "*1\r\n$04\r\nPING\r\n");
    assertFatal("invalid bulk length", "*1\r\n$536870913\r\n");
    assertFatal("unbalanced quotes in request", "set \"a\r\n");
    assertFatal("unbalanced quotes in request", "set 'a'b\r\n");
  }

  @Test
  void linesWithoutAnEndAreRefusedBeyond64Kib() {
    assertFatal("too big inline request", "x".repeat(65 * 1024));
    assertFatal("too big mbulk count string", "*" + "1".repeat(65 * 1024));
    assertFatal("too big bulk count string", "*1\r\n$" + "1".repeat(65 * 1024));
  }

  @Test
  void repliesBeforeTheErrorAreSentAndWhatFollowsIsDropped() {
    String replies = fatal("PING\r\n*1\r\n$4\r\nPING\r\n*x\r\nPING\r\n");
    assertEquals("+PONG\r\n+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n", replies);
  }

  @Test
  void emptyRequestsGetNoReply() {
    try (RawClient client = server.connect()) {
      assertEquals("+PONG\r\n", client.send("\r\n\n*0\r\n*-1\r\n  \r\nPING\r\n").reply());
    }
  }

  @Test
  void theBytesBehindAnArgumentAreNotLookedAt() {
    try (RawClient client = server.connect()) {
      assertEquals("+PONG\r\n", client.send("*1\r\n$4\r\nPINGxx").reply());
    }
  }

  @Test
  void quotesAndEscapesOfInlineRequestsAreUnderstood() {
    try (RawClient client = server.connect()) {
      String words = "echo \"a\\x41\\n\\\"b c\"\r\n";
      assertEquals("$7\r\naA\n\"b c\r\n", client.send(words).reply());
      assertEquals("$4\r\na'\\n\r\n", client.send("ECHO 'a\\'\\n'\n").reply());
    }
  }

  @Test
  void oneByteAtATimeIsAsGoodAsAllAtOnce() {
    try (RawClient client = server.connect()) {
      for (char c : "*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n".toCharArray()) {
        client.send(String.valueOf(c));
      }
      assertEquals("$5\r\nhello\r\n", client.reply());
    }
  }

  @Test
  void browsersAreSentAwayWithoutAReply() {
    assertEquals("", fatal("POST / HTTP/1.1\r\nHost: x\r\n\r\n"));
    assertEquals("", fatal("Host: example.org\r\n"));
  }

  @Test
  void argumentsOfManyReadsArriveWhole() {
    String large = "0123456789abcdef".repeat(64 * 1024);
    try (RawClient client = server.connect()) {
      String reply = client.command("echo", large).reply();
      assertEquals("$" + large.length() + "\r\n" + large + "\r\n", reply);
      assertEquals("+PONG\r\n", client.ask("ping"));
    }
  }
}
