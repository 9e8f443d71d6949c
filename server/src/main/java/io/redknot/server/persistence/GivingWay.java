package io.redknot.server.persistence;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.redknot.server.Clock;
import io.redknot.server.stats.ServerStats;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a thread that has much to do leaves its processor to the event loops: it rests for a moment
 * after every quarter of a millisecond as long as requests come. A scheduler lets the busy threads
 * of one processor take turns of some milliseconds, which requests would else wait for. On a server
 * that is asked nothing the work goes on at full speed.
 */
final class GivingWay {
  private static final long WORK_NANOS = TimeUnit.MICROSECONDS.toNanos(250);
  private static final long REST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final ServerStats stats;
  private final Clock clock;
  private long commands;
  private long beganNanos;

  /** The work begins now. */
  GivingWay(ServerStats stats, Clock clock) {
    this.stats = stats;
    this.clock = clock;
    this.commands = stats.commandsProcessedEver();
    this.beganNanos = clock.nanos();
  }

  /**
   * Between two steps of the work, while no lock is held.
   *
   * @return whether it rested
   */
  @CanIgnoreReturnValue
  boolean afterStep() {
    if (clock.nanos() - beganNanos < WORK_NANOS) {
      return false;
    }
    long before = commands;
    commands = stats.commandsProcessedEver();
    boolean asked = commands != before;
    if (asked) {
      LockSupport.parkNanos(this, REST_NANOS);
    }
    beganNanos = clock.nanos();
    return asked;
  }
}
