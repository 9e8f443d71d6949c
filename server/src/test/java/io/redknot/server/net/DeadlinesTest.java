package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.redknot.server.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How much is looked at when some of many deadlines are over: the clock is read for each. */
class DeadlinesTest {
  private static final int IDLE = 10_000;

  /** Stands still until it is moved, and counts how often it is read. */
  private static final class CountingClock implements Clock {
    private long ms;
    private int reads;

    int takeReads() {
      int taken = reads;
      reads = 0;
      return taken;
    }

    @Override
    public long nowMs() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long nowMicros() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long nanos() {
      reads++;
      return TimeUnit.MILLISECONDS.toNanos(ms);
    }
  }

  private final CountingClock clock = new CountingClock();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Deadlines deadlines = new Deadlines(channel.eventLoop(), clock);

  private List<Suspension> add(ConnectionHandler client, int count, long timeoutMs) {
    List<Suspension> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Suspension suspension = new Suspension(client, (ended, reply) -> {});
      deadlines.add(suspension, timeoutMs + i);
      added.add(suspension);
    }
    return added;
  }

  /** Lets time pass; the milliseconds until the loop has something to do again. */
  private long pass(long ms) {
    clock.ms += ms;
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    return TimeUnit.NANOSECONDS.toMillis(channel.runScheduledPendingTasks());
  }

  @Test
  void thoseWhoseTimeIsNotOverAreNotLookedAt() {
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect()) {
      client.ask("PING");
      ConnectionHandler handler = server.server().clients().all().getFirst();
      channel.freezeTime();
      List<Suspension> idle = add(handler, IDLE, 3_600_000);
      List<Suspension> soon = add(handler, 3, 60_000);
      clock.takeReads();

      assertEquals(1, pass(59_999), "one timer, that of the earliest");
      assertEquals(0, clock.takeReads(), "nothing is done before");

      pass(3);
      assertEquals(IDLE, deadlines.size());
      assertTrue(soon.stream().allMatch(over -> over.deadlineIndex < 0));
      assertEquals(5, clock.takeReads(), "three, the next one, and to set the timer");

      assertEquals(1, pass(3_600_000 - 60_002 - 1));
      assertEquals(0, clock.takeReads(), "nothing is done before");
      pass(1);
      assertEquals(-1, idle.getFirst().deadlineIndex);
      assertEquals(IDLE - 1, deadlines.size());
    } finally {
      var _ = channel.close();
    }
  }
}
