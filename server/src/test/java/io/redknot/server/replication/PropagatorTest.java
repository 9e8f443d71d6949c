package io.redknot.server.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PropagatorTest {
  private RunningServer running;
  private RawClient client;
  private Propagator propagator;
  private final RecordedStream stream = new RecordedStream();

  @BeforeEach
  void start() {
    running = RunningServer.start();
    client = running.connect();
    propagator = running.server().propagator();
    propagator.attach(stream);
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  @Test
  void whatChangesSomethingIsToldAsItWasGiven() {
    client.ask("sEt", "k", "v");
    client.ask("GET", "k");
    client.ask("DEL", "missing");
    client.ask("LPUSH", "k", "x");
    client.ask("SELECT", "3");
    client.ask("LPUSH", "l", "", "a b");
    assertEquals(List.of("0:sEt k v", "3:LPUSH l  a b"), stream.take());
  }

  @Test
  void databasesAsWholesAreToldUnderAllLocks() {
    client.ask("FLUSHDB");
    client.ask("flushall", "async");
    client.ask("SWAPDB", "0", "1");
    client.ask("SWAPDB", "0", "x");
    assertEquals(List.of("0:FLUSHDB", "0:flushall async", "0:SWAPDB 0 1"), stream.take());
  }

  @Test
  void detachedSinkGetsNothingMore() {
    RecordedStream other = new RecordedStream();
    propagator.attach(other);
    client.ask("SET", "k", "1");
    propagator.detach(stream);
    assertTrue(propagator.isActive());
    client.ask("SET", "k", "2");
    propagator.detach(other);
    assertFalse(propagator.isActive());
    client.ask("SET", "k", "3");
    assertEquals(List.of("0:SET k 1"), stream.take());
    assertEquals(List.of("0:SET k 1", "0:SET k 2"), other.take());
  }

  @Test
  void messagesOfTransactionKeepTheirPlaceAmongItsChanges() {
    RecordedStream ofReplica = new RecordedStream(true);
    propagator.attach(ofReplica);
    try (RawClient listener = running.connect()) {
      listener.ask("SUBSCRIBE", "c");
      client.ask("MULTI");
      client.ask("PUBLISH", "c", "1");
      client.ask("SET", "k", "v");
      client.ask("SPUBLISH", "s", "2");
      client.ask("PUBLISH", "c", "3");
      assertEquals("*4\r\n:1\r\n+OK\r\n:0\r\n:1\r\n", client.ask("EXEC"));
      client.ask("PUBLISH", "c", "4");
      client.ask("MULTI");
      client.ask("PUBLISH", "c", "5");
      client.ask("EXEC");
      for (String message : List.of("1", "3", "4", "5")) {
        assertTrue(listener.reply().endsWith("$1\r\n" + message + "\r\n"), message);
      }
    }
    assertEquals(List.of("0:SET k v"), stream.take());
    List<String> whole =
        List.of("0:MULTI", "0:PUBLISH c 1", "0:SET k v", "0:SPUBLISH s 2", "0:PUBLISH c 3");
    List<String> alone = List.of("0:EXEC", "0:PUBLISH c 4", "0:PUBLISH c 5");
    assertEquals(Stream.concat(whole.stream(), alone.stream()).toList(), ofReplica.take());
  }

  @Test
  void messagesOfEarlierTransactionDoNotPartTheChangesOfLaterOnes() {
    client.ask("MULTI");
    client.ask("PUBLISH", "c", "1");
    client.ask("PUBLISH", "c", "2");
    client.ask("EXEC");
    client.ask("MULTI");
    client.ask("SET", "a", "1");
    client.ask("SET", "b", "1");
    client.ask("EXEC");
    assertEquals(List.of("0:MULTI", "0:SET a 1", "0:SET b 1", "0:EXEC"), stream.take());
  }

  @Test
  void wordsOfAnySizeKeepTheirBytes() {
    String large = "\0\r\n\u00ff".repeat(100_000);
    client.ask("SET", "k", large);
    client.ask("SET", "k", "small");
    assertEquals(List.of("0:SET k " + large, "0:SET k small"), stream.take());
  }

  @Test
  void severalEffectsStandTogetherInATransaction() {
    Effects effects = new Effects();
    effects.begin(2, "DEL").word("a");
    effects.begin(5, "SET").word("b").word(-7);
    propagator.publish(effects);
    assertTrue(effects.isEmpty());
    assertEquals(List.of("2:MULTI", "2:DEL a", "5:SET b -7", "5:EXEC"), stream.take());
    propagator.publish(effects);
    assertEquals(List.of(), stream.take());
  }

  @Test
  void nothingHalfIsTold() {
    Effects effects = new Effects(200);
    effects.begin(0, "SET").word("a").word("1");
    effects.begin(0, "SADD").word("b").word("x".repeat(100)).word("y".repeat(100)).word(7);
    effects.begin(0, "SET").word("c").word("1");
    effects.cancel();
    propagator.publish(effects);
    assertEquals(List.of(), stream.take());
    assertEquals(1, stream.lostCount());
    assertTrue(effects.isEmpty());
    effects.begin(0, "SET").word("d").word("1");
    propagator.publish(effects);
    assertEquals(List.of("0:SET d 1"), stream.take());
    assertEquals(1, stream.lostCount());
  }

  @Test
  void lostChangesBeginAnotherHistory() {
    BacklogSink sink = running.server().replication().sink();
    propagator.attach(sink);
    String before = running.server().replication().history().id();
    Effects effects = new Effects();
    effects.begin(0, "SET").word("a");
    effects.lose();
    propagator.publish(effects);
    assertNotEquals(before, running.server().replication().history().id());
    propagator.detach(sink);
  }

  @Test
  void transactionIsToldInOneWithOnlyWhatChangedSomething() {
    client.ask("MULTI");
    client.ask("SET", "k", "1");
    client.ask("GET", "k");
    client.ask("DEL", "missing");
    client.ask("SELECT", "4");
    client.ask("FLUSHDB");
    client.ask("INCR", "n");
    client.ask("LPUSH", "n", "x");
    assertEquals(List.of(), stream.take());
    client.ask("EXEC");
    assertEquals(List.of("0:MULTI", "0:SET k 1", "4:FLUSHDB", "4:INCR n", "4:EXEC"), stream.take());
    client.ask("MULTI");
    client.ask("INCR", "n");
    client.ask("PING");
    client.ask("EXEC");
    assertEquals(List.of("4:INCR n"), stream.take());
    client.ask("MULTI");
    client.ask("GET", "n");
    client.ask("EXEC");
    assertEquals(List.of(), stream.take());
    client.ask("WATCH", "n");
    client.ask("INCR", "n");
    client.ask("MULTI");
    client.ask("INCR", "n");
    client.ask("EXEC");
    assertEquals(List.of("4:INCR n"), stream.take());
  }

  @Test
  void expiredKeyIsDeletedInTheStreamBeforeWhatMetItGoesOn() {
    client.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    client.ask("SET", "k", "1", "PXAT", "1");
    stream.take();
    client.ask("GET", "k");
    assertEquals(List.of("0:DEL k"), stream.take());
    client.ask("SET", "k", "1", "PXAT", "1");
    client.ask("CONFIG", "SET", "lazyfree-lazy-expire", "yes");
    stream.take();
    client.ask("APPEND", "k", "x");
    assertEquals(List.of("0:MULTI", "0:UNLINK k", "0:APPEND k x", "0:EXEC"), stream.take());
  }

  @Test
  void expiredKeysThatScanMeetsAreDeletedOneByOne() {
    client.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    client.ask("SET", "a", "1", "PXAT", "1");
    client.ask("SET", "b", "1", "PXAT", "1");
    client.ask("SET", "c", "1");
    stream.take();
    assertEquals("*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n", client.ask("SCAN", "0"));
    assertEquals(Set.of("0:DEL a", "0:DEL b"), Set.copyOf(stream.take()));
    assertEquals(":1\r\n", client.ask("DBSIZE"));
  }

  @Test
  void keyThatExpiresUnaskedIsDeletedInTheStream() {
    client.ask("SET", "k", "1", "PX", "1");
    List<String> told = stream.take();
    while (told.stream().noneMatch("0:DEL k"::equals)) {
      Thread.onSpinWait();
      told = stream.take();
    }
    assertEquals(List.of("0:DEL k"), told);
  }
}
