package io.redknot.server.dispatch;

import io.redknot.server.Clock;
import io.redknot.server.replication.Effects;
import io.redknot.server.stats.LoopStats;
import io.redknot.storage.rdb.PayloadWriter;
import org.jspecify.annotations.Nullable;

/**
 * What the commands that one thread runs share: their time, their counters, and the room in which
 * their effects are collected. Belongs to that thread.
 */
public final class Turn {
  private final Clock clock;
  private final LoopStats stats;
  private final Effects effects = new Effects();
  private @Nullable PayloadWriter payloads;
  private long nowMs;
  private long nanos;

  public Turn(Clock clock, LoopStats stats) {
    this.clock = clock;
    this.stats = stats;
  }

  /** Reads the clocks: once for a batch of requests. */
  public void begin() {
    nowMs = clock.nowMs();
    nanos = clock.nanos();
  }

  /** Reads the wall clock again, within a batch. */
  void readTime() {
    nowMs = clock.nowMs();
  }

  /** When the command that runs began. */
  long lapNanos() {
    return nanos;
  }

  /**
   * Ends one command and begins the next; returns what the one took, in nanoseconds.
   *
   * @param sinceNanos what {@link #lapNanos} told when it began
   */
  long lap(long sinceNanos) {
    nanos = clock.nanos();
    return nanos - sinceNanos;
  }

  /** Wall-clock time of the current batch in milliseconds since 1970. */
  public long nowMs() {
    return nowMs;
  }

  /** The thread's counters. */
  public LoopStats stats() {
    return stats;
  }

  /** Where a command that runs collects what it has done; for the stream of changes. */
  Effects effects() {
    return effects;
  }

  /** Where a command that runs makes values into payloads, one at a time. */
  PayloadWriter payloads(boolean compress) {
    PayloadWriter writer = payloads;
    if (writer == null || writer.compresses() != compress) {
      writer = new PayloadWriter(compress);
      payloads = writer;
    }
    return writer;
  }
}
