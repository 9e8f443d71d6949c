package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.Clock;
import io.redknot.server.stats.LoopStats;
import io.redknot.server.stats.ServerStats;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When work in the background rests. */
class GivingWayTest {
  private final HandClock clock = new HandClock();
  private final ServerStats stats = new ServerStats(1);
  private final LoopStats loop = stats.addLoop();
  private final GivingWay work = new GivingWay(stats, clock);

  @Test
  void restsAfterAWhileIfRequestsHaveCome() {
    loop.commandsProcessed++;
    assertFalse(work.afterStep());
    clock.forward(1);
    assertTrue(work.afterStep());
  }

  @Test
  void restsOnceForEachWhile() {
    clock.forward(1);
    loop.commandsProcessed++;
    assertTrue(work.afterStep());
    loop.commandsProcessed++;
    assertFalse(work.afterStep());
    clock.forward(1);
    assertTrue(work.afterStep());
  }

  @Test
  void goesOnWhereNothingIsAsked() {
    clock.forward(1);
    assertFalse(work.afterStep());
    loop.commandsProcessed++;
    clock.forward(1);
    work.afterStep();
    clock.forward(30);
    assertFalse(work.afterStep());
  }

  /** It may be this thread that keeps the event loop from the processor. */
  @Test
  void restsForSomeTurnsThoughNoRequestIsExecuted() {
    loop.commandsProcessed++;
    clock.forward(1);
    assertTrue(work.afterStep());
    for (int i = 0; i < 10; i++) {
      clock.forward(1);
      assertTrue(work.afterStep());
    }
  }

  /** Stands still until it is moved. */
  private static final class HandClock implements Clock {
    private long nanos;

    void forward(long ms) {
      nanos += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    @Override
    public long nowMs() {
      return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Override
    public long nowMicros() {
      return TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    @Override
    public long nanos() {
      return nanos;
    }
  }
}
