package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Commands that are answered later, on a connection over a socket. */
class SuspensionTest {
  /** Has the client's next command wait, and returns what it waits on. */
  private static Suspension suspend(RunningServer server) {
    ConnectionHandler handler = server.server().clients().all().getFirst();
    List<Suspension> made = new CopyOnWriteArrayList<>();
    handler.eventLoop().execute(() -> made.add(handler.suspend()));
    Eventually.await("the suspension", () -> !made.isEmpty());
    return made.getFirst();
  }

  @Test
  void requestsBehindAWaitingOneAreExecutedInOrderWhenItEnds() {
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect()) {
      assertEquals("+PONG\r\n", client.ask("ping"));
      Suspension waiting = suspend(server);
      client.command("echo", "1").command("echo", "2");
      ConnectionHandler handler = server.server().clients().all().getFirst();
      Eventually.await("requests to arrive", () -> handler.memory().queryBytes() == 42);
      assertTrue(waiting.retry());
      assertFalse(waiting.retry(), "it has ended already");
      assertEquals("$1\r\n1\r\n$1\r\n2\r\n", client.reply() + client.reply());
    }
  }

  @Test
  void aBlockedClientIsUnblockedByOthersWithTheReplyOfItsTimeout() {
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect()) {
      assertEquals("+PONG\r\n", client.ask("ping"));
      List<String> left = new ArrayList<>();
      Suspension waiting = suspend(server).onLeave(() -> left.add("left"));
      waiting.block(0, out -> out.nullArray());
      try (RawClient other = server.connect()) {
        ConnectionHandler handler = server.server().clients().all().getFirst();
        String id = String.valueOf(handler.session().id());
        assertTrue(other.askText("client", "list", "id", id).contains(" flags=b "));
        assertEquals(":1\r\n", other.ask("client", "unblock", id));
        assertEquals(":0\r\n", other.ask("client", "unblock", id));
      }
      assertEquals("*-1\r\n", client.reply());
      assertEquals(List.of("left"), left);
      assertEquals("+PONG\r\n", client.ask("ping"));
    }
  }

  @Test
  void timeEndsABlockedCommand() {
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect()) {
      assertEquals("+PONG\r\n", client.ask("ping"));
      suspend(server).block(1, out -> out.error("TIME is over"));
      assertEquals("-TIME is over\r\n", client.reply());
      assertEquals(1, server.server().stats().errors().total());
    }
  }

  @Test
  void aClientThatGoesAwayGivesUpItsPlace() {
    try (RunningServer server = RunningServer.start()) {
      List<String> left = new CopyOnWriteArrayList<>();
      try (RawClient client = server.connect()) {
        assertEquals("+PONG\r\n", client.ask("ping"));
        suspend(server).onLeave(() -> left.add("left"));
      }
      Eventually.await("the place to be given up", () -> left.size() == 1);
    }
  }

  @Test
  void aReplicaRefusesWaitAndItsStreamStaysItsPrimarys() {
    try (RunningServer server = RunningServer.start("--replicaof", "127.0.0.1 1");
        RawClient client = server.connect()) {
      String refusal = client.ask("wait", "1", "10");
      assertTrue(refusal.startsWith("-ERR WAIT cannot be used with replica instances."), refusal);
    }
  }
}
