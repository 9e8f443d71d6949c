package io.redknot.server.stats;

import org.jspecify.annotations.Nullable;

/**
 * The counters of one event loop: plain numbers without contention. The loop writes them; readers
 * sum over all loops and may see a value that is a moment old.
 */
public final class LoopStats {
  public long commandsProcessed;
  public long bytesIn;
  public long bytesOut;
  public long reads;
  public long writes;
  public long connectionsReceived;
  public long connectionsRejected;
  public long queryBufferPeakBytes;
  public long unexpectedFailures;

  private final long[] calls;
  private final long[] nanos;
  private final long[] rejected;
  private final long[] failed;
  private final @Nullable LatencyHistogram[] latencies;

  /** Counters for that many rows of the command table. */
  public LoopStats(int commands) {
    calls = new long[commands];
    nanos = new long[commands];
    rejected = new long[commands];
    failed = new long[commands];
    latencies = new LatencyHistogram[commands];
  }

  /** A command ran. */
  public void ran(int command, long durationNanos, boolean withLatency) {
    commandsProcessed++;
    calls[command]++;
    nanos[command] += durationNanos;
    if (withLatency) {
      LatencyHistogram histogram = latencies[command];
      if (histogram == null) {
        histogram = new LatencyHistogram();
        latencies[command] = histogram;
      }
      histogram.record(durationNanos);
    }
  }

  /** A command was refused before it ran. */
  public void rejected(int command) {
    rejected[command]++;
  }

  /** A command that ran before and had to wait was answered. */
  public void answered(int command, long durationNanos) {
    nanos[command] += durationNanos;
  }

  /** A command ran and answered with an error. */
  public void failed(int command) {
    failed[command]++;
  }

  /** Adds these counters to a sum. */
  void addTo(LoopStats sum) {
    sum.commandsProcessed += commandsProcessed;
    sum.bytesIn += bytesIn;
    sum.bytesOut += bytesOut;
    sum.reads += reads;
    sum.writes += writes;
    sum.connectionsReceived += connectionsReceived;
    sum.connectionsRejected += connectionsRejected;
    sum.unexpectedFailures += unexpectedFailures;
    sum.queryBufferPeakBytes = Math.max(sum.queryBufferPeakBytes, queryBufferPeakBytes);
    for (int i = 0; i < calls.length; i++) {
      sum.calls[i] += calls[i];
      sum.nanos[i] += nanos[i];
      sum.rejected[i] += rejected[i];
      sum.failed[i] += failed[i];
      addLatency(sum, i);
    }
  }

  private void addLatency(LoopStats sum, int command) {
    LatencyHistogram mine = latencies[command];
    if (mine != null) {
      LatencyHistogram theirs = sum.latencies[command];
      if (theirs == null) {
        theirs = new LatencyHistogram();
        sum.latencies[command] = theirs;
      }
      theirs.add(mine);
    }
  }

  /** Takes away what was counted before a reset. */
  void subtract(LoopStats before) {
    commandsProcessed -= before.commandsProcessed;
    bytesIn -= before.bytesIn;
    bytesOut -= before.bytesOut;
    reads -= before.reads;
    writes -= before.writes;
    connectionsReceived -= before.connectionsReceived;
    connectionsRejected -= before.connectionsRejected;
    unexpectedFailures -= before.unexpectedFailures;
    for (int i = 0; i < calls.length; i++) {
      calls[i] -= before.calls[i];
      nanos[i] -= before.nanos[i];
      rejected[i] -= before.rejected[i];
      failed[i] -= before.failed[i];
      LatencyHistogram mine = latencies[i];
      LatencyHistogram old = before.latencies[i];
      if (mine != null && old != null) {
        mine.subtract(old);
      }
    }
  }

  /** How often a command ran. */
  public long calls(int command) {
    return calls[command];
  }

  /** How long a command ran in all, in microseconds. */
  public long micros(int command) {
    return nanos[command] / 1000;
  }

  /** How often a command was refused before it ran. */
  public long rejections(int command) {
    return rejected[command];
  }

  /** How often a command answered with an error. */
  public long failures(int command) {
    return failed[command];
  }

  /** How a command's durations are spread; null where it never ran or nothing is recorded. */
  public @Nullable LatencyHistogram latency(int command) {
    return latencies[command];
  }
}
