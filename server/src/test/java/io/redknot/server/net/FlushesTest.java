package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** Many connections wait for more messages, but only while requests come and not for long. */
class FlushesTest {
  private static final int MANY = 100;
  private final ArrayDeque<Runnable> rounds = new ArrayDeque<>();
  private long reads;
  private long nanos = Long.MAX_VALUE;
  private int flushed;
  private final Flushes flushes = new Flushes(rounds::add, () -> reads, () -> nanos);

  private void deliver(int connections, long bytes) {
    for (int i = 0; i < connections; i++) {
      flushes.add(() -> flushed++);
    }
    flushes.delivered(bytes);
  }

  private void round(int requests) {
    reads += requests;
    rounds.remove().run();
  }

  @Test
  void fewAreFlushedAtOnce() {
    deliver(3, 100);
    assertEquals(3, flushed);
    assertTrue(rounds.isEmpty());
  }

  @Test
  void manyAreFlushedWhenNoRequestIsRead() {
    deliver(MANY, 100);
    assertEquals(0, flushed);
    round(1);
    deliver(1, 100);
    assertEquals(0, flushed);
    round(0);
    assertEquals(MANY + 1, flushed);
    assertTrue(rounds.isEmpty());
  }

  @Test
  void requestsDoNotHoldThemBackForLong() {
    deliver(MANY, 100);
    round(1);
    nanos += 999_999;
    round(1);
    assertEquals(0, flushed);
    nanos++;
    round(1);
    assertEquals(MANY, flushed);
    assertTrue(rounds.isEmpty());
  }

  @Test
  void muchIsFlushedAtOnce() {
    deliver(MANY, 200_000);
    deliver(MANY, 100_000);
    assertEquals(2 * MANY, flushed);
    deliver(MANY, 100);
    assertEquals(2 * MANY, flushed);
    // The round that was waited for before flushes what has come since.
    round(0);
    assertEquals(3 * MANY, flushed);
    assertTrue(rounds.isEmpty());
  }
}
