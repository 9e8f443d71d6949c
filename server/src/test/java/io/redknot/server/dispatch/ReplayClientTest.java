package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayClientTest {
  private RunningServer running;
  private RawClient client;
  private ReplayClient replay;

  @BeforeEach
  void start() {
    running = RunningServer.start("--requirepass", "secret");
    client = running.connect();
    client.ask("AUTH", "secret");
    replay = ReplayClient.ofFile(running.server());
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  private @Nullable String play(String... words) {
    return replay.execute(Args.ofText(words));
  }

  @Test
  void commandsAreExecutedWhereTheyAreToldToBe() {
    assertNull(play("SET", "k", "zero"));
    assertNull(play("SELECT", "3"));
    assertNull(play("SET", "k", "three"));
    assertEquals("$4\r\nzero\r\n", client.ask("GET", "k"));
    client.ask("SELECT", "3");
    assertEquals("$5\r\nthree\r\n", client.ask("GET", "k"));
  }

  @Test
  void whatIsQueuedIsExecutedWithExec() {
    play("MULTI");
    play("SET", "a", "1");
    play("RPUSH", "a", "x");
    play("SET", "b", "2");
    assertTrue(replay.inTransaction());
    assertEquals(":0\r\n", client.ask("DBSIZE"));
    String error = play("EXEC");
    assertNotNull(error);
    assertTrue(error.startsWith("WRONGTYPE"), error);
    assertFalse(replay.inTransaction());
    assertEquals("*2\r\n$1\r\n1\r\n$1\r\n2\r\n", client.ask("MGET", "a", "b"));
  }

  @Test
  void transactionThatIsDroppedLeavesNothing() {
    play("MULTI");
    play("SET", "a", "1");
    replay.dropTransaction();
    assertEquals("ERR EXEC without MULTI", play("EXEC"));
    assertEquals(":0\r\n", client.ask("DBSIZE"));
  }

  @Test
  void stateOfTheServerRefusesNothing() {
    Conditions conditions = running.server().dispatcher().conditions();
    conditions.set(Condition.LOADING, true);
    conditions.set(Condition.READ_ONLY_REPLICA, true);
    conditions.set(Condition.PAUSED, true);
    assertNull(play("SET", "k", "v"));
    conditions.set(Condition.LOADING, false);
    conditions.set(Condition.READ_ONLY_REPLICA, false);
    conditions.set(Condition.PAUSED, false);
    assertEquals("$1\r\nv\r\n", client.ask("GET", "k"));
  }

  @Test
  void whatAsksForAConnectionIsRefused() {
    for (String command : new String[] {"MONITOR", "SAVE", "SHUTDOWN", "RESET"}) {
      assertTrue(replay.knows(Args.ofText(command)), command);
      assertNotNull(play(command), command);
    }
    assertFalse(replay.knows(Args.ofText("NONSENSE")));
  }

  @Test
  void onlyWhatComesFromPrimaryIsCounted() throws InterruptedException {
    long before = running.server().stats().commandsProcessedEver();
    play("SET", "k", "v");
    assertEquals(before, running.server().stats().commandsProcessedEver());

    // The commands of a link run on the thread whose turn they use.
    AtomicReference<@Nullable String> error = new AtomicReference<>("not run");
    Thread thread = new Thread(() -> error.set(playByLink()));
    thread.start();
    thread.join();
    assertNull(error.get());
    assertEquals(before + 1, running.server().stats().commandsProcessedEver());
    assertEquals("$4\r\nlink\r\n", client.ask("GET", "k"));
  }

  private @Nullable String playByLink() {
    Turn turn = new Turn(running.server().clock(), running.server().stats().addLoop());
    ReplayClient link = ReplayClient.ofLink(running.server(), turn, replay.session());
    return link.execute(Args.ofText("SET", "k", "link"));
  }

  /** They come from a server that was none of a cluster. */
  @Test
  void keysOfSeveralSlotsAreSetAndRemovedOneByOne(@TempDir Path directory) {
    try (RunningServer node =
        RunningServer.start("--cluster-enabled", "yes", "--dir", directory.toString())) {
      ReplayClient stream = ReplayClient.ofFile(node.server());
      assertNull(stream.execute(Args.ofText("MSET", "a", "1", "b", "2", "c", "3")));
      assertEquals(3, node.server().shards().size(0));
      assertNull(stream.execute(Args.ofText("DEL", "a", "missing", "c")));
      assertEquals(1, node.server().shards().size(0));
      assertNull(stream.execute(Args.ofText("MULTI")));
      assertNull(stream.execute(Args.ofText("UNLINK", "b", "c")));
      assertNull(stream.execute(Args.ofText("SET", "d", "4")));
      assertNull(stream.execute(Args.ofText("EXEC")));
      assertEquals(1, node.server().shards().size(0));
      String error = stream.execute(Args.ofText("SUNIONSTORE", "a", "b"));
      assertNotNull(error);
      assertTrue(error.startsWith("CROSSSLOT"), error);
    }
  }
}
