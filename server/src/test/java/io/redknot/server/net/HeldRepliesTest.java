package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.persistence.CommitGate;
import io.redknot.server.persistence.SimDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldRepliesTest {
  private @TempDir Path directory;
  private final SimDisk disk = new SimDisk();

  private RunningServer start() {
    return RunningServer.startOn(
        disk, "--dir", directory.toString(), "--appendonly", "yes", "--appendfsync", "always");
  }

  private static HeldReplies held(RunningServer server, Session session) {
    return new HeldReplies(server.server().persister().appendOnly().gate(), session);
  }

  private static Session session() {
    return Session.replaying(-7, new PeerAddress("test:0", "test:0", true, false, -1), 0);
  }

  @Test
  void replyToChangeWaitsForThatChangeAndAllOthersForWhatTheyMayShow() {
    try (RunningServer server = start();
        RawClient writer = server.connect()) {
      CommitGate gate = server.server().persister().appendOnly().gate();
      writer.ask("SET", "a", "1");
      long synced = gate.appended();
      disk.syncsHang(true);
      writer.command("SET", "a", "2");
      Eventually.await("the change is told", () -> gate.appended() > synced);
      Session session = session();
      HeldReplies change = held(server, session);
      HeldReplies read = held(server, session);
      boolean[] held = new boolean[4];
      session.changed(synced);
      change.ran(0);
      held[0] = change.mustHold();
      read.ran(session.changedUntil());
      held[1] = read.mustHold();
      held[2] = held(server, session).mustHold();
      // What is behind a reply that waits does not pass it.
      read.ran(0);
      held[3] = read.mustHold();
      // First, or nothing could be closed.
      disk.syncsHang(false);
      assertArrayEquals(new boolean[] {false, true, false, true}, held);
      assertEquals("+OK\r\n", writer.reply());
      assertTrue(read.release());
      assertFalse(read.any());
    }
  }
}
