package io.redknot.server.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Spikes of latency by the name of what caused them: {@code command}, {@code fast-command}, … */
public final class LatencyMonitor {
  /** Samples kept of each event. */
  public static final int SAMPLES_MAX = 160;

  /** The longest spike within one second. */
  public record Sample(long unixSeconds, long durationMs) {}

  /** An event's last and longest spike. */
  public record Latest(String event, long unixSeconds, long durationMs, long maxMs) {}

  private static final class Series {
    final List<Sample> samples = new ArrayList<>();
    long maxMs;

    void add(Sample sample) {
      maxMs = Math.max(maxMs, sample.durationMs);
      if (!samples.isEmpty() && samples.getLast().unixSeconds == sample.unixSeconds) {
        Sample last = samples.removeLast();
        samples.add(last.durationMs > sample.durationMs ? last : sample);
        return;
      }
      if (samples.size() == SAMPLES_MAX) {
        samples.removeFirst();
      }
      samples.add(sample);
    }
  }

  private final Map<String, Series> events = new LinkedHashMap<>();
  private volatile long thresholdNanos = Long.MAX_VALUE;

  /** Sets from which duration on a spike is kept; 0 keeps none. */
  public void thresholdMs(long ms) {
    thresholdNanos = ms <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** Whether a spike of that duration is kept. */
  public boolean isSpike(long nanos) {
    return nanos >= thresholdNanos;
  }

  /** Keeps a spike. */
  public synchronized void add(String event, long nowMs, long nanos) {
    events
        .computeIfAbsent(event, name -> new Series())
        .add(new Sample(nowMs / 1000, nanos / 1_000_000));
  }

  /** The last spike of every event. */
  public synchronized List<Latest> latest() {
    List<Latest> list = new ArrayList<>();
    for (Map.Entry<String, Series> event : events.entrySet()) {
      Sample last = event.getValue().samples.getLast();
      list.add(
          new Latest(event.getKey(), last.unixSeconds, last.durationMs, event.getValue().maxMs));
    }
    return list;
  }

  /** The samples of an event, oldest first; empty where there are none. */
  public synchronized List<Sample> history(String event) {
    Series series = events.get(event);
    return series == null ? List.of() : List.copyOf(series.samples);
  }

  /** Forgets an event; false where there was nothing to forget. */
  public synchronized boolean reset(String event) {
    return events.remove(event) != null;
  }

  /** Forgets all events; returns their number. */
  public synchronized int resetAll() {
    int size = events.size();
    events.clear();
    return size;
  }
}
