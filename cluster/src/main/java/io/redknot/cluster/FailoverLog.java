package io.redknot.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last events of failovers; the oldest give way. */
final class FailoverLog {
  static final int EVENTS_MAX = 256;

  private final Deque<FailoverEvent> events = new ArrayDeque<>();
  private List<FailoverEvent> shared = List.of();
  private boolean changed;

  void add(FailoverEvent event) {
    if (events.size() == EVENTS_MAX) {
      events.removeFirst();
    }
    events.addLast(event);
    changed = true;
  }

  /** All of them, the oldest first; the same list as long as none is added. */
  List<FailoverEvent> all() {
    if (changed) {
      shared = List.copyOf(events);
      changed = false;
    }
    return shared;
  }
}
