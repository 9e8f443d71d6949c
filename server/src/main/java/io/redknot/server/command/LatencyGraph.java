package io.redknot.server.command;

import io.redknot.server.stats.LatencyMonitor.Sample;
import java.util.List;

/** Draws the spikes of an event as bars, oldest on the left, with their ages below. */
final class LatencyGraph {
  private static final int WIDTH = 80;
  private static final int HEIGHT = 4;

  private LatencyGraph() {}

  /**
   * The drawing: a line of figures, a rule, the bars, and how long ago each spike was, written
   * downwards.
   *
   * @param samples oldest first, not empty
   * @param maxMs the longest spike there ever was
   */
  static String draw(String event, List<Sample> samples, long maxMs, long nowSeconds) {
    List<Sample> shown = samples.subList(Math.max(0, samples.size() - WIDTH), samples.size());
    long high = shown.stream().mapToLong(Sample::durationMs).max().orElse(0);
    long low = shown.stream().mapToLong(Sample::durationMs).min().orElse(0);
    StringBuilder out = new StringBuilder();
    out.append(event).append(" - high ").append(high).append(" ms, low ").append(low);
    out.append(" ms (all time high ").append(maxMs).append(" ms)\n");
    out.repeat('-', WIDTH).append('\n');
    for (int row = HEIGHT; row > 0; row--) {
      appendRow(out, shown, row, high);
    }
    out.append('\n');
    appendAges(out, shown, nowSeconds);
    return out.toString();
  }

  private static void appendRow(StringBuilder out, List<Sample> samples, int row, long high) {
    for (Sample sample : samples) {
      long bar = high == 0 ? 1 : Math.max(1, Math.ceilDiv(sample.durationMs() * HEIGHT, high));
      out.append(bar >= row ? (bar == row ? '_' : '|') : ' ');
    }
    out.append('\n');
  }

  private static void appendAges(StringBuilder out, List<Sample> samples, long nowSeconds) {
    List<String> ages =
        samples.stream().map(sample -> age(nowSeconds - sample.unixSeconds())).toList();
    int rows = ages.stream().mapToInt(String::length).max().orElse(0);
    for (int row = 0; row < rows; row++) {
      for (String age : ages) {
        out.append(row < age.length() ? age.charAt(row) : ' ');
      }
      out.append('\n');
    }
  }

  private static String age(long seconds) {
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m";
    }
    return seconds < 86_400 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }
}
