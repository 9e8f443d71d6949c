package io.redknot.server.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.redknot.server.Clock;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When the blocked commands of an event loop give up, with one timer for all of them: that of the
 * earliest. A heap, in which each entry knows its place, so that it can be taken out.
 *
 * <p>The event loop only.
 */
final class Deadlines {
  private static final Suspension[] NONE = {};

  private final EventLoop eventLoop;
  private final Clock clock;
  private Suspension[] heap = NONE;
  private int size;
  private @Nullable Future<?> timer;
  private long timerNanos;

  Deadlines(EventLoop eventLoop, Clock clock) {
    this.eventLoop = eventLoop;
    this.clock = clock;
  }

  /** Number of commands that give up some time. */
  int size() {
    return size;
  }

  /** Ends a command after a time, unless it is taken out before. */
  void add(Suspension entry, long timeoutMs) {
    long far = Long.MAX_VALUE / 4;
    entry.deadlineNanos = clock.nanos() + Math.min(far, TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, Math.max(16, 2 * size));
    }
    heap[size] = entry;
    entry.deadlineIndex = size;
    size++;
    up(size - 1);
    schedule();
  }

  /** Takes a command out, if it is there. */
  void remove(Suspension entry) {
    int at = entry.deadlineIndex;
    if (at < 0) {
      return;
    }
    entry.deadlineIndex = -1;
    size--;
    Suspension last = heap[size];
    // The array is cleared behind the entries, so that it keeps none of them alive.
    Arrays.fill(heap, size, size + 1, null);
    if (at < size) {
      put(at, last);
      up(at);
      down(at);
    }
    if (size == 0) {
      heap = NONE;
    }
  }

  private void put(int at, Suspension entry) {
    heap[at] = entry;
    entry.deadlineIndex = at;
  }

  private boolean isEarlier(int a, int b) {
    return heap[a].deadlineNanos - heap[b].deadlineNanos < 0;
  }

  private void swap(int a, int b) {
    Suspension entry = heap[a];
    put(a, heap[b]);
    put(b, entry);
  }

  private void up(int from) {
    int at = from;
    while (at > 0 && isEarlier(at, (at - 1) / 2)) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }

  private void down(int from) {
    int at = from;
    int child = earlierChild(at);
    while (child < size && isEarlier(child, at)) {
      swap(child, at);
      at = child;
      child = earlierChild(at);
    }
  }

  private int earlierChild(int at) {
    int child = 2 * at + 1;
    return child + 1 < size && isEarlier(child + 1, child) ? child + 1 : child;
  }

  private void schedule() {
    long earliest = heap[0].deadlineNanos;
    Future<?> running = timer;
    if (running != null && timerNanos - earliest <= 0) {
      return;
    }
    if (running != null) {
      running.cancel(false);
    }
    timerNanos = earliest;
    long wait = Math.max(0, earliest - clock.nanos());
    timer = eventLoop.schedule(this::fire, wait, TimeUnit.NANOSECONDS);
  }

  private void fire() {
    timer = null;
    while (size > 0 && heap[0].deadlineNanos - clock.nanos() <= 0) {
      Suspension over = heap[0];
      remove(over);
      over.timeOut();
    }
    if (size > 0) {
      schedule();
    }
  }
}
