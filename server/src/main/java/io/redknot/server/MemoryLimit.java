package io.redknot.server;

import io.redknot.server.config.LongSetting;
import io.redknot.server.dispatch.Conditions;
import io.redknot.server.info.MemoryMeter;

/**
 * Holds against {@code maxmemory}: while more is used, commands that may need memory are refused.
 *
 * <p>What is used is summed up a few times a second and not for every command, so that the limit
 * may be passed by what is written in that time. Without a limit the sum serves only the peak that
 * INFO tells; then once a second is enough, and a node that runs no commands need not sum at all.
 */
final class MemoryLimit {
  private static final int TICKS_PER_PEAK = 10;

  private final MemoryMeter meter;
  private final LongSetting maxmemory;
  private final Conditions conditions;
  private volatile boolean exceeded;

  // The ticking thread's own.
  private int ticks;
  private long commandsAtPeak;

  MemoryLimit(MemoryMeter meter, LongSetting maxmemory, Conditions conditions) {
    this.meter = meter;
    this.maxmemory = maxmemory;
    this.conditions = conditions;
  }

  /**
   * About ten times a second.
   *
   * @param commandsRun how many commands the server has run since its start
   */
  void tick(long commandsRun) {
    if (maxmemory.get() > 0) {
      update();
    } else if (ticks++ % TICKS_PER_PEAK == 0 && commandsRun != commandsAtPeak) {
      commandsAtPeak = commandsRun;
      var _ = meter.read();
    }
  }

  /** Compares again. */
  void update() {
    long limit = maxmemory.get();
    exceeded = limit > 0 && meter.read().usedBytes() > limit;
    boolean limited = conditions.holds(Conditions.Condition.MEMORY_LIMITED);
    if (limited != limit > 0) {
      conditions.memoryLimit(limit > 0 ? () -> exceeded : null);
    }
  }
}
