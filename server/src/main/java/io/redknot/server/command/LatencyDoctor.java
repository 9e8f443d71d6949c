package io.redknot.server.command;

import io.redknot.server.stats.LatencyMonitor;
import java.util.List;

/** What LATENCY DOCTOR tells: the spikes there were, and where to look. */
final class LatencyDoctor {
  private LatencyDoctor() {}

  /**
   * The report.
   *
   * @param thresholdMs from which duration on spikes are kept; 0: none are
   */
  static String report(LatencyMonitor latencies, long thresholdMs) {
    if (thresholdMs == 0) {
      return "Latency is not watched. Turn it on with CONFIG SET latency-monitor-threshold"
          + " <milliseconds>, and ask again when the server has been slow.\n";
    }
    List<LatencyMonitor.Latest> events = latencies.latest();
    if (events.isEmpty()) {
      return "No spike of " + thresholdMs + " ms or more has been seen. All is well.\n";
    }
    StringBuilder out = new StringBuilder("Spikes of ");
    out.append(thresholdMs).append(" ms or more:\n\n");
    for (LatencyMonitor.Latest event : events) {
      List<LatencyMonitor.Sample> samples = latencies.history(event.event());
      double mean =
          samples.stream().mapToLong(LatencyMonitor.Sample::durationMs).average().orElse(0);
      out.append(event.event()).append(": ").append(samples.size()).append(" spikes, mean ");
      out.append(Math.round(mean)).append(" ms, longest ").append(event.maxMs());
      out.append(" ms. ").append(advice(event.event())).append('\n');
    }
    return out.toString();
  }

  private static String advice(String event) {
    return switch (event) {
      case "command", "fast-command" ->
          "SLOWLOG GET shows slow commands; a command that is slow though it is cheap points to a"
              + " pause of the JVM or to a machine that is busy.";
      case "expire-cycle" -> "Many keys expire at the same time; spread their expiries.";
      case "eviction-cycle" -> "Memory is full; raise maxmemory or store less.";
      default -> "LATENCY HISTORY " + event + " shows when.";
    };
  }
}
