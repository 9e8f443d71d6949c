package io.redknot.server.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the conversations with redis-server cannot compare: figures, limits, flags. */
class TrackingTest {
  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void flush() {
    try (RawClient client = server.connect()) {
      client.ask("CONFIG", "SET", "tracking-table-max-keys", "1000000");
      client.ask("FLUSHALL");
    }
  }

  private static RawClient tracking(String... options) {
    RawClient client = server.connect();
    client.ask("HELLO", "3");
    String[] words = new String[3 + options.length];
    words[0] = "CLIENT";
    words[1] = "TRACKING";
    words[2] = "ON";
    System.arraycopy(options, 0, words, 3, options.length);
    assertEquals("+OK\r\n", client.ask(words));
    return client;
  }

  private static String info(RawClient other, String field) {
    for (String line : other.askText("INFO").lines().toList()) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1);
      }
    }
    return "none";
  }

  @Test
  void infoCountsWhatIsRemembered() {
    try (RawClient a = tracking();
        RawClient b = tracking();
        RawClient c = tracking("BCAST", "PREFIX", "x", "PREFIX", "y");
        RawClient other = server.connect()) {
      a.ask("MGET", "k", "l", "m");
      b.ask("GET", "k");
      assertEquals("3", info(other, "tracking_clients"));
      assertEquals("3", info(other, "tracking_total_keys"));
      assertEquals("4", info(other, "tracking_total_items"));
      assertEquals("2", info(other, "tracking_total_prefixes"));
      assertTrue(server.server().tracking().sizeBytes() > 0);
      other.ask("SET", "k", "1");
      c.ask("CLIENT", "TRACKING", "OFF");
      assertEquals("2", info(other, "tracking_clients"));
      assertEquals("2", info(other, "tracking_total_keys"));
      assertEquals("2", info(other, "tracking_total_items"));
      assertEquals("0", info(other, "tracking_total_prefixes"));
      other.ask("FLUSHALL");
      assertEquals("0", info(other, "tracking_total_keys"));
      assertEquals("0", info(other, "tracking_total_items"));
      assertEquals(0, server.server().tracking().sizeBytes());
    }
  }

  @Test
  void listShowsWhoTracks() {
    try (RawClient a = tracking();
        RawClient b = tracking("BCAST");
        RawClient c = server.connect()) {
      assertTrue(a.askText("CLIENT", "INFO").contains(" flags=t "));
      assertTrue(a.askText("CLIENT", "INFO").contains(" redir=0 "));
      assertTrue(b.askText("CLIENT", "INFO").contains(" flags=tB "));
      assertTrue(c.askText("CLIENT", "INFO").contains(" redir=-1 "));
      String id = a.ask("CLIENT", "ID").strip().substring(1);
      assertEquals("+OK\r\n", c.ask("CLIENT", "TRACKING", "ON", "REDIRECT", id));
      assertTrue(c.askText("CLIENT", "INFO").contains(" redir=" + id + " "));
      c.ask("GET", "k");
      b.ask("CLIENT", "KILL", "ID", id);
      b.ask("SET", "k", "1");
      assertTrue(c.askText("CLIENT", "INFO").contains(" flags=tR "));
    }
  }

  @Test
  void whatIsTooMuchIsToldToBeGone() {
    try (RawClient a = tracking();
        RawClient b = server.connect()) {
      b.ask("CONFIG", "SET", "tracking-table-max-keys", "10");
      Set<String> told = new LinkedHashSet<>();
      for (int i = 0; i < 30; i++) {
        a.command("GET", "key" + i);
        assertEquals("_\r\n", a.reply());
        if (i >= 10) {
          told.add(a.reply());
        }
      }
      assertEquals(20, told.size());
      assertTrue(told.iterator().next().startsWith(">2\r\n$10\r\ninvalidate\r\n*1\r\n"));
      assertEquals("10", info(b, "tracking_total_keys"));
      b.ask("CONFIG", "SET", "tracking-table-max-keys", "3");
      for (int i = 0; i < 7; i++) {
        told.add(a.reply());
      }
      assertEquals(27, told.size());
      assertEquals("3", info(b, "tracking_total_keys"));
      b.ask("CONFIG", "SET", "tracking-table-max-keys", "0");
      a.ask("MGET", "a", "b", "c", "d");
      assertEquals("7", info(b, "tracking_total_keys"));
    }
  }

  @Test
  void whatIsForgottenIsToldEvenToWhoDoesNotWantToHearOfItsOwnChanges() {
    try (RawClient a = tracking("NOLOOP");
        RawClient b = server.connect()) {
      b.ask("CONFIG", "SET", "tracking-table-max-keys", "1");
      assertEquals("_\r\n", a.ask("GET", "one"));
      assertEquals("_\r\n", a.ask("GET", "two"));
      assertTrue(a.reply().startsWith(">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\n"));
      assertEquals("1", info(b, "tracking_total_keys"));
    }
  }

  @Test
  void whatIsForgottenMayBeAnyKeyOfAnyShard(@TempDir Path directory) {
    try (RunningServer node =
            RunningServer.start("--cluster-enabled", "yes", "--dir", directory.toString());
        RawClient client = node.connect()) {
      client.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      client.ask("CONFIG", "SET", "tracking-table-max-keys", "4");
      client.ask("HELLO", "3");
      client.ask("CLIENT", "TRACKING", "ON");
      Eventually.await("the cluster serves", () -> client.ask("GET", "{0}").equals("_\r\n"));
      int ownGone = 0;
      for (int i = 1; i < 40; i++) {
        assertEquals("_\r\n", client.ask("GET", "{" + i + "}"));
        if (i >= 4) {
          ownGone += client.reply().endsWith("{" + i + "}\r\n") ? 1 : 0;
        }
      }
      assertTrue(ownGone < 30, ownGone + " of 36 were forgotten at once");
    }
  }
}
