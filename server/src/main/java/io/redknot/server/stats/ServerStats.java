package io.redknot.server.stats;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The counters of all event loops together.
 *
 * <p>A reset does not write to the loops' counters, which only their loops may do: it remembers
 * where they stood.
 */
public final class ServerStats {
  private final int commands;
  private final List<LoopStats> loops = new CopyOnWriteArrayList<>();
  private final ErrorCounts errors = new ErrorCounts();
  private final SlotStats slots = new SlotStats();
  private volatile @Nullable LoopStats before;

  /** Counters for that many rows of the command table. */
  public ServerStats(int commands) {
    this.commands = commands;
  }

  /** The counters of one more loop. */
  public LoopStats addLoop() {
    LoopStats stats = new LoopStats(commands);
    loops.add(stats);
    return stats;
  }

  /** The sums since the start or the last reset; the caller owns the result. */
  public LoopStats sum() {
    LoopStats sum = sumSinceStart();
    LoopStats old = before;
    if (old != null) {
      sum.subtract(old);
    }
    return sum;
  }

  private LoopStats sumSinceStart() {
    LoopStats sum = new LoopStats(commands);
    for (LoopStats loop : loops) {
      loop.addTo(sum);
    }
    return sum;
  }

  /** Commands run since the start, whatever was reset. */
  public long commandsProcessedEver() {
    long sum = 0;
    for (LoopStats loop : loops) {
      sum += loop.commandsProcessed;
    }
    return sum;
  }

  /** Bytes read since the start, whatever was reset. */
  public long bytesInEver() {
    long sum = 0;
    for (LoopStats loop : loops) {
      sum += loop.bytesIn;
    }
    return sum;
  }

  /** Bytes written since the start, whatever was reset. */
  public long bytesOutEver() {
    long sum = 0;
    for (LoopStats loop : loops) {
      sum += loop.bytesOut;
    }
    return sum;
  }

  /** Error replies by code. */
  public ErrorCounts errors() {
    return errors;
  }

  /** What each hash slot costs. */
  public SlotStats slots() {
    return slots;
  }

  /** Starts counting anew, as CONFIG RESETSTAT does. */
  public synchronized void reset() {
    before = sumSinceStart();
    errors.reset();
    slots.reset();
  }
}
