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
 *
 * <p>That none was executed since the last rest says little: the event loop may wait for this very
 * processor. So it counts as asked for longer than a scheduler's turn after the last request.
 */
final class GivingWay {
  private static final long WORK_NANOS = TimeUnit.MICROSECONDS.toNanos(250);
  private static final long REST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** Some turns of a scheduler. */
  private static final long ASKED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ServerStats stats;
  private final Clock clock;
  private long commands;
  private long beganNanos;

  /** When it was last seen that a request had been executed. */
  private long askedNanos;

  /** The work begins now. */
  GivingWay(ServerStats stats, Clock clock) {
    this.stats = stats;
    this.clock = clock;
    this.commands = stats.commandsProcessedEver();
    this.beganNanos = clock.nanos();
    this.askedNanos = beganNanos - ASKED_NANOS;
  }

  /**
   * Between two steps of the work, while no lock is held.
   *
   * @return whether it rested
   */
  @CanIgnoreReturnValue
  boolean afterStep() {
    long now = clock.nanos();
    if (now - beganNanos < WORK_NANOS) {
      return false;
    }
    long executed = stats.commandsProcessedEver();
    if (executed != commands) {
      commands = executed;
      askedNanos = now;
    }
    boolean asked = now - askedNanos < ASKED_NANOS;
    if (asked) {
      LockSupport.parkNanos(this, REST_NANOS);
    }
    beganNanos = clock.nanos();
    return asked;
  }
}
