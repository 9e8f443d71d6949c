package io.redknot.server.stats;

import io.redknot.storage.keyspace.HashSlot;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What each hash slot costs: time of commands and bytes of the network, as CLUSTER SLOT-STATS tells
 * them. Takes no memory before something is counted.
 *
 * <p>Any thread. A figure is exact; figures that belong together may be read a moment apart.
 */
public final class SlotStats {
  /** What is counted of a slot. */
  public enum Figure {
    /** Time that commands took, in nanoseconds. */
    TIME,
    /** Bytes of requests. */
    BYTES_IN,
    /** Bytes of replies, and of changes sent to replicas. */
    BYTES_OUT
  }

  private static final int FIGURES = Figure.values().length;

  private volatile @Nullable AtomicLongArray counts;

  /** Adds to a figure of a slot. */
  public void add(int slot, Figure figure, long amount) {
    AtomicLongArray held = counts;
    if (held == null) {
      held = allocate();
    }
    var _ = held.getAndAdd(slot * FIGURES + figure.ordinal(), amount);
  }

  private synchronized AtomicLongArray allocate() {
    AtomicLongArray held = counts;
    if (held == null) {
      held = new AtomicLongArray(HashSlot.COUNT * FIGURES);
      counts = held;
    }
    return held;
  }

  /** A figure of a slot since the start, the last reset, or the last change of its owner. */
  public long get(int slot, Figure figure) {
    AtomicLongArray held = counts;
    return held == null ? 0 : held.get(slot * FIGURES + figure.ordinal());
  }

  /** Starts counting anew. */
  void reset() {
    for (int slot = 0; slot < HashSlot.COUNT; slot++) {
      reset(slot);
    }
  }

  /** Starts counting anew in a slot. */
  public void reset(int slot) {
    AtomicLongArray held = counts;
    for (int i = 0; held != null && i < FIGURES; i++) {
      held.set(slot * FIGURES + i, 0);
    }
  }
}
