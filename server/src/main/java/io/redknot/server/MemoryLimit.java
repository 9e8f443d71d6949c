package io.redknot.server;

import io.redknot.server.config.LongSetting;
import io.redknot.server.dispatch.Conditions;
import io.redknot.server.info.MemoryMeter;

/**
 * Holds against {@code maxmemory}: while more is used, commands that may need memory are refused.
 *
 * <p>What is used is summed up a few times a second and not for every command, so that the limit
 * may be passed by what is written in that time.
 */
final class MemoryLimit {
  private final MemoryMeter meter;
  private final LongSetting maxmemory;
  private final Conditions conditions;
  private volatile boolean exceeded;

  MemoryLimit(MemoryMeter meter, LongSetting maxmemory, Conditions conditions) {
    this.meter = meter;
    this.maxmemory = maxmemory;
    this.conditions = conditions;
  }

  /** Compares again: on a tick, and when the limit was changed. */
  void update() {
    long used = meter.read().usedBytes();
    long limit = maxmemory.get();
    exceeded = limit > 0 && used > limit;
    boolean limited = conditions.holds(Conditions.Condition.MEMORY_LIMITED);
    if (limited != limit > 0) {
      conditions.memoryLimit(limit > 0 ? () -> exceeded : null);
    }
  }
}
